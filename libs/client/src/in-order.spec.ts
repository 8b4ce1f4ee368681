import { describe, expect, it } from 'vitest';

import { InOrder } from './in-order.js';

describe('InOrder', () => {
  it('works at once where the work is done at once', () => {
    const done: number[] = [];
    const order = new InOrder<number>(
      (item) => void done.push(item),
      () => undefined,
    );
    order.push(1);
    order.push(2);
    expect(done).toEqual([1, 2]);
  });

  it('keeps the order where a later item would be done sooner', async () => {
    const done: string[] = [];
    const waits = new Map<string, () => void>();
    const order = new InOrder<string>(
      async (item) => {
        if (item === 'slow') await new Promise<void>((resolve) => waits.set(item, resolve));
        done.push(item);
      },
      () => undefined,
    );
    for (const item of ['slow', 'quick', 'last']) order.push(item);
    await Promise.resolve();
    expect(done).toEqual([]);
    waits.get('slow')?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toEqual(['slow', 'quick', 'last']);
  });

  it('takes items that the work itself brings after those that wait', () => {
    const done: number[] = [];
    const order: InOrder<number> = new InOrder<number>(
      (item) => {
        if (item === 1) order.push(9);
        done.push(item);
      },
      () => undefined,
    );
    order.push(1);
    order.push(2);
    expect(done).toEqual([1, 9, 2]);
  });

  it.each(['thrown', 'rejected'])('stops at the first failure: %s', async (kind) => {
    const failures: unknown[] = [];
    const done: number[] = [];
    const order = new InOrder<number>(
      (item) => {
        done.push(item);
        if (item !== 1) return undefined;
        if (kind === 'thrown') throw new Error('broken');
        return Promise.reject(new Error('broken'));
      },
      (error) => failures.push(error),
    );
    order.push(1);
    order.push(2);
    await new Promise((resolve) => setImmediate(resolve));
    order.push(3);
    expect(failures).toEqual([new Error('broken')]);
    expect(done).toEqual([1]);
  });
});
