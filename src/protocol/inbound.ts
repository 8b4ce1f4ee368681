// A message that has come in, as far as it had to be read to know what it is. Both encodings become this.
import type { MessageType, WireError } from '@mcpw/protocol';

import type { MessageCodec, MessageId } from '../connection/message-codec.js';
import type { CallMeta } from '../extension/caller.js';
import type { Method } from './method.js';

export interface Inbound {
  readonly type: MessageType;
  readonly id: MessageId;
  /** The encoding it came in, in which it is answered. */
  readonly codec: MessageCodec;
  /** `undefined` where its type has none, or nobody knows it. */
  readonly method: Method | undefined;
  /** As it was sent, known or not; 0 where the encoding has none. */
  readonly methodNumber: number;
  /** Milliseconds since the Unix epoch, as the sender says. */
  readonly ts: number | undefined;
  readonly nonce: string | undefined;
  /** Decodes what the checks of a request or notification did not need. @throws Failure `invalid_message`, `too_large` */
  read(into: CallParts): void;
  /** Decodes an answer to a request of ours. @throws Failure as `read` */
  readAnswer(): Answer;
}

/** Where a call's parts are put. */
export interface CallParts {
  /** Stays as it is where the message has none. */
  meta: CallMeta;
  /** Its params, as they came. */
  body: unknown;
}

export interface Answer {
  readonly outcome: { readonly result: unknown } | { readonly error: WireError };
  readonly meta: CallMeta | undefined;
}
