import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { EventHarness } from './testing/event-harness.js';

let harness: EventHarness;
beforeEach(() => {
  harness = new EventHarness();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  harness.remove();
});

const many = (count: number, tenant: string) => Array.from({ length: count }, () => ({ tenant }));
const left = (tenant: string) =>
  harness.database
    .prepare('SELECT seq FROM event_log WHERE tenant = ? ORDER BY seq')
    .all(tenant)
    .map(({ seq }) => seq);

describe('retention', () => {
  it('keeps the newest of each tenant, as many as configured', async () => {
    const acme = await harness.publish(...many(100, 'acme'));
    const busy = await harness.publish(...many(1_700, 'busy'));
    await harness.sweeper.sweep();
    expect(left('acme')).toEqual(acme);
    expect(left('busy')).toEqual(busy.slice(-100));
    expect([harness.log.purgedThroughSeq('acme'), harness.log.purgedThroughSeq('busy')]).toEqual([0, busy[1_599]]);
  });

  it('keeps what is young enough', async () => {
    const old = await harness.publish(...many(3, 'acme'));
    harness.now += 40_000;
    const young = await harness.publish(...many(2, 'acme'));
    harness.now += 20_000;
    await harness.sweeper.sweep();
    expect(left('acme')).toEqual([...old, ...young]);
    harness.now += 1;
    await harness.sweeper.sweep();
    expect(left('acme')).toEqual(young);
    expect(harness.log.purgedThroughSeq('acme')).toBe(old[2]);
    harness.now += 60_000;
    await harness.sweeper.sweep();
    expect(left('acme')).toEqual([]);
    expect(harness.log.purgedThroughSeq('acme')).toBe(young[1]);
  });

  it('deletes in small steps, so that others can write between', async () => {
    await harness.publish(...many(2_100, 'acme'));
    const write = vi.spyOn(harness.database, 'write');
    await harness.sweeper.sweep();
    expect(write.mock.calls.map(([program]) => program)).toEqual(Array.from({ length: 4 }, () => 'event.purge'));
    expect(left('acme')).toHaveLength(100);
  });

  it('is looked after from time to time, also after trouble, until the server stops', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
    const sweep = vi.spyOn(harness.sweeper, 'sweep').mockRejectedValueOnce(new Error('database is locked')).mockResolvedValue();
    harness.sweeper.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(1_000);
    await vi.advanceTimersByTimeAsync(1_000);
    expect([sweep.mock.calls.length, warn.mock.calls.length]).toEqual([2, 1]);
    harness.sweeper.onModuleDestroy();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(sweep).toHaveBeenCalledTimes(2);
    expect(vi.getTimerCount()).toBe(0);
  });
});
