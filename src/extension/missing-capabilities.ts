// What a client would have to be able to do for what is asked of it.
import type { ClientCapabilities } from '@modelcontextprotocol/server';

import type { InputRequest } from './calling-client.js';
import { isRecord } from './is-record.js';

type Capabilities = Readonly<Record<string, unknown>>;

/** MCP's `ClientCapabilities` that it lacks, or undefined where it can do all. */
export function missingCapabilities(
  requests: Readonly<Record<string, InputRequest>>,
  capabilities: Capabilities,
): ClientCapabilities | undefined {
  const missing: ClientCapabilities = {};
  for (const { method, params } of Object.values(requests)) {
    if (method === 'roots/list' && !isRecord(capabilities['roots'])) missing.roots = {};
    if (method === 'sampling/createMessage' && !isRecord(capabilities['sampling'])) missing.sampling = {};
    if (method === 'elicitation/create') {
      const mode = params?.['mode'] === 'url' ? 'url' : 'form';
      if (!canElicit(capabilities['elicitation'], mode)) missing.elicitation = { ...missing.elicitation, [mode]: {} };
    }
  }
  return Object.keys(missing).length === 0 ? undefined : missing;
}

/** An empty capability means forms. */
function canElicit(capability: unknown, mode: 'form' | 'url'): boolean {
  if (!isRecord(capability)) return false;
  return isRecord(capability[mode]) || (mode === 'form' && capability['url'] === undefined);
}
