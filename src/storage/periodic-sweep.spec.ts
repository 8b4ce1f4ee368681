import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { PeriodicSweep } from './periodic-sweep.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const sweepOf = (steps: (boolean | Error)[]) => {
  const errors: unknown[] = [];
  let taken = 0;
  const sweep = new PeriodicSweep({
    step: () => {
      taken++;
      const result = steps.shift() ?? false;
      return result instanceof Error ? Promise.reject(result) : Promise.resolve(result);
    },
    intervalMs: 1_000,
    onError: (error) => errors.push(error),
  });
  return { sweep, errors, taken: () => taken };
};

it('takes steps until there is no more to do, and again after the interval', async () => {
  const { sweep, taken } = sweepOf([true, true, false]);
  sweep.start();
  await vi.advanceTimersByTimeAsync(999);
  expect(taken()).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(taken()).toBe(3);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(taken()).toBe(4);
  sweep.stop();
});

it('goes on after an error, which is told', async () => {
  const { sweep, errors, taken } = sweepOf([new Error('locked'), false]);
  sweep.start();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(errors).toMatchObject([{ message: 'locked' }]);
  expect(taken()).toBe(2);
  sweep.stop();
});

it('ends in the middle of a sweep when it is stopped, and leaves no timer', async () => {
  const { sweep, taken } = sweepOf(Array.from({ length: 100 }, () => true));
  sweep.start();
  vi.advanceTimersByTime(1_000);
  sweep.stop();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(taken()).toBeLessThan(100);
  expect(vi.getTimerCount()).toBe(0);
});
