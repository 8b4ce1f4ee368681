import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { EventLoopDelay } from './event-loop-delay.js';

/** A turn of the event loop that ends after `busyMs` of work. */
function turn(busyMs: number): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => {
      const end = performance.now() + busyMs;
      while (performance.now() < end);
      resolve();
    });
  });
}

describe('EventLoopDelay', () => {
  const delay = new EventLoopDelay();
  beforeEach(() => delay.onModuleInit());
  afterEach(() => delay.onModuleDestroy());

  it('reads zeros before anything was measured', () => {
    expect(delay.read().delay_ms).toEqual({ mean: 0, p50: 0, p99: 0, max: 0 });
  });

  it('sees a handler that holds up the loop', async () => {
    const end = performance.now() + 5_000;
    while (delay.read().delay_ms.max < 50 && performance.now() < end) await turn(100);
    expect(delay.read().delay_ms.max).toBeGreaterThan(50);
    await vi.waitFor(
      async () => {
        delay.read();
        await turn(20);
        expect(delay.read().recent_ms.max).toBeLessThan(50);
      },
      { timeout: 20_000 },
    );
    expect(delay.read().utilization).toBeGreaterThan(0);
  });
});
