// One message from the server, whatever it was encoded in.
import type { EnvelopeMeta, WireError } from '@mcpw/protocol';

import type { JsonObject } from './method-map.js';

export type Encoding = 'json' | 'binary';

/** The envelope's string, or the frame's sequence id. */
export type MessageId = string | number;

/** `encoding` is that in which the answer is due. */
export type IncomingRequest = {
  readonly type: 'request';
  readonly id: MessageId;
  readonly method: string;
  readonly params: JsonObject;
  readonly meta: EnvelopeMeta | undefined;
  readonly encoding: Encoding;
};

export type Incoming =
  | IncomingRequest
  | { readonly type: 'notification'; readonly id: MessageId; readonly method: string; readonly params: JsonObject }
  | { readonly type: 'response'; readonly id: MessageId; readonly result: unknown }
  | { readonly type: 'error'; readonly id: MessageId; readonly error: WireError }
  | { readonly type: 'ping'; readonly id: MessageId; readonly encoding: Encoding }
  | { readonly type: 'pong'; readonly id: MessageId };
