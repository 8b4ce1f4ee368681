// Messages as JSON text (protocol §2). Bytes in them become base64; as in frames, nesting that no server takes is a RangeError.
import {
  batchText,
  errorText,
  jsonValueOf,
  notificationText,
  pingText,
  pongText,
  requestText,
  responseText,
  type EnvelopeMeta,
  type WireError,
} from '@mcpw/protocol';

import type { MessageId } from './incoming.js';
import { notTooDeep } from './json-nesting.js';
import type { Encoded, MessageCodec } from './message-codec.js';

export class JsonCodec implements MessageCodec {
  idOf(count: number): string {
    return String(count);
  }

  request(count: number, method: string, params: unknown, meta?: EnvelopeMeta): string {
    return notTooDeep(requestText(String(count), method, jsonValueOf(params), meta));
  }

  notification(_count: number, method: string, params: unknown): string {
    return notTooDeep(notificationText(method, jsonValueOf(params)));
  }

  response(id: MessageId, _method: string, result: unknown): string {
    return notTooDeep(responseText(String(id), jsonValueOf(result)));
  }

  error(id: MessageId, _method: string, error: WireError): string {
    return notTooDeep(errorText(String(id), jsonValueOf(error) as WireError));
  }

  ping(count: number): string {
    return pingText(String(count));
  }

  pong(id: MessageId, timestamp: string): string {
    return pongText(String(id), timestamp);
  }

  batch(count: number, messages: readonly Encoded[]): string {
    return batchText(String(count), messages as readonly string[]);
  }
}
