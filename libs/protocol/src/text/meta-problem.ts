/** What is wrong with a message's `meta`, in both encodings. PROTOCOL.md §2. Unknown members are ignored. */
import { MAX_ID_LENGTH } from '../limits.js';

/** The problem in words, or `undefined` where `meta` is an `EnvelopeMeta`. */
export function metaProblem(meta: unknown): string | undefined {
  if (typeof meta !== 'object' || meta === null || Array.isArray(meta)) return 'meta is an object';
  const { traceparent, tracestate, idempotency_key: key, timeout_ms: timeoutMs } = meta as Record<string, unknown>;
  if (traceparent !== undefined && typeof traceparent !== 'string') return 'meta.traceparent is a string';
  if (tracestate !== undefined && typeof tracestate !== 'string') return 'meta.tracestate is a string';
  if (key !== undefined && !(typeof key === 'string' && key.length > 0 && key.length <= MAX_ID_LENGTH)) {
    return `meta.idempotency_key is a string of 1 to ${MAX_ID_LENGTH} characters`;
  }
  if (timeoutMs !== undefined && !(Number.isSafeInteger(timeoutMs) && (timeoutMs as number) > 0)) {
    return 'meta.timeout_ms is a positive integer';
  }
  return undefined;
}
