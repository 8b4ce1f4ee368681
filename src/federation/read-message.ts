// JSON-RPC text of an upstream, as a message. An answer that cannot be read is still an answer: an error, for who waits for it.
import { parseJSONRPCMessage, type JSONRPCMessage } from '@modelcontextprotocol/client';
import { isDeeperThan, MAX_DEPTH } from '@mcpw/protocol';

/** JSON-RPC error of an answer that cannot be read. */
export const UNREADABLE = -32_098;

/** What an envelope, a list and a tool's definition add to the depth of what they hold. */
const ENVELOPE_DEPTH = 8;

/** @throws Error where it is no JSON-RPC message and answers nothing */
export function readMessage(text: string): JSONRPCMessage {
  const value: unknown = JSON.parse(text);
  try {
    // Before the SDK's schemas walk it, which they do by recursion.
    if (isDeeperThan(value, MAX_DEPTH + ENVELOPE_DEPTH)) throw new Error(`nested deeper than ${MAX_DEPTH + ENVELOPE_DEPTH}`);
    return parseJSONRPCMessage(value);
  } catch (error) {
    const { id, method } = (value ?? {}) as { id?: unknown; method?: unknown };
    if (method !== undefined || (typeof id !== 'string' && typeof id !== 'number')) throw error;
    return { jsonrpc: '2.0', id, error: { code: UNREADABLE, message: 'the answer cannot be read' } };
  }
}
