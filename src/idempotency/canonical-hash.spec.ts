import { expect, it } from 'vitest';

import { canonicalHash } from './canonical-hash.js';

it('is that of SHA-256, and does not depend on the order of members', () => {
  expect(canonicalHash({ a: 1, b: { c: [1, 'x'], d: null } })).toMatch(/^[0-9a-f]{64}$/);
  expect(canonicalHash({ b: { d: null, c: [1, 'x'] }, a: 1 })).toBe(canonicalHash({ a: 1, b: { c: [1, 'x'], d: null } }));
  expect(canonicalHash({ a: 1, b: undefined })).toBe(canonicalHash({ a: 1 }));
});

it('tells apart what is not the same', () => {
  const values: unknown[] = [
    ...[{}, [], null, undefined, 0, '', false, '0', 'null', 1, 1n, '1', [1], ['1'], { a: 1 }, { a: '1' }, { b: 1 }, [[]], [{}], [[], []]],
    ...[['a', 'b'], ['ab'], ['a,b'], { a: { b: 1 } }, { 'a:b': 1 }, { a: 'b', c: 'd' }, { a: 'b,c', d: '' }],
    ...[new Uint8Array([1]), new Uint8Array([1, 0]), [1, 0], 'AQ==', new Date(1), '\u0001', '\u0001\u0000', 'é', '\ud800', '\ufffd'],
    JSON.parse('{"__proto__":1}'),
  ];
  expect(new Set(values.map(canonicalHash)).size).toBe(values.length);
});

it('sees bytes, not the buffer they lie in', () => {
  expect(canonicalHash(Buffer.from('xabx').subarray(1, 3))).toBe(canonicalHash(new TextEncoder().encode('ab')));
});
