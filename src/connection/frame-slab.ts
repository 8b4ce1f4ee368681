// Memory that binary answers are encoded into, and that the socket takes them from: an answer is written once, with room before it for
// the head of its WebSocket frame. A slab is used again from its start once nobody holds a frame in it any more, and never earlier.
import { headLength, OPCODE_BINARY, writeHead } from './websocket-frame.js';

/** Room before each frame: the longest head. */
export const HEAD_ROOM = 10;
export const SLAB_BYTES = 32_768;
/** Slabs that wait to be used again; more are left to the garbage collector. */
const MOST_FREE = 64;
const free: Slab[] = [];

/** A free slab, or a larger one that is used once. */
export function takeSlab(size: number): Slab {
  if (size > SLAB_BYTES) return new Slab(Buffer.allocUnsafeSlow(size));
  return free.pop() ?? new Slab(Buffer.allocUnsafeSlow(SLAB_BYTES));
}

export class Slab {
  /** Frames in it that are not released, and one more while it is being written to. */
  private holders = 1;

  constructor(readonly bytes: Buffer) {}

  /** Whether nothing in it is needed any more, and its one holder may start over. */
  get isIdle(): boolean {
    return this.holders === 1;
  }

  hold(): void {
    this.holders++;
  }

  release(): void {
    if (--this.holders === 0 && this.bytes.length === SLAB_BYTES && free.length < MOST_FREE) {
      this.holders = 1;
      free.push(this);
    }
  }
}

/** One encoded message in a slab. Whoever has it last releases it, once. */
export class PlacedFrame {
  private isReleased = false;

  /** Holds the slab. @param start behind {@link HEAD_ROOM} free bytes */
  constructor(
    private readonly slab: Slab,
    readonly start: number,
    readonly end: number,
  ) {
    slab.hold();
  }

  get length(): number {
    return this.end - this.start;
  }

  /** A view: good until the release. */
  get bytes(): Buffer {
    return this.slab.bytes.subarray(this.start, this.end);
  }

  /** Copies it to `offset`. */
  copyTo(target: Buffer, offset: number): void {
    this.slab.bytes.copy(target, offset, this.start, this.end);
  }

  /** The same with the head of a WebSocket frame before it. */
  framed(): Buffer {
    const { bytes } = this.slab;
    const length = this.end - this.start;
    const start = this.start - headLength(length);
    writeHead(bytes, start, OPCODE_BINARY, length);
    return bytes.subarray(start, this.end);
  }

  release(): void {
    if (this.isReleased) return;
    this.isReleased = true;
    this.slab.release();
  }
}
