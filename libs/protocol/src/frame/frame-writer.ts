/**
 * Makes frames, one after another in a slab: header, then the body in MessagePack, as a view of the slab.
 * PROTOCOL.md §3. Compression and protection come after, on the finished frame.
 */
import { FrameFlag } from '../catalog/frame-flag.js';
import { MessageType } from '../catalog/message-type.js';
import { METHOD_NUMBERS } from '../catalog/method-numbers.js';
import { MsgpackWriter } from '../msgpack/writer.js';
import type { Codec } from '../msgpack/field.js';
import type { EnvelopeMeta, WireError } from '../text/envelope.js';
import { HEADER_BYTES, writeHeader } from './header.js';

export class FrameWriter {
  private readonly out: MsgpackWriter;

  /** @param out whose slabs the frames are written to. */
  constructor(out: MsgpackWriter = new MsgpackWriter()) {
    this.out = out;
  }

  /** A frame of any type: `body` as `codec` writes it, or as it is. An `undefined` body is an empty payload. */
  frame<T>(type: MessageType, sequenceId: number, method: number, body: T, codec?: Codec<T>, meta?: EnvelopeMeta): Uint8Array {
    const { out } = this;
    this.begin();
    if (meta !== undefined) {
      out.writeArrayHeader(2);
      out.writeValue(meta);
    }
    if (codec !== undefined && body !== undefined) codec.write(out, body);
    else if (body !== undefined) out.writeValue(body);
    else if (meta !== undefined) out.writeMapHeader(0);
    return this.end(type, meta === undefined ? 0 : FrameFlag.META, sequenceId, method);
  }

  request<T>(sequenceId: number, method: number, params?: T, meta?: EnvelopeMeta, codec?: Codec<T>): Uint8Array {
    return this.frame<T | undefined>(MessageType.REQUEST, sequenceId, method, params, codec, meta);
  }

  response<T>(sequenceId: number, method: number, result: T, codec?: Codec<T>): Uint8Array {
    return this.frame(MessageType.RESPONSE, sequenceId, method, result, codec);
  }

  error(sequenceId: number, method: number, error: WireError): Uint8Array {
    return this.frame(MessageType.ERROR, sequenceId, method, error);
  }

  notification<T>(sequenceId: number, method: number, params: T, codec?: Codec<T>, meta?: EnvelopeMeta): Uint8Array {
    return this.frame(MessageType.NOTIFICATION, sequenceId, method, params, codec, meta);
  }

  ping(sequenceId: number): Uint8Array {
    return this.frame(MessageType.PING, sequenceId, METHOD_NUMBERS.ping, undefined);
  }

  /** @param timestamp RFC 3339 UTC with milliseconds. */
  pong(sequenceId: number, timestamp: string): Uint8Array {
    return this.frame(MessageType.PONG, sequenceId, METHOD_NUMBERS.pong, { timestamp });
  }

  /** @param frames 1 to 100 complete frames, none of them a batch. */
  batch(sequenceId: number, frames: readonly Uint8Array[]): Uint8Array {
    this.begin();
    for (const frame of frames) this.out.writeBytes(frame);
    return this.end(MessageType.BATCH, FrameFlag.BATCH, sequenceId, 0);
  }

  /** A frame whose payload is JSON text, already written; with `flags` `META` it is that of `[meta, body]`. */
  json(type: MessageType, sequenceId: number, method: number, text: string, flags = 0): Uint8Array {
    this.begin();
    this.out.writeText(text);
    return this.end(type, FrameFlag.JSON | flags, sequenceId, method);
  }

  private begin(): void {
    const { out } = this;
    out.begin();
    out.ensure(HEADER_BYTES);
    out.pos += HEADER_BYTES;
  }

  private end(type: number, flags: number, sequenceId: number, method: number): Uint8Array {
    const { out } = this;
    const start = out.messageStart;
    writeHeader(out.view, start, type, flags, sequenceId, method, out.pos - start - HEADER_BYTES);
    return out.finish();
  }
}
