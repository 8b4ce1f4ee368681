// The meter's buckets of one method as the series of a Prometheus histogram: cumulative, and in seconds.
import { LATENCY_BOUNDS_US, type MethodLatency } from '../connection/traffic-meter.js';
import type { Series } from '../extension/scraped-metric.js';

const US_PER_SECOND = 1e6;
const BOUNDS_SECONDS = LATENCY_BOUNDS_US.map((boundUs) => boundUs / US_PER_SECOND);

export function latencySeries(name: string, { method, count, sumUs, buckets }: MethodLatency): Series[] {
  const bucket = (le: number | '+Inf', value: number): Series => ({ metricName: `${name}_bucket`, labels: { le, method }, value });
  let upTo = 0;
  return [
    ...BOUNDS_SECONDS.map((bound, i) => bucket(bound, (upTo += buckets[i] ?? 0))),
    bucket('+Inf', count),
    { metricName: `${name}_sum`, labels: { method }, value: Math.round(sumUs) / US_PER_SECOND },
    { metricName: `${name}_count`, labels: { method }, value: count },
  ];
}
