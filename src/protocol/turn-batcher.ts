// Joins what one turn sends into batches, for peers that take them (PROTOCOL.md §2, §3): text with text, frames with frames,
// in order. What cannot be in a batch goes as it is: signed text, large messages, messages that many receivers share.
import { batchText, FrameWriter } from '@mcpw/protocol';

import { PlacedFrame } from '../connection/frame-slab.js';
import type { Batcher, Outgoing } from '../connection/outbox.js';

const CURLY_OPEN = 0x7b;

export class TurnBatcher implements Batcher {
  private readonly writer = new FrameWriter();
  private count = 0;

  /** Limits of one batch. */
  constructor(
    private readonly maxMessages: number,
    readonly maxBytes: number,
    readonly flushIntervalMs = 0,
  ) {}

  join(messages: readonly Outgoing[]): readonly Outgoing[] {
    if (messages.length < 2) return messages;
    const joined: Outgoing[] = [];
    let run: Outgoing[] = [];
    let kind: 'text' | 'frame' | undefined;
    let size = 0;
    for (const message of messages) {
      const next = this.kindOf(message);
      const length = next === undefined ? 0 : (message as string | Uint8Array | PlacedFrame).length;
      if (next !== kind || next === undefined || run.length === this.maxMessages || size + length > this.maxBytes) {
        this.close(joined, run);
        run = [];
        size = 0;
      }
      kind = next;
      size += length;
      run.push(message);
    }
    this.close(joined, run);
    return joined;
  }

  private kindOf(message: Outgoing): 'text' | 'frame' | undefined {
    if (typeof message === 'string') return message.charCodeAt(0) === CURLY_OPEN && message.length <= this.maxBytes ? 'text' : undefined;
    return (message instanceof PlacedFrame || message instanceof Uint8Array) && message.length <= this.maxBytes ? 'frame' : undefined;
  }

  private close(joined: Outgoing[], run: readonly Outgoing[]): void {
    if (run.length === 0) return;
    if (run.length === 1) joined.push(run[0] as Outgoing);
    else if (typeof run[0] === 'string') joined.push(batchText(`b${++this.count}`, run as string[]));
    else joined.push(this.writer.batch(0, (run as (Uint8Array | PlacedFrame)[]).map(bytesOf)));
  }
}

function bytesOf(frame: Uint8Array | PlacedFrame): Uint8Array {
  return frame instanceof PlacedFrame ? frame.bytes : frame;
}
