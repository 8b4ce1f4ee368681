import { describe, expect, it } from 'vitest';

import { TrafficMeter } from '../connection/traffic-meter.js';
import { summarize } from './latency-summary.js';

function summaryOf(...durationsUs: number[]) {
  const meter = new TrafficMeter();
  for (const durationUs of durationsUs) meter.handled(-1, durationUs);
  const [latency] = meter.snapshot().latency;
  if (latency === undefined) throw new Error('nothing was handled');
  return summarize(latency);
}

describe('summarize', () => {
  it('gives the upper bound of the bucket that holds the percentile', () => {
    const hundred = [...Array<number>(50).fill(40), ...Array<number>(45).fill(900), ...Array<number>(5).fill(9_000)];
    expect(summaryOf(...hundred)).toEqual({ count: 100, mean_ms: 0.875, p50_ms: 0.05, p95_ms: 1, p99_ms: 10 });
  });

  it('gives null where the last bound is exceeded', () => {
    expect(summaryOf(60_000_000)).toEqual({ count: 1, mean_ms: 60_000, p50_ms: null, p95_ms: null, p99_ms: null });
  });
});
