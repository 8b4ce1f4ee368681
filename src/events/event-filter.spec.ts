import { describe, expect, it } from 'vitest';

import { leastCpuMs } from '../extension/testing/cpu-ms.js';
import { Failure } from '../extension/failure.js';
import { compileFilter } from './event-filter.js';

const data = JSON.parse(
  `{"n": 5, "s": "m", "yes": true, "nothing": null, "tags": ["red", "blue"], "sizes": [1, 9],
    "user": {"id": 7, "roles": ["a"]}, "items": [{"id": 1, "q": 2}, {"id": 2}], "a.b": 1, "__proto__": {"own": 1}}`,
) as unknown;

describe('a filter', () => {
  it.each([
    [{}, true],
    [{ n: 5 }, true],
    [{ n: 6 }, false],
    [{ n: '5' }, false],
    [{ n: 5, s: 'm' }, true],
    [{ n: 5, s: 'x' }, false],
    [{ n: { $eq: 5 } }, true],
    [{ n: { $ne: 5 } }, false],
    [{ missing: { $ne: 5 } }, true],
    [{ n: { $in: [1, 5] } }, true],
    [{ n: { $in: [] } }, false],
    [{ n: { $nin: [1, 5] } }, false],
    [{ missing: { $nin: [1] } }, true],
    [{ n: { $gt: 4 } }, true],
    [{ n: { $gt: 5 } }, false],
    [{ n: { $gte: 5, $lt: 6 } }, true],
    [{ n: { $lte: 4 } }, false],
    [{ n: { $gt: '4' } }, false],
    [{ s: { $gt: 'l', $lt: 'n' } }, true],
    [{ missing: { $lt: 4 } }, false],
    [{ n: { $exists: true } }, true],
    [{ nothing: { $exists: true } }, true],
    [{ missing: { $exists: false } }, true],
    [{ missing: { $exists: true } }, false],
    [{ nothing: null }, true],
    [{ missing: null }, true],
    [{ n: null }, false],
    [{ missing: { $in: [null] } }, true],
    [{ yes: true }, true],
    [{ $and: [{ n: 5 }, { s: 'm' }] }, true],
    [{ $and: [{ n: 5 }, { s: 'x' }] }, false],
    [{ $or: [{ n: 6 }, { s: 'm' }] }, true],
    [{ $or: [{ n: 6 }, { s: 'x' }] }, false],
    [{ $not: { n: 6 } }, true],
    [{ n: { $not: { $gt: 4 } } }, false],
    [{ n: { $not: { $gt: 6 } } }, true],
    [{ 'user.id': 7 }, true],
    [{ 'user.id': { $gt: 7 } }, false],
    [{ user: { id: 7, roles: ['a'] } }, true],
    [{ user: { id: 7 } }, false],
    [{ user: { roles: ['a'], id: 8 } }, false],
    [{ tags: 'red' }, true],
    [{ tags: ['red', 'blue'] }, true],
    [{ tags: ['red'] }, false],
    [{ tags: { $ne: 'red' } }, false],
    [{ tags: { $in: ['green', 'blue'] } }, true],
    [{ sizes: { $gt: 8 } }, true],
    [{ 'items.id': 2 }, true],
    [{ 'items.q': { $exists: true } }, true],
    [{ 'items.0.id': 1 }, true],
    [{ 'items.1.id': 1 }, false],
    [{ 'tags.length': 2 }, false],
    [{ '__proto__.own': 1 }, true],
    [{ 'user.__proto__': { $exists: true } }, false],
    [{ 'user.constructor': { $exists: true } }, false],
    [{ 's.length': 1 }, false],
  ])('%j holds: %s', (filter, holds) => {
    expect(compileFilter(filter)(data)).toBe(holds);
  });

  it('asks nothing of data that is no object', () => {
    for (const scalar of [null, 5, 'x', true]) {
      expect(compileFilter({ a: 1 })(scalar)).toBe(false);
      expect(compileFilter({ a: { $exists: false } })(scalar)).toBe(true);
    }
  });

  const nested = (depth: number): unknown => (depth === 0 ? { a: 1 } : { $not: nested(depth - 1) });

  it.each([
    [[], '/filter'],
    ['x', '/filter'],
    [{ $where: 'x' }, '/filter/$where'],
    [{ $regex: 'x' }, '/filter/$regex'],
    [{ a: { $regex: '^x' } }, '/filter/a/$regex'],
    [{ a: { $gt: 1, b: 2 } }, '/filter/a/b'],
    [{ a: { $gt: null } }, '/filter/a/$gt'],
    [{ a: { $gt: [1] } }, '/filter/a/$gt'],
    [{ a: { $in: 5 } }, '/filter/a/$in'],
    [{ a: { $exists: 1 } }, '/filter/a/$exists'],
    [{ a: { $not: 5 } }, '/filter/a/$not'],
    [{ $and: {} }, '/filter/$and'],
    [{ $or: [] }, '/filter/$or'],
    [{ $or: [{ a: 1 }, 5] }, '/filter/$or/1'],
    [{ $not: [] }, '/filter/$not'],
    [{ 'a/b~': { $x: 1 } }, '/filter/a~1b~0/$x'],
    [{ a: { $constructor: 1 } }, '/filter/a/$constructor'],
    [{ ['a.'.repeat(32) + 'a']: 1 }, `/filter/${'a.'.repeat(32)}a`],
    [{ a: { $in: Array.from({ length: 300 }, (_, i) => i) } }, '/filter'],
    [nested(10), expect.stringMatching('^(/filter)(/\\$not){8}$')],
    [{ a: JSON.parse('['.repeat(30) + ']'.repeat(30)) as unknown }, '/filter/a'],
  ])('%j is refused, naming %s', (filter, path) => {
    expect(() => compileFilter(filter)).toThrow(
      expect.objectContaining({ kind: 'invalid_params', data: { errors: [{ path, message: expect.any(String) }] } }) as Failure,
    );
  });

  it.each([
    ['on the way to what it compares', { 'a.b.c.d': 1 }, 'c'],
    ['that it compares', { 'a.b': { c: 1 } }, 'c'],
    ['that it compares with several', { 'a.b': { $in: [{ c: 1 }] } }, 'c'],
  ])('looks at a thousand values at most %s, however arrays within arrays multiply', (_, filter, name) => {
    let looks = 0;
    const leaf = (): object => Object.defineProperty({}, name, { enumerable: true, get: () => ++looks && 0 });
    const data = { a: Array.from({ length: 100 }, () => ({ b: Array.from({ length: 100 }, leaf) })) };
    expect(compileFilter(filter)(data)).toBe(false);
    expect(looks).toBeGreaterThan(100);
    expect(looks).toBeLessThanOrEqual(1_000);
  });

  it('made to be slow, on data made to be slow, is not', () => {
    const filter = compileFilter({ $or: Array.from({ length: 80 }, () => ({ 'x.y': { $eq: {} } })) });
    const slow = { x: Array.from({ length: 20_000 }, () => ({ y: Array.from({ length: 5 }, () => ({ a: 1 })) })) };
    expect(leastCpuMs(() => filter(slow), 100)).toBeLessThan(100);
  });
});
