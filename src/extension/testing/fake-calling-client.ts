// A client of MCP for specs, which can be asked for what its user says.
import type { CallingClient } from '../calling-client.js';

export function fakeCallingClient(more: Partial<CallingClient> = {}): CallingClient {
  return { capabilities: { elicitation: {} }, responses: {}, state: undefined, logLevel: undefined, log: () => undefined, ...more };
}
