import { expect, it } from 'vitest';

import { jsonValueOf } from './json-value.js';

it('leaves a value without bytes as it is', () => {
  const value = { a: [1, { b: 'x' }], at: new Date(0), none: null };
  expect(jsonValueOf(value)).toBe(value);
});

it('turns bytes into base64, wherever they are', () => {
  const bytes = Uint8Array.of(1, 2, 3);
  expect(jsonValueOf(bytes)).toBe('AQID');
  expect(jsonValueOf({ content: [{ type: 'image', data: Buffer.from(bytes) }], n: 1 })).toEqual({
    content: [{ type: 'image', data: 'AQID' }],
    n: 1,
  });
});

it('takes a view of a larger buffer for what it is', () => {
  expect(jsonValueOf([new Uint8Array(Uint8Array.of(9, 1, 2, 3, 9).buffer, 1, 3)])).toEqual(['AQID']);
});

it('keeps a member named __proto__ a member', () => {
  const value = JSON.parse('{"__proto__":{"x":1}}') as object;
  const shown = jsonValueOf({ ...{ bytes: Uint8Array.of(1) }, value });
  expect(JSON.stringify(shown)).toBe('{"bytes":"AQ==","value":{"__proto__":{"x":1}}}');
});

it('adds nothing that JSON leaves out', () => {
  const value = Object.assign(Object.create({ inherited: Uint8Array.of(1) }) as object, { own: Uint8Array.of(2) });
  expect(JSON.stringify(jsonValueOf(value))).toBe('{"own":"Ag=="}');
});

it('leaves what says itself how JSON carries it', () => {
  const own = { bytes: Uint8Array.of(1), toJSON: () => 'own' };
  expect(jsonValueOf({ own, bytes: Uint8Array.of(1) })).toEqual({ own, bytes: 'AQ==' });
  expect(jsonValueOf({ own })).toEqual({ own });
});
