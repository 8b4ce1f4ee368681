import { describe, expect, it } from 'vitest';

import { eventNameProblem, isReserved, matchesPattern, patternProblem } from './event-name.js';
import { PatternTrie } from './pattern-trie.js';

const LONGEST = 'a'.repeat(256);
const MOST_PARTS = Array.from({ length: 32 }, () => 'a').join('.');

describe('a name of an event', () => {
  it.each(['a', 'order.created', 'a_b-c:d/e', 'größe.明', LONGEST, MOST_PARTS])('may be %j', (name) => {
    expect(eventNameProblem(name)).toBeUndefined();
    expect(patternProblem(name)).toBeUndefined();
  });

  it.each(['', '.', 'a.', '.a', 'a..b', 'a b', 'a\u0000', 'a\n', 'a.\ud800', 'a\u202e', `${LONGEST}a`, `${MOST_PARTS}.a`])(
    'may not be %j',
    (name) => {
      expect(eventNameProblem(name)).toEqual(expect.any(String));
      expect(patternProblem(name)).toEqual(expect.any(String));
    },
  );

  it('with a wildcard is a pattern, not a name', () => {
    for (const pattern of ['*', '**', 'a.*', 'a.**', '*.b.**']) {
      expect(eventNameProblem(pattern)).toEqual(expect.any(String));
      expect(patternProblem(pattern)).toBeUndefined();
    }
  });

  it.each(['a*', '*a', '***', '**.a', 'a.**.b'])('makes no pattern of %j', (pattern) => {
    expect(patternProblem(pattern)).toEqual(expect.any(String));
  });

  it("is the server's own by its first part", () => {
    expect(['context.created', 'tool.x', 'agent.connected', 'server.y'].map(isReserved)).toEqual([true, true, true, true]);
    expect(['contexts.created', 'tool', 'my.tool.x', 'toolbox.a'].map(isReserved)).toEqual([false, false, false, false]);
  });
});

describe('a pattern, alone and among others', () => {
  it.each([
    ['a.b', 'a.b', true],
    ['a.b', 'a.c', false],
    ['a.b', 'a.b.c', false],
    ['a.*', 'a.b', true],
    ['a.*', 'a', false],
    ['a.*', 'a.b.c', false],
    ['*.b', 'a.b', true],
    ['*', 'a', true],
    ['*', 'a.b', false],
    ['**', 'a', true],
    ['**', 'a.b.c', true],
    ['a.**', 'a.b', true],
    ['a.**', 'a.b.c.d', true],
    ['a.**', 'a', false],
    ['a.**', 'ab.c', false],
    ['a.*.c', 'a.b.c', true],
    ['a.*.c', 'a.b.d', false],
    ['*.*.**', 'a.b.c.d', true],
    ['*.*.**', 'a.b', false],
  ])('%s fits %s: %s', (pattern, name, fits) => {
    expect(matchesPattern(pattern, name)).toBe(fits);
    const trie = new PatternTrie<number>();
    trie.add(pattern, 1);
    expect(trie.match(name)).toEqual(fits ? [1] : []);
  });

  it('finds each value once, and none that was removed', () => {
    const trie = new PatternTrie<string>();
    trie.add('a.*', 'x');
    trie.add('**', 'x');
    trie.add('a.b', 'y');
    trie.add('a.b.c', 'z');
    expect(trie.match('a.b').sort()).toEqual(['x', 'y']);
    trie.remove('a.b', 'x');
    trie.remove('never.there', 'x');
    trie.remove('a.b', 'y');
    expect(trie.match('a.b')).toEqual(['x']);
    expect(trie.match('a.b.c').sort()).toEqual(['x', 'z']);
    trie.remove('a.*', 'x');
    trie.remove('**', 'x');
    trie.remove('a.b.c', 'z');
    expect(trie.isEmpty).toBe(true);
  });
});
