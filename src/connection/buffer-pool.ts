// Buffers that outgoing frames are gathered in, used again once the socket has taken their bytes, and never earlier.

export class BufferPool {
  private readonly free: Buffer[] = [];
  private out = 0;

  /**
   * @param size bytes of each buffer (`websocket.write_buffer_size`)
   * @param kept how many idle buffers are kept at most; more are left to the garbage collector
   */
  constructor(
    readonly size: number,
    private readonly kept = 1024,
  ) {}

  take(): Buffer {
    this.out++;
    return this.free.pop() ?? Buffer.allocUnsafeSlow(this.size);
  }

  /** Gives a buffer back. Only its taker calls this, once, when nothing reads it any more. */
  give(buffer: Buffer): void {
    this.out--;
    if (this.free.length < this.kept) this.free.push(buffer);
  }

  /** Buffers that are in use now. */
  get inUse(): number {
    return this.out;
  }
}
