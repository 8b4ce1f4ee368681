import { describe, expect, it } from 'vitest';

import { EventBuffer } from './event-buffer.js';

describe('EventBuffer', () => {
  it('gives items in order, to who asks before as to who asks after', async () => {
    const buffer = new EventBuffer<number>();
    const asked = [buffer.take(), buffer.take()];
    for (const item of [1, 2, 3]) buffer.put(item);
    expect(await Promise.all([...asked, buffer.take()])).toEqual([1, 2, 3].map((value) => ({ done: false, value })));
    expect(buffer.size).toBe(0);
  });

  it('gives what is left before the end, and then the end for ever', async () => {
    const buffer = new EventBuffer<number>();
    buffer.put(1);
    buffer.end();
    buffer.put(2);
    expect(await buffer.take()).toEqual({ done: false, value: 1 });
    expect(await buffer.take()).toEqual({ done: true, value: undefined });
    expect(await buffer.take()).toEqual({ done: true, value: undefined });
  });

  it('gives an error once, to one of those who ask', async () => {
    const buffer = new EventBuffer<number>();
    const asked = [buffer.take(), buffer.take()];
    buffer.end(new Error('broken'));
    buffer.end();
    await expect(asked[0]).rejects.toThrow('broken');
    await expect(asked[1]).resolves.toEqual({ done: true, value: undefined });
  });

  it('drops what waits when it is cleared', async () => {
    const buffer = new EventBuffer<number>();
    buffer.put(1);
    buffer.clear();
    buffer.end();
    expect(await buffer.take()).toEqual({ done: true, value: undefined });
  });

  it('forgets the oldest where it keeps only so many', async () => {
    const buffer = new EventBuffer<number>(2);
    for (const item of [1, 2, 3]) buffer.put(item);
    buffer.end();
    expect([(await buffer.take()).value, (await buffer.take()).value, (await buffer.take()).done]).toEqual([2, 3, true]);
  });
});
