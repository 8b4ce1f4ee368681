/**
 * JSON text to a checked envelope, parsed once. PROTOCOL.md §2.
 * Bad input is a return value, not an exception: it is an expected outcome on the hot path.
 */
import { ErrorCode } from '../catalog/error-code.js';
import { MessageType } from '../catalog/message-type.js';
import { MAX_BATCH, MAX_DEPTH, MAX_ID_LENGTH, MAX_NONCE_LENGTH, MIN_NONCE_LENGTH, SHORTEST_TOO_DEEP } from '../limits.js';
import type { Envelope, JsonObject, ParsedMessage, Refusal } from './envelope.js';
import { isDeeperThan } from './json-depth.js';
import { metaProblem } from './meta-problem.js';

/**
 * Reads one text message. A batch's envelope has its `members`, each accepted or refused on its own.
 * Every refusal is 4000 and bears the message's id where that could be read.
 */
export function parseText(text: string): ParsedMessage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse(UNKNOWN, '', 'the message is not JSON');
  }
  return readEnvelope(value, text.length < SHORTEST_TOO_DEEP, false);
}

function readEnvelope(value: unknown, knownShallow: boolean, inBatch: boolean): ParsedMessage {
  if (!isObject(value)) return refuse(UNKNOWN, '', 'a message is a JSON object');
  const { id, type } = value;
  const goodId = typeof id === 'string' && id.length > 0 && id.length <= MAX_ID_LENGTH ? id : '';
  if (type === MessageType.BATCH) {
    if (inBatch) return refuse(type, goodId, 'a batch may not hold a batch');
    return readBatch(value, goodId, knownShallow);
  }
  if (!knownShallow && isDeeperThan(value, MAX_DEPTH)) {
    return refuse(typeOf(value), goodId, `nesting is deeper than ${MAX_DEPTH}`);
  }
  const problem = problemOf(value, goodId);
  return problem === undefined ? { ok: true, envelope: envelopeOf(value, goodId) } : refuse(typeOf(value), goodId, problem);
}

function readBatch(value: JsonObject, id: string, knownShallow: boolean): ParsedMessage {
  const params = value['params'];
  const messages = isObject(params) ? params['messages'] : undefined;
  const { BATCH } = MessageType;
  if (id === '') return refuse(BATCH, id, ID_PROBLEM);
  if (!Array.isArray(messages) || messages.length === 0) return refuse(BATCH, id, 'params.messages of a batch is 1 to 100 messages');
  if (messages.length > MAX_BATCH) return refuse(BATCH, id, `batch of ${messages.length} messages exceeds max_batch ${MAX_BATCH}`);
  const problem = commonProblem(value);
  if (problem !== undefined) return refuse(BATCH, id, problem);
  const envelope = envelopeOf(value, id);
  envelope.params = undefined;
  envelope.members = messages.map((member) => readEnvelope(member, knownShallow, true));
  return { ok: true, envelope };
}

function envelopeOf(value: JsonObject, id: string): Envelope {
  return {
    type: value['type'] as MessageType,
    id,
    method: typeof value['method'] === 'string' ? value['method'] : '',
    params: value['params'] as JsonObject | undefined,
    result: value['result'],
    error: value['error'] as Envelope['error'],
    meta: value['meta'] as Envelope['meta'],
    ts: value['ts'] as number | undefined,
    nonce: value['nonce'] as string | undefined,
    members: undefined,
  };
}

const ID_PROBLEM = `id is a string of 1 to ${MAX_ID_LENGTH} characters`;

function problemOf(value: JsonObject, goodId: string): string | undefined {
  switch (value['type']) {
    case MessageType.REQUEST:
      if (goodId === '') return ID_PROBLEM;
      return methodProblem(value) ?? commonProblem(value);
    case MessageType.NOTIFICATION:
      return methodProblem(value) ?? commonProblem(value);
    case MessageType.RESPONSE:
      if (goodId === '') return ID_PROBLEM;
      return value['result'] === undefined ? 'a response has a result' : commonProblem(value);
    case MessageType.ERROR:
      if (goodId === '' && value['id'] !== '') return ID_PROBLEM;
      return errorProblem(value['error']) ?? commonProblem(value);
    case MessageType.PING:
    case MessageType.PONG:
      return goodId === '' ? ID_PROBLEM : commonProblem(value);
    default:
      return 'type is an integer from 0 to 6';
  }
}

function methodProblem(value: JsonObject): string | undefined {
  const { method, params } = value;
  if (typeof method !== 'string' || method === '') return 'method is a string and not empty';
  return params === undefined || isObject(params) ? undefined : 'params is an object';
}

function errorProblem(error: unknown): string | undefined {
  const good = isObject(error) && Number.isInteger(error['code']) && typeof error['message'] === 'string';
  return good ? undefined : 'error is an object with an integer code and a message';
}

function commonProblem({ meta, ts, nonce }: JsonObject): string | undefined {
  if (ts !== undefined && !Number.isSafeInteger(ts)) return 'ts is an integer';
  if (nonce !== undefined) {
    const good = typeof nonce === 'string' && nonce.length >= MIN_NONCE_LENGTH && nonce.length <= MAX_NONCE_LENGTH;
    if (!good) return `nonce is a string of ${MIN_NONCE_LENGTH} to ${MAX_NONCE_LENGTH} characters`;
  }
  return meta === undefined ? undefined : metaProblem(meta);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const UNKNOWN = -1;

function typeOf({ type }: JsonObject): number {
  return typeof type === 'number' ? type : UNKNOWN;
}

function refuse(type: number, id: string, message: string): Refusal {
  return { ok: false, type, id, code: ErrorCode.INVALID_MESSAGE, message };
}
