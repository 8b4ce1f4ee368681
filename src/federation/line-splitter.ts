// Lines of a byte stream, each up to a size. Chunks are joined once a line is whole, not at every chunk.
const NEWLINE = 10;

export class LineSplitter {
  private parts: Uint8Array[] = [];
  private size = 0;

  constructor(private readonly maxBytes: number) {}

  /**
   * @returns lines that are whole now, without their ends
   * @throws RangeError when a line grows past the limit: what follows can no longer be told apart
   */
  push(chunk: Uint8Array): string[] {
    const lines: string[] = [];
    let begin = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, begin)) {
      this.keep(chunk.subarray(begin, end));
      const line = Buffer.concat(this.parts, this.size).toString('utf8');
      lines.push(line.endsWith('\r') ? line.slice(0, -1) : line);
      this.parts = [];
      this.size = 0;
      begin = end + 1;
    }
    this.keep(chunk.subarray(begin));
    return lines;
  }

  private keep(part: Uint8Array): void {
    if (part.length === 0) return;
    this.size += part.length;
    if (this.size > this.maxBytes) throw new RangeError(`a message is larger than ${this.maxBytes} bytes`);
    this.parts.push(part);
  }
}
