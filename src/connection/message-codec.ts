// The port by which a connection has what it sends encoded. protocol/ has one implementation for each encoding.
import type { SharedNotification } from '../extension/channel.js';
import type { CallMeta } from '../extension/caller.js';
import type { TraceContext } from '../extension/trace-context.js';
import type { PlacedFrame } from './frame-slab.js';
import type { SharedMessage } from './shared-message.js';

export interface WireError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** The id of a message: a string in JSON, a number in binary frames. */
export type MessageId = string | number;

export interface AnsweredMethod {
  readonly name: string;
  readonly number: number;
}

export interface MessageCodec {
  readonly name: 'json' | 'binary';
  /** @param method the request's, with its number in binary frames */
  response(id: MessageId, method: AnsweredMethod, result: unknown, meta?: TraceContext): string | PlacedFrame;
  /** @param method the number of what it is about, as the peer sent it */
  error(id: MessageId, method: number, error: WireError): string | Uint8Array;
  pong(id: MessageId, timestamp: string): string | Uint8Array;
  /** @param sequence the connection's own counter; only binary bears it */
  notification(sequence: number, method: string, params: object, meta?: TraceContext): string | Uint8Array;
  request(sequence: number, method: string, params: object, meta?: CallMeta): string | Uint8Array;
  /** The template of a notification that many receive; made once and kept with it. */
  shared(notification: SharedNotification): SharedMessage;
}

/** Signs or encrypts what leaves, where the session agreed on keys (PROTOCOL.md §4). */
export interface MessageSealer {
  seal(message: string | Uint8Array): string | Uint8Array;
  /** Forgets the keys. */
  wipe(): void;
}
