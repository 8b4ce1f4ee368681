import { beforeEach, expect, it } from 'vitest';

import { GrowingBytes } from './growing-bytes.js';

const MAX_BYTES = 1_000_000;
let bytes: GrowingBytes;
beforeEach(() => {
  bytes = new GrowingBytes(MAX_BYTES);
});

it('come whole, however they were cut, and each whole is its own', () => {
  for (const text of ['a', 'bc', '', 'defg']) expect(bytes.add(Buffer.from(text))).toBe(true);
  expect(bytes.length).toBe(7);
  const first = bytes.take();
  bytes.add(Buffer.from('second'));
  expect([first.toString(), bytes.take().toString(), bytes.length]).toEqual(['abcdefg', 'second', 0]);
});

it('are no more than they may be', () => {
  expect(bytes.add(Buffer.alloc(MAX_BYTES))).toBe(true);
  expect(bytes.add(Buffer.alloc(1))).toBe(false);
  expect(bytes.take()).toHaveLength(MAX_BYTES);
});

it('take little more memory than their length, in single bytes too', () => {
  const piece = new Uint8Array(65_536);
  for (let i = 0; i < MAX_BYTES; i++) bytes.add(piece.subarray(i % piece.length, (i % piece.length) + 1));
  expect(bytes.take().buffer.byteLength).toBeLessThanOrEqual(2 * MAX_BYTES);
});
