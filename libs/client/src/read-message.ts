// From text or an opened frame to messages. A message of the server's that is malformed is an error about its id: the
// request that waits for it fails, instead of waiting for ever.
import {
  ErrorCode,
  isAnswer,
  MessageType,
  parseText,
  type Envelope,
  type Frame,
  type FrameRefusal,
  type ParsedMessage,
} from '@mcpw/protocol';

import type { Incoming } from './incoming.js';
import type { JsonObject } from './method-map.js';
import type { MethodNumbers } from './method-numbers.js';

/** The type of a refused message whose own could not be read. */
const UNREAD = -1;

/**
 * The messages of a text, a batch's members one by one, and the nonce of the whole.
 * @param maxMessageBytes of a longer text only the ids are taken: what waits for an answer that is in it fails
 */
export function readText(text: string, maxMessageBytes: number): { messages: Incoming[]; nonce: string | undefined } {
  const parsed = parseText(text);
  if (!parsed.ok) return { messages: [fromParsed(parsed)], nonce: undefined };
  const { members, nonce } = parsed.envelope;
  const messages = (members ?? [parsed]).map(fromParsed);
  if (text.length <= maxMessageBytes) return { messages, nonce };
  const error = { code: ErrorCode.TOO_LARGE, message: `text of ${text.length} characters exceeds maxMessageBytes ${maxMessageBytes}` };
  return {
    messages: messages.map(({ type, id }) => ({ type: 'error', id: type === 'response' || type === 'error' ? id : '', error })),
    nonce,
  };
}

function fromParsed(parsed: ParsedMessage): Incoming {
  if (parsed.ok) return fromEnvelope(parsed.envelope);
  // Where even the type could not be read, it may be the answer to the request of that id.
  return { type: 'error', id: isAnswer(parsed.type) || parsed.type === UNREAD ? parsed.id : '', error: parsed };
}

function fromEnvelope({ type, id, method, params = {}, result, error, meta }: Envelope): Incoming {
  switch (type) {
    case MessageType.REQUEST:
      return { type: 'request', id, method, params, meta, encoding: 'json' };
    case MessageType.NOTIFICATION:
      return { type: 'notification', id, method, params };
    case MessageType.RESPONSE:
      return { type: 'response', id, result };
    case MessageType.PING:
      return { type: 'ping', id, encoding: 'json' };
    case MessageType.PONG:
      return { type: 'pong', id };
    default:
      return { type: 'error', id, error: error ?? { code: 0, message: 'an error without an error' } };
  }
}

/** A frame whose protection and compression are off. */
export function readOpenFrame(frame: Frame | FrameRefusal, methods: MethodNumbers): Incoming {
  if (!frame.ok) return { type: 'error', id: isAnswer(frame.type) ? frame.sequenceId : 0, error: frame };
  const { type, sequenceId: id } = frame;
  const payload = frame.payload();
  const meta = type === MessageType.REQUEST ? payload.meta() : undefined;
  const body = type === MessageType.RESPONSE ? payload.body() : payload.params();
  // Nobody waits for a request or notification of the server's: the error about it is about no id of ours.
  const about = isAnswer(type) ? id : 0;
  if (payload.fault !== undefined) return { type: 'error', id: about, error: { code: ErrorCode.INVALID_MESSAGE, message: payload.fault } };
  switch (type) {
    case MessageType.REQUEST:
      return { type: 'request', id, method: methods.nameOf(frame.method), params: body as JsonObject, meta, encoding: 'binary' };
    case MessageType.NOTIFICATION:
      return { type: 'notification', id, method: methods.nameOf(frame.method), params: body as JsonObject };
    case MessageType.RESPONSE:
      return { type: 'response', id, result: body };
    case MessageType.PING:
      return { type: 'ping', id, encoding: 'binary' };
    case MessageType.PONG:
      return { type: 'pong', id };
    default:
      return { type: 'error', id, error: body as { code: number; message: string } };
  }
}
