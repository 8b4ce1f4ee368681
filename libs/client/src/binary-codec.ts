// Messages as binary frames (protocol §3).
import { FrameWriter, type EnvelopeMeta, type WireError } from '@mcpw/protocol';

import type { MessageId } from './incoming.js';
import type { Encoded, MessageCodec } from './message-codec.js';
import type { MethodNumbers } from './method-numbers.js';

export class BinaryCodec implements MessageCodec {
  private readonly writer = new FrameWriter();

  constructor(private readonly methods: MethodNumbers) {}

  idOf(count: number): number {
    return count;
  }

  request(count: number, method: string, params: unknown, meta?: EnvelopeMeta): Uint8Array {
    return this.writer.request(count, this.methods.numberOf(method), params, meta);
  }

  notification(count: number, method: string, params: unknown): Uint8Array {
    return this.writer.notification(count, this.methods.numberOf(method), params);
  }

  response(id: MessageId, method: string, result: unknown): Uint8Array {
    return this.writer.response(Number(id), this.methods.numberOf(method), result);
  }

  error(id: MessageId, method: string, error: WireError): Uint8Array {
    return this.writer.error(Number(id), this.methods.numberOf(method), error);
  }

  ping(count: number): Uint8Array {
    return this.writer.ping(count);
  }

  pong(id: MessageId, timestamp: string): Uint8Array {
    return this.writer.pong(Number(id), timestamp);
  }

  batch(count: number, messages: readonly Encoded[]): Uint8Array {
    return this.writer.batch(count, messages as readonly Uint8Array[]);
  }
}
