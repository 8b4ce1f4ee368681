// What became of the calls of another server, counted for metrics and status.
import type { Series } from '../extension/scraped-metric.js';

export const OUTCOMES = ['completed', 'failed', 'unavailable', 'timed_out', 'cancelled', 'forbidden'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Upper bounds of the histogram's buckets, seconds. */
const LATENCY_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

export class CallStats {
  readonly outcomes: Record<Outcome, number> = { completed: 0, failed: 0, unavailable: 0, timed_out: 0, cancelled: 0, forbidden: 0 };
  /** Calls up to each bound, and all. */
  readonly buckets: number[] = LATENCY_BOUNDS.map(() => 0);
  count = 0;
  sumSeconds = 0;

  add(outcome: Outcome, ms: number): void {
    this.outcomes[outcome]++;
    const seconds = ms / 1000;
    this.count++;
    this.sumSeconds += seconds;
    for (let i = LATENCY_BOUNDS.length - 1; i >= 0 && seconds <= (LATENCY_BOUNDS[i] as number); i--)
      this.buckets[i] = (this.buckets[i] as number) + 1;
  }
}

/** The series of a histogram of calls in seconds. @param of those that are counted together under the labels */
export function latencySeries(name: string, labels: Series['labels'], of: readonly CallStats[]): Series[] {
  const sum = (read: (stats: CallStats) => number): number => of.reduce((total, stats) => total + read(stats), 0);
  const bucket = (le: number | string, value: number): Series => ({ metricName: `${name}_bucket`, labels: { ...labels, le }, value });
  const bounded = LATENCY_BOUNDS.map((bound, i) => {
    const upTo = sum(({ buckets }) => buckets[i] ?? 0);
    return bucket(bound, upTo);
  });
  const count = sum((stats) => stats.count);
  const seconds = sum(({ sumSeconds }) => sumSeconds);
  return [
    ...bounded,
    bucket('+Inf', count),
    { metricName: `${name}_sum`, ...(labels && { labels }), value: seconds },
    { metricName: `${name}_count`, ...(labels && { labels }), value: count },
  ];
}
