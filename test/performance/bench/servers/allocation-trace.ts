// Reads V8's `--trace-gc` lines: `[pid:0xisolate] 123 ms: Scavenge 20.1 (33.0) -> 5.2 (34.0) MB, …`, each isolate by itself.
const LINE = /^\[\d+:(0x[0-9a-f]+)\].*?: [A-Z][^:]*? ([\d.]+) \([\d.]+\) -> ([\d.]+) \([\d.]+\) MB/;
/** In which lines that were printed before an answer have come. */
const SETTLED_MS = 100;

export class AllocationTrace {
  private readonly usedMb = new Map<string, number>();
  private allocatedMb = 0;
  private rest = '';

  read(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.readLine(line);
  }

  /** Bytes allocated until the last collection. */
  async settled(): Promise<number> {
    await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
    return this.allocatedMb * 1024 * 1024;
  }

  private readLine(line: string): void {
    const [, isolate, before, after] = LINE.exec(line) ?? [];
    if (isolate === undefined) return;
    this.allocatedMb += Math.max(0, Number(before) - (this.usedMb.get(isolate) ?? 0));
    this.usedMb.set(isolate, Number(after));
  }
}
