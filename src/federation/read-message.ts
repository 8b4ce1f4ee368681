// JSON-RPC text of an upstream, as a message. An answer that cannot be read is still an answer: an error, for who waits for it.
import { parseJSONRPCMessage, type JSONRPCMessage } from '@modelcontextprotocol/client';
import { isDeeperThan, MAX_DEPTH } from '@mcpw/protocol';

import type { Inspection } from '../egress/limited-body.js';
import { ANSWER_BOUNDS } from '../validation/census/bounds.js';
import { jsonProblem, worthCountingBytes } from '../validation/census/json-census.js';

/** JSON-RPC error of an answer that cannot be read. */
export const UNREADABLE = -32_098;
/** And of one that is not read: it is too large, or has too many names or values. */
export const TOO_LARGE = -32_097;

/** Of messages that are large: how many names and values they have. */
export const INSPECTION: Inspection = {
  leastBytes: worthCountingBytes(ANSWER_BOUNDS),
  problemOf: (bytes) => jsonProblem(bytes, ANSWER_BOUNDS),
};

/** What an envelope, a list and a tool's definition add to the depth of what they hold. */
const ENVELOPE_DEPTH = 8;

/** Where the id stands in an answer that is not parsed: before all that is long, or behind it. */
const LEADING_ID = /^\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?"id"\s*:\s*(\d{1,15})\s*,/;
const TRAILING_ID = /[\]}"]\s*,(?:\s*"jsonrpc"\s*:\s*"2\.0"\s*,)?\s*"id"\s*:\s*(\d{1,15})\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$/;
/** A question of the other side's own: its id is none of ours. */
const QUESTION = /^\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?(?:"id"\s*:\s*[^,]+,\s*)?"method"/;
const ID_CHARACTERS = 200;

/** @throws Error where it is no JSON-RPC message and answers nothing */
export function readMessage(text: string): JSONRPCMessage {
  const problem = text.length < INSPECTION.leastBytes ? undefined : INSPECTION.problemOf(Buffer.from(text));
  if (problem !== undefined) return tooLarge(text, problem);
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

function tooLarge(text: string, problem: string): JSONRPCMessage {
  const start = text.slice(0, ID_CHARACTERS);
  const id = (LEADING_ID.exec(start) ?? TRAILING_ID.exec(text.slice(-ID_CHARACTERS)))?.[1];
  if (id === undefined || QUESTION.test(start)) throw new Error(problem);
  return { jsonrpc: '2.0', id: Number(id), error: { code: TOO_LARGE, message: problem } };
}
