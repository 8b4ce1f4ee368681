// Percentiles of a method's latency, as far as its buckets tell: the upper bound of the bucket that holds the percentile.
import { LATENCY_BOUNDS_US, type MethodLatency } from '../connection/traffic-meter.js';

export interface LatencySummary {
  readonly count: number;
  readonly mean_ms: number;
  /** `null` where it is beyond the last bound. */
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly p99_ms: number | null;
}

export function summarize(latency: MethodLatency): LatencySummary {
  const { count, sumUs } = latency;
  return {
    count,
    mean_ms: Math.round(sumUs / count) / 1_000,
    p50_ms: boundMs(latency, 0.5),
    p95_ms: boundMs(latency, 0.95),
    p99_ms: boundMs(latency, 0.99),
  };
}

function boundMs({ count, buckets }: MethodLatency, quantile: number): number | null {
  let seen = 0;
  const index = buckets.findIndex((inBucket) => (seen += inBucket) >= quantile * count);
  const boundUs = LATENCY_BOUNDS_US[index];
  return boundUs === undefined ? null : boundUs / 1_000;
}
