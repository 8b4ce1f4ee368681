import { describe, expect, it } from 'vitest';

import { notTooDeep } from './json-nesting.js';

function nested(levels: number, kind: 'lists' | 'objects'): string {
  return kind === 'lists' ? '['.repeat(levels) + ']'.repeat(levels) : '{"a":'.repeat(levels) + '1' + '}'.repeat(levels);
}

describe.each(['lists', 'objects'] as const)('notTooDeep, of %s', (kind) => {
  it('gives a text of 64 levels back', () => {
    expect(notTooDeep(nested(64, kind))).toBe(nested(64, kind));
  });

  it.each([65, 5_000])('refuses one of %i', (levels) => {
    expect(() => notTooDeep(nested(levels, kind))).toThrow(new RangeError('nesting is deeper than 64'));
  });
});

describe('notTooDeep', () => {
  it('counts what is open at a time, not what there is in all', () => {
    const wide = JSON.stringify(Array.from({ length: 1_000 }, () => ({ a: [[]] })));
    expect(notTooDeep(wide)).toBe(wide);
  });

  it.each(['[', '"[', '\\', '\\"[', '[\\\\', '\\\\"['])('counts no brackets in strings: %j', (text) => {
    const flat = JSON.stringify([text.repeat(100), text]);
    expect(notTooDeep(flat)).toBe(flat);
    expect(() => notTooDeep(`[${flat},${nested(64, 'lists')}]`)).toThrow(RangeError);
  });
});
