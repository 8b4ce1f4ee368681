// Bytes that come in pieces until they are whole, in memory of twice their length at most: a piece kept by itself takes a hundred bytes
// more, which somebody who sends single bytes would have us pay.

const NONE = Buffer.alloc(0);

export class GrowingBytes {
  length = 0;
  private bytes = NONE;

  constructor(private readonly maxBytes: number) {}

  /** @returns false where they would be more than they may */
  add(piece: Uint8Array): boolean {
    const length = this.length + piece.length;
    if (length > this.maxBytes) return false;
    if (length > this.bytes.length) this.grow(length);
    this.bytes.set(piece, this.length);
    this.length = length;
    return true;
  }

  /** What has come, which is the caller's now: what comes next is another whole. */
  take(): Buffer {
    const whole = this.bytes.subarray(0, this.length);
    this.bytes = NONE;
    this.length = 0;
    return whole;
  }

  private grow(length: number): void {
    const larger = Buffer.allocUnsafe(Math.max(length, Math.min(this.maxBytes, 2 * this.bytes.length)));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}
