import { describe, expect, it } from 'vitest';

import { WindowCounter } from './window-counter.js';

describe('a window counter', () => {
  it('counts each name in a window of its own, from its first count', () => {
    const counter = new WindowCounter(1_000);
    expect([counter.add('a', 0), counter.add('a', 999), counter.add('b', 999)]).toEqual([1, 2, 1]);
    expect(counter.remainingMs('a', 999)).toBe(1);
    expect([counter.count('a', 1_000), counter.count('b', 1_000)]).toEqual([0, 1]);
    expect(counter.add('a', 1_000)).toBe(1);
    expect(counter.remainingMs('c', 0)).toBe(0);
  });

  it('drops what is over as new names come', () => {
    const counter = new WindowCounter(1_000);
    for (let i = 0; i < 500; i++) counter.add(`old${i}`, i);
    counter.add('new', 1_250);
    expect(counter.size).toBe(250);
  });

  it('holds no more names than its capacity, whoever comes', () => {
    const counter = new WindowCounter(1_000, 100);
    for (let i = 0; i < 10_000; i++) counter.add(`name${i}`, 0);
    expect(counter.size).toBeLessThanOrEqual(100);
    expect(counter.size).toBeGreaterThan(95);
    expect(counter.count('name9999', 0)).toBe(1);
    expect(counter.count('name0', 0)).toBe(0);
  });

  it('does not hold on to a window when the clock is set back', () => {
    const counter = new WindowCounter(1_000);
    counter.add('a', 1_000_000);
    expect(counter.count('a', 0)).toBe(0);
    expect(counter.add('a', 0)).toBe(1);
    expect(counter.remainingMs('a', 0)).toBe(1_000);
  });
});
