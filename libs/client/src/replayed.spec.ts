import { describe, expect, it } from 'vitest';

import { Replayed } from './replayed.js';

describe('Replayed', () => {
  it('knows a nonce that came before', () => {
    const replayed = new Replayed();
    expect([replayed.hasNonce('a'), replayed.hasNonce('b'), replayed.hasNonce('a')]).toEqual([false, false, true]);
  });

  it('forgets the oldest of more than 10,000', () => {
    const replayed = new Replayed();
    for (let i = 0; i <= 10_000; i++) replayed.hasNonce(`n${i}`);
    expect(replayed.hasNonce('n1')).toBe(true);
    expect(replayed.hasNonce('n0')).toBe(false);
  });

  it('knows a sequence id that came before, and lets them overtake each other', () => {
    const replayed = new Replayed();
    expect([2, 1, 3, 2, 1].map((id) => replayed.hasSequence(id))).toEqual([false, false, false, true, true]);
  });
});
