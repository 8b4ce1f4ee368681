/** What is read of a frame's `meta`. PROTOCOL.md §2. */
import { defineShape } from '../msgpack/shape.js';
import type { EnvelopeMeta } from '../text/envelope.js';

export const metaShape = defineShape<EnvelopeMeta>(
  { traceparent: 'value', tracestate: 'value', idempotency_key: 'value', timeout_ms: 'value' },
  { others: 'skip' },
);

/** Only what decides how a request is run: for servers that do not trace. */
export const controlMetaShape = defineShape<EnvelopeMeta>(
  { traceparent: 'skip', tracestate: 'skip', idempotency_key: 'value', timeout_ms: 'value' },
  { others: 'skip' },
);
