// What leaves as JSON text (PROTOCOL.md §2).
import { errorText, jsonValueOf, notificationText, pongText, requestText, responseText } from '@mcpw/protocol';

import type { SharedMessage } from '../connection/shared-message.js';
import type { AnsweredMethod, MessageCodec, MessageId, WireError } from '../connection/message-codec.js';
import type { CallMeta } from '../extension/caller.js';
import { EncodedParams, type SharedNotification } from '../extension/channel.js';
import type { TraceContext } from '../extension/trace-context.js';
import { SharedText } from './shared-text.js';

export class TextCodec implements MessageCodec {
  readonly name = 'json';

  response(id: MessageId, _method: AnsweredMethod, result: unknown, meta?: TraceContext): string {
    return responseText(String(id), jsonValueOf(result), meta);
  }

  error(id: MessageId, _method: number, error: WireError): string {
    return errorText(String(id), error);
  }

  pong(id: MessageId, timestamp: string): string {
    return pongText(String(id), timestamp);
  }

  notification(_sequence: number, method: string, params: object, meta?: TraceContext): string {
    return notificationText(method, jsonValueOf(params), meta);
  }

  request(sequence: number, method: string, params: object, meta?: CallMeta): string {
    return requestText(String(sequence), method, jsonValueOf(params), meta);
  }

  shared(notification: SharedNotification): SharedMessage {
    const encoded = encodedOf(notification);
    return (encoded.text ??= new SharedText(notification.method, membersOf(notification)));
  }
}

function membersOf({ given }: SharedNotification): string {
  return given instanceof EncodedParams ? given.text : JSON.stringify(jsonValueOf(given)).slice(1, -1);
}

/** The forms of a notification that were made already. */
export function encodedOf(notification: SharedNotification): { text?: SharedMessage; binary?: SharedMessage } {
  return (notification.encoded ??= {});
}
