import { describe, expect, it } from 'vitest';

import { KeepAlive } from './keep-alive.js';
import { FakeClock } from './testing/fake-clock.js';

function keepAlive(): { clock: FakeClock; alive: KeepAlive; log: string[] } {
  const clock = new FakeClock();
  const log: string[] = [];
  const alive = new KeepAlive(
    clock,
    30_000,
    10_000,
    () => log.push('ask'),
    () => log.push('dead'),
  );
  return { clock, alive, log };
}

describe('KeepAlive', () => {
  it('asks after a while without a sign of life, and gives up without an answer', async () => {
    const { clock, log } = keepAlive();
    await clock.pass(29_999);
    expect(log).toEqual([]);
    await clock.pass(1);
    expect(log).toEqual(['ask']);
    await clock.pass(9_999);
    expect(log).toEqual(['ask']);
    await clock.pass(1);
    expect(log).toEqual(['ask', 'dead']);
    expect(clock.pending).toBe(0);
  });

  it('asks nobody who speaks', async () => {
    const { clock, alive, log } = keepAlive();
    for (let i = 0; i < 10; i++) {
      await clock.pass(20_000);
      alive.touch();
    }
    expect(log).toEqual([]);
  });

  it('is content with any answer, and asks again later', async () => {
    const { clock, alive, log } = keepAlive();
    await clock.pass(35_000);
    alive.touch();
    await clock.pass(29_999);
    expect(log).toEqual(['ask']);
    await clock.pass(1);
    expect(log).toEqual(['ask', 'ask']);
  });

  it('does nothing once stopped', async () => {
    const { clock, alive, log } = keepAlive();
    alive.stop();
    await clock.pass(100_000);
    expect(log).toEqual([]);
  });
});
