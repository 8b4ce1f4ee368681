import { describe, expect, it } from 'vitest';

import { SeenCursors } from './seen-cursors.js';

describe('SeenCursors', () => {
  it('knows what came before', () => {
    const seen = new SeenCursors();
    expect(['a', 'b', 'a', 'c', 'b'].map((cursor) => seen.add(cursor))).toEqual([true, true, false, true, false]);
  });

  it('keeps the last 4,096', () => {
    const seen = new SeenCursors();
    for (let i = 0; i <= 4_096; i++) seen.add(`c${i}`);
    expect(seen.add('c1')).toBe(false);
    expect(seen.add('c0')).toBe(true);
  });
});
