// What an encoding must be able to do with messages on their way out. Compression and protection come after: protection.ts.
import type { EnvelopeMeta, WireError } from '@mcpw/protocol';

import type { MessageId } from './incoming.js';

export type Encoded = string | Uint8Array;

/** What cannot be encoded is thrown: nesting deeper than 64 (RangeError), a bigint that is no number on the wire, a circle. */
export interface MessageCodec {
  /** A request's id as the wire has it, e.g. for `tool.cancel`. */
  idOf(count: number): MessageId;
  request(count: number, method: string, params: unknown, meta?: EnvelopeMeta): Encoded;
  notification(count: number, method: string, params: unknown): Encoded;
  response(id: MessageId, method: string, result: unknown): Encoded;
  error(id: MessageId, method: string, error: WireError): Encoded;
  ping(count: number): Encoded;
  /** @param timestamp RFC 3339 UTC with milliseconds */
  pong(id: MessageId, timestamp: string): Encoded;
  /** @param messages 1 to 100 of this codec's own */
  batch(count: number, messages: readonly Encoded[]): Encoded;
}
