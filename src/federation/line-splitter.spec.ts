import { expect, it } from 'vitest';

import { LineSplitter } from './line-splitter.js';

const text = (value: string): Uint8Array => Buffer.from(value);

it('gives whole lines, however they are cut', () => {
  const whole = 'one\r\ntwo ☃\n\nthree\n';
  const bytes = text(whole);
  for (let size = 1; size <= bytes.length; size++) {
    const lines = new LineSplitter(100);
    const found: string[] = [];
    for (let i = 0; i < bytes.length; i += size) found.push(...lines.push(bytes.subarray(i, i + size)));
    expect(found, `in pieces of ${size}`).toEqual(['one', 'two ☃', '', 'three']);
  }
});

it('takes lines up to the limit, in one piece and in many', () => {
  const lines = new LineSplitter(4);
  expect(lines.push(text('1234\n'))).toEqual(['1234']);
  expect(lines.push(text('12'))).toEqual([]);
  expect(lines.push(text('34\n'))).toEqual(['1234']);
  expect(() => lines.push(text('12345'))).toThrow(RangeError);
});
