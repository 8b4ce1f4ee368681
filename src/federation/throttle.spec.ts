import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { Throttle } from './throttle.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('runs at once, then once for all that was asked within the interval', async () => {
  let runs = 0;
  const throttle = new Throttle(async () => void runs++, 1_000);
  for (let i = 0; i < 100; i++) throttle.run();
  await vi.advanceTimersByTimeAsync(999);
  expect(runs).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(runs).toBe(2);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(runs).toBe(2);
  throttle.run();
  expect(runs).toBe(3);
});

it('never runs twice at a time, and not after it was stopped', async () => {
  let running = 0;
  let most = 0;
  let runs = 0;
  const throttle = new Throttle(async () => {
    runs++;
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    running--;
  }, 10);
  throttle.run();
  await vi.advanceTimersByTimeAsync(100);
  throttle.run();
  await vi.advanceTimersByTimeAsync(6_000);
  expect([runs, most]).toEqual([2, 1]);
  throttle.run();
  throttle.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(runs).toBe(2);
});
