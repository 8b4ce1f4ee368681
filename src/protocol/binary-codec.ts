// What leaves as binary frames (PROTOCOL.md §3).
import {
  Encoded,
  encodeMsgpack,
  FrameFlag,
  FrameWriter,
  HEADER_BYTES,
  MessageType,
  MsgpackReader,
  MsgpackWriter,
  shapesOf,
  writeHeader,
  type Codec,
} from '@mcpw/protocol';

import { HEAD_ROOM, PlacedFrame, SLAB_BYTES, takeSlab, type Slab } from '../connection/frame-slab.js';
import type { AnsweredMethod, MessageCodec, MessageId, WireError } from '../connection/message-codec.js';
import type { SharedMessage } from '../connection/shared-message.js';
import type { CallMeta } from '../extension/caller.js';
import { EncodedParams, type SharedNotification } from '../extension/channel.js';
import type { TraceContext } from '../extension/trace-context.js';
import { SharedFrame } from './shared-frame.js';
import { encodedOf } from './text-codec.js';

export class BinaryCodec implements MessageCodec {
  readonly name = 'binary';
  private readonly writer = new FrameWriter();
  private slab: Slab | undefined;
  private readonly answers: MsgpackWriter;

  /** @param numberOf the number of a method's or notification's name */
  constructor(private readonly numberOf: (method: string) => number) {
    this.answers = new MsgpackWriter(SLAB_BYTES, (size) => {
      this.slab?.release();
      this.slab = takeSlab(size);
      return this.slab.bytes;
    });
  }

  /** The frame is where the socket takes it from; whoever sends it, or does not, releases it. */
  response(id: MessageId, { number }: AnsweredMethod, result: unknown, meta?: TraceContext): PlacedFrame {
    const { answers: out } = this;
    if ((this.slab as Slab).isIdle) out.rewind();
    else out.begin();
    out.ensure(HEAD_ROOM + HEADER_BYTES);
    out.pos += HEAD_ROOM + HEADER_BYTES;
    const codec = shapesOf(number)?.result as Codec<unknown> | undefined;
    if (meta !== undefined) {
      out.writeArrayHeader(2);
      out.writeValue(meta);
    }
    if (result instanceof Encoded) result.pack(out);
    else if (codec !== undefined && result !== undefined) codec.write(out, result);
    else if (result !== undefined) out.writeValue(result);
    else if (meta !== undefined) out.writeMapHeader(0);
    const start = out.messageStart + HEAD_ROOM;
    const flags = meta === undefined ? 0 : FrameFlag.META;
    writeHeader(out.view, start, MessageType.RESPONSE, flags, id as number, number, out.pos - start - HEADER_BYTES);
    const frame = new PlacedFrame(this.slab as Slab, start, out.pos);
    out.keep();
    return frame;
  }

  error(id: MessageId, method: number, error: WireError): Uint8Array {
    return this.writer.error(Number(id), method, error);
  }

  pong(id: MessageId, timestamp: string): Uint8Array {
    return this.writer.pong(Number(id), timestamp);
  }

  notification(sequence: number, method: string, params: object, meta?: TraceContext): Uint8Array {
    return this.writer.notification(sequence, this.numberOf(method), params, undefined, meta);
  }

  request(sequence: number, method: string, params: object, meta?: CallMeta): Uint8Array {
    return this.writer.request(sequence, this.numberOf(method), params, meta);
  }

  shared(notification: SharedNotification): SharedMessage {
    const encoded = encodedOf(notification);
    return (encoded.binary ??= this.template(notification));
  }

  private template({ method, given }: SharedNotification): SharedMessage {
    const number = this.numberOf(method);
    if (given instanceof EncodedParams) return new SharedFrame(number, given.packed, given.count);
    const packed = encodeMsgpack(given);
    const reader = new MsgpackReader().reset(packed, 0, packed.length);
    const count = reader.readMapHeader();
    // A copy: the encoder's slab is shared with what comes after.
    return new SharedFrame(number, Uint8Array.from(packed.subarray(reader.pos)), count);
  }
}
