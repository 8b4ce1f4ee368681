// Lines of a byte stream, each up to a size.
import { GrowingBytes } from '../egress/growing-bytes.js';

const NEWLINE = 10;

export class LineSplitter {
  private readonly line: GrowingBytes;

  constructor(private readonly maxBytes: number) {
    this.line = new GrowingBytes(maxBytes);
  }

  /**
   * @returns lines that are whole now, without their ends
   * @throws RangeError when a line grows past the limit: what follows can no longer be told apart
   */
  push(chunk: Uint8Array): string[] {
    const lines: string[] = [];
    let begin = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, begin)) {
      this.add(chunk.subarray(begin, end));
      const line = this.line.take().toString('utf8');
      lines.push(line.endsWith('\r') ? line.slice(0, -1) : line);
      begin = end + 1;
    }
    this.add(chunk.subarray(begin));
    return lines;
  }

  private add(piece: Uint8Array): void {
    if (!this.line.add(piece)) throw new RangeError(`a message is larger than ${this.maxBytes} bytes`);
  }
}
