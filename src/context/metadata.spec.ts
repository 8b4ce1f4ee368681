import { expect, it } from 'vitest';

import { encodeMetadata } from './metadata.js';

const nested = (depth: number): Record<string, unknown> => (depth === 1 ? {} : { a: nested(depth - 1) });

it('encodes JSON as it is, dangerous names and large numbers included', () => {
  const json = '{"__proto__":{"a":1},"constructor":2,"n":[1e308,-0.5,9007199254740993,true,null,"é😀"]}';
  expect(encodeMetadata(JSON.parse(json) as Record<string, unknown>, '/metadata')).toEqual({ json: JSON.stringify(JSON.parse(json)) });
});

it.each([
  [{ a: [1, { b: '\ud800' }] }, '/metadata/a/1/b', 'lone surrogate'],
  [{ 'a/b~c': { '\udc00': 1 } }, '/metadata/a~1b~0c/\ufffd', 'lone surrogate'],
  [{ a: new Uint8Array(2) }, '/metadata/a', 'not a JSON value'],
  [{ a: new Date(0) }, '/metadata/a', 'not a JSON value'],
  [{ a: new Map() }, '/metadata/a', 'not a JSON value'],
  [{ a: 1n }, '/metadata/a', 'not a JSON value'],
  [{ a: undefined }, '/metadata/a', 'not a JSON value'],
  [{ a: Number.NaN }, '/metadata/a', 'not a finite number'],
  [{ a: [Infinity] }, '/metadata/a/0', 'not a finite number'],
])('refuses what is no JSON and says where: case %#', (metadata, path, message) => {
  expect(encodeMetadata(metadata, '/metadata')).toEqual({ error: { path, message: expect.stringContaining(message) } });
});

it('takes 32 levels and refuses 33', () => {
  expect(encodeMetadata(nested(32), '/m')).toHaveProperty('json');
  expect(encodeMetadata(nested(33), '/m')).toMatchObject({ error: { message: 'is nested more than 32 deep' } });
});

it('takes as many bytes as it is told, of UTF-8, and not one more', () => {
  const of = (bytes: number) => ({ a: `${'é'.repeat((bytes - 8) / 2)}` });
  expect(encodeMetadata(of(100), '/m', 100)).toHaveProperty('json');
  expect(encodeMetadata(of(102), '/m', 100)).toEqual({ error: { path: '/m', message: '102 bytes of JSON exceed 100' } });
});

it('does not send back a path as long as a caller made it', () => {
  const result = encodeMetadata({ ['x'.repeat(10_000)]: 1n }, '/m');
  expect('error' in result && result.error.path.length).toBeLessThan(300);
});
