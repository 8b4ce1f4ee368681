import { describe, expect, it } from 'vitest';

import { TokenBucket } from './token-bucket.js';

describe('TokenBucket', () => {
  it('gives its burst at once, then one token every 1/rate seconds', () => {
    const bucket = new TokenBucket(10, 3, 0);
    expect([bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([0, 0, 0]);
    expect(bucket.take(0)).toBe(100);
    expect(bucket.take(60)).toBe(40);
    expect(bucket.take(100)).toBe(0);
    expect(bucket.take(100)).toBe(100);
  });

  it('holds no more than its burst, however long it rests', () => {
    const bucket = new TokenBucket(10, 2, 0);
    expect([bucket.take(60_000), bucket.take(60_000), bucket.take(60_000)]).toEqual([0, 0, 100]);
  });

  it('gives nothing for as long as was said when one was refused, and no burst after it', () => {
    const bucket = new TokenBucket(10, 3, 0);
    bucket.refused(0, 500);
    bucket.refused(50, 100);
    expect(bucket.take(100)).toBe(400);
    bucket.refused(400, 20);
    expect([bucket.take(500), bucket.take(500)]).toEqual([0, 100]);
    expect([bucket.take(2_000), bucket.take(2_000), bucket.take(2_000), bucket.take(2_000)]).toEqual([0, 0, 0, 100]);
  });

  it('keeps to its rate where a shorter time was said', () => {
    const bucket = new TokenBucket(10, 3, 0);
    bucket.refused(0, 5);
    expect(bucket.take(5)).toBe(95);
  });

  it('has no limit where the rate is none, but heeds a refusal', () => {
    const bucket = new TokenBucket(0, 0, 0);
    for (let i = 0; i < 1000; i++) expect(bucket.take(0)).toBe(0);
    bucket.refused(0, 50);
    expect(bucket.take(0)).toBe(50);
  });

  it('is not confused by a clock that goes back', () => {
    const bucket = new TokenBucket(10, 1, 1000);
    expect(bucket.take(1000)).toBe(0);
    expect(bucket.take(500)).toBe(100);
    expect(bucket.take(600)).toBe(0);
  });

  it('gives at least single tokens where the burst is below one', () => {
    const bucket = new TokenBucket(10, 0.5, 0);
    expect(bucket.take(0)).toBe(50);
    expect(bucket.take(50)).toBe(0);
  });
});
