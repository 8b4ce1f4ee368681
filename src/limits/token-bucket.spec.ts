import { expect, it } from 'vitest';

import { TokenBucket } from './token-bucket.js';

function takeAll(bucket: TokenBucket, now: number): number {
  let taken = 0;
  while (bucket.has(now) && taken < 10_000) {
    bucket.take();
    taken++;
  }
  return taken;
}

it('gives its burst at once, then its rate', () => {
  const bucket = new TokenBucket(10, 100, 0);
  expect(takeAll(bucket, 0)).toBe(100);
  expect(bucket.waitMs()).toBe(100);
  expect(takeAll(bucket, 99)).toBe(0);
  expect(takeAll(bucket, 1000)).toBe(10);
});

it('holds no more than its burst, however long nobody asks', () => {
  const bucket = new TokenBucket(10, 5, 0);
  expect(takeAll(bucket, 1e9)).toBe(5);
});

it('waits as long as it says', () => {
  const bucket = new TokenBucket(16.67, 1, 0);
  takeAll(bucket, 0);
  const wait = bucket.waitMs();
  expect(bucket.has(wait - 1)).toBe(false);
  expect(bucket.has(wait)).toBe(true);
});

it('does not fill when the clock goes back', () => {
  const bucket = new TokenBucket(10, 5, 10_000);
  takeAll(bucket, 10_000);
  expect(bucket.has(0)).toBe(false);
});

it('takes new limits at once and keeps what was taken', () => {
  const bucket = new TokenBucket(1, 10, 0);
  takeAll(bucket, 0);
  bucket.setLimits(1000, 20);
  expect(takeAll(bucket, 0)).toBe(10);
  expect(takeAll(bucket, 10)).toBe(10);
  bucket.setLimits(1, 2);
  expect(takeAll(bucket, 100_000)).toBe(2);
});
