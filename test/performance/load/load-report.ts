// What came of a load: counted while it runs, and printed as a table.
import { ERROR_NAMES, type ErrorCode } from '@mcpw/protocol';

export class LoadReport {
  sent = 0;
  answered = 0;
  private readonly latenciesMs: number[] = [];
  private readonly errors = new Map<string, number>();

  /** @param latencyMs from when the message was due to be sent */
  answer(latencyMs: number): void {
    this.answered++;
    this.latenciesMs.push(latencyMs);
  }

  errorCode(code: number): void {
    this.error(`${code} ${ERROR_NAMES[code as ErrorCode] ?? 'unknown'}`);
  }

  /** @param what e.g. `4002 rate limited`, `closed 4513 send queue overflow`, `wrong answer` */
  error(what: string, count = 1): void {
    this.errors.set(what, (this.errors.get(what) ?? 0) + count);
  }

  get failed(): number {
    let sum = 0;
    for (const count of this.errors.values()) sum += count;
    return sum;
  }

  table(elapsedMs: number): string {
    const sorted = Float64Array.from(this.latenciesMs).sort();
    const rows = [
      ['messages sent', String(this.sent)],
      ['answered', String(this.answered)],
      ['time', `${(elapsedMs / 1_000).toFixed(2)} s`],
      ['throughput', `${(this.answered / (elapsedMs / 1_000)).toFixed(0)} messages/s`],
      ['latency p50', quantile(sorted, 0.5)],
      ['latency p95', quantile(sorted, 0.95)],
      ['latency p99', quantile(sorted, 0.99)],
      ['latency max', quantile(sorted, 1)],
      ['errors', String(this.failed)],
      ...[...this.errors].map(([what, count]) => [`  ${what}`, String(count)]),
    ] as const;
    const width = Math.max(...rows.map(([label]) => label.length));
    const valueWidth = Math.max(...rows.map(([, value]) => value.length));
    const rule = '─'.repeat(width + valueWidth + 4);
    return [rule, ...rows.map(([label, value]) => ` ${label.padEnd(width)}  ${value.padStart(valueWidth)}`), rule].join('\n');
  }
}

function quantile(sorted: Float64Array, share: number): string {
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  return value === undefined ? '-' : `${value.toFixed(2)} ms`;
}
