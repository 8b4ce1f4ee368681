// What leaves as binary frames (PROTOCOL.md §3).
import { encodeMsgpack, FrameWriter, HEADER_BYTES, shapesOf, type Codec } from '@mcpw/protocol';

import type { MessageCodec, MessageId, WireError } from '../connection/message-codec.js';
import type { SharedMessage } from '../connection/outbox.js';
import type { CallMeta } from '../extension/caller.js';
import type { SharedNotification } from '../extension/channel.js';
import { encodedOf, PLACEHOLDER } from './text-codec.js';

/** Where a frame's sequence id stands. */
const SEQUENCE_OFFSET = 8;

export class BinaryCodec implements MessageCodec {
  readonly name = 'binary';
  private readonly writer = new FrameWriter();

  /** @param numberOf the number of a method's or notification's name */
  constructor(private readonly numberOf: (method: string) => number) {}

  response(id: MessageId, method: string, result: unknown): Uint8Array {
    const number = this.numberOf(method);
    return this.writer.response(Number(id), number, result, shapesOf(number)?.result);
  }

  error(id: MessageId, method: string, error: WireError): Uint8Array {
    return this.writer.error(Number(id), this.numberOf(method), error);
  }

  pong(id: MessageId, timestamp: string): Uint8Array {
    return this.writer.pong(Number(id), timestamp);
  }

  notification(sequence: number, method: string, params: object): Uint8Array {
    return this.writer.notification(sequence, this.numberOf(method), params);
  }

  request(sequence: number, method: string, params: object, meta?: CallMeta): Uint8Array {
    return this.writer.request(sequence, this.numberOf(method), params, meta);
  }

  shared(notification: SharedNotification): SharedMessage {
    const encoded = encodedOf(notification);
    return (encoded.binary ??= this.template(notification));
  }

  private template({ method, params }: SharedNotification): SharedMessage {
    // A copy: the writer's slab is shared with frames that come after.
    const bytes = Buffer.from(this.writer.notification(0, this.numberOf(method), params, ADDRESSED));
    return { isText: false, bytes, idOffset: bytes.indexOf(PLACEHOLDER, HEADER_BYTES, 'latin1'), sequenceOffset: SEQUENCE_OFFSET };
  }
}

const SUBSCRIPTION_ID = encodeMsgpack('subscription_id');
const ID_PLACEHOLDER = encodeMsgpack(PLACEHOLDER);

/** The params of a shared notification behind a subscription id. */
const ADDRESSED: Codec<SharedNotification['params']> = {
  read: () => undefined,
  write(out, params) {
    const names = Object.keys(params);
    out.writeMapHeader(1 + names.length);
    out.writeBytes(SUBSCRIPTION_ID);
    out.writeBytes(ID_PLACEHOLDER);
    for (const name of names) {
      out.writeString(name);
      out.writeValue(params[name]);
    }
  },
};
