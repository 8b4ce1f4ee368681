import { describe, expect, it } from 'vitest';

import { Backoff } from './backoff.js';

describe('the pauses between attempts', () => {
  it('double up to a limit, are never nothing, and start over', () => {
    const highest = new Backoff({ firstMs: 100, maxMs: 500, random: () => 1 });
    expect([1, 2, 3, 4, 5].map(() => highest.next())).toEqual([100, 200, 400, 500, 500]);
    highest.reset();
    expect(highest.next()).toBe(100);
    expect(new Backoff({ firstMs: 100, maxMs: 500, random: () => 0 }).next()).toBe(10);
  });
});
