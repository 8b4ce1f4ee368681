import { describe, expect, it } from 'vitest';

import { finiteError, jsonValueError } from './json-value.js';

const overflown: unknown = JSON.parse('{"a":[{"b/c":1e400}]}');

describe('a value that JSON has words for', () => {
  it.each([null, true, 1, 'x', [], {}, { a: [{ b: null }] }, Object.create(null)])('%j is one', (value) => {
    expect(jsonValueError(value, '/data', 4)).toBeUndefined();
  });

  it.each([
    [overflown, '/data/a/0/b~1c', 'is not a finite number'],
    [{ a: Number.NaN }, '/data/a', 'is not a finite number'],
    ['\ud800', '/data', 'has a lone surrogate, which is no character'],
    [{ '\ud800': 1 }, '/data/\ufffd', 'has a lone surrogate, which is no character'],
    [[new Uint8Array(1)], '/data/0', 'is not a JSON value'],
    [{ a: 1n }, '/data/a', 'is not a JSON value'],
    [[[[[[]]]]], '/data/0/0/0/0', 'is nested more than 4 deep'],
  ])('%o is none', (value, path, message) => {
    expect(jsonValueError(value, '/data', 4)).toEqual({ path, message });
  });
});

describe('the numbers of a value', () => {
  it.each([{ a: 1, b: ['x', null, new Uint8Array(2)] }, [], 'x', 1e308])('%j are finite', (value) => {
    expect(finiteError(value, '/arguments')).toBeUndefined();
  });

  it('are named where they are not', () => {
    expect(finiteError(overflown, '/arguments')).toEqual({ path: '/arguments/a/0/b~1c', message: 'is not a finite number' });
    expect(finiteError([0, -Infinity], '')).toEqual({ path: '/1', message: 'is not a finite number' });
  });
});
