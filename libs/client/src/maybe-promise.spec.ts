import { describe, expect, it } from 'vitest';

import { eachInTurn, whenReady } from './maybe-promise.js';

describe('whenReady', () => {
  it('uses a value at once, and a promise later', async () => {
    expect(whenReady(2, (value) => value + 1)).toBe(3);
    const later = whenReady(Promise.resolve(2), (value) => value + 1);
    expect(later).toBeInstanceOf(Promise);
    await expect(later).resolves.toBe(3);
  });
});

describe('eachInTurn', () => {
  it('is done at once where all work is', () => {
    expect(eachInTurn([1, 2], (item) => item * 2)).toEqual([2, 4]);
  });

  it('begins on an item only when that before it is done', async () => {
    const log: string[] = [];
    const work = async (item: number): Promise<number> => {
      log.push(`begin ${item}`);
      await new Promise((resolve) => setImmediate(resolve));
      log.push(`end ${item}`);
      return item;
    };
    await expect(eachInTurn([1, 2], work)).resolves.toEqual([1, 2]);
    expect(log).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2']);
  });

  it('goes on after a promise where the rest is done at once', async () => {
    await expect(eachInTurn([1, 2, 3], (item) => (item === 2 ? Promise.resolve('two') : `${item}`))).resolves.toEqual(['1', 'two', '3']);
  });
});
