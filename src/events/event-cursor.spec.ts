import { describe, expect, it } from 'vitest';

import { readEventCursor, writeEventCursor } from './event-cursor.js';

describe('a cursor', () => {
  const seqs = [0, 1, 31, 32, 1023, 1024, 2 ** 31, 2 ** 40 + 7, Number.MAX_SAFE_INTEGER];

  it('is read as it was written, is of one width, and rises as text does', () => {
    const cursors = seqs.map(writeEventCursor);
    expect(cursors.map(readEventCursor)).toEqual(seqs);
    expect(new Set(cursors.map(({ length }) => length))).toEqual(new Set([14]));
    expect([...cursors].sort()).toEqual(cursors);
  });

  it.each([
    '',
    '1',
    'earliest',
    '0',
    writeEventCursor(5).toUpperCase() + 'x',
    '2000000000000a',
    '1000000000000w',
    '10000000000000',
    '1vvvvvvvvvvvvv',
  ])('is not %j', (text) => {
    const read = readEventCursor(text);
    // Only zero's own cursor is one.
    expect(text === writeEventCursor(0) ? undefined : read).toBeUndefined();
  });
});
