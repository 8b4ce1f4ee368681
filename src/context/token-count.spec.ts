import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { expect, it } from 'vitest';

import { tokenCount } from './token-count.js';

const letters = (length: number, first: number, range: number) =>
  Array.from({ length }, (_, i) => String.fromCodePoint(first + ((i * 7_919) % range))).join('');

it.each([
  'Hello, world!',
  'The quick brown fox jumps over the lazy dog. '.repeat(200),
  '{"a":[1,2,3],"b":"c"}'.repeat(500),
  '人工智能正在改变世界。'.repeat(100),
  'for (let i = 0; i < 10; i++) {\n    console.log(i);\n}\n'.repeat(50),
])('is that of o200k_base: %.40s', (text) => {
  expect(tokenCount(text)).toBe(countTokens(text));
});

it('takes the names of special tokens as text', () => {
  expect(tokenCount('<|endoftext|> and <|im_start|>')).toBeGreaterThan(4);
});

it('counts an item without text as one', () => {
  expect(tokenCount('')).toBe(1);
});

it.each([
  ['letters', letters(6_000, 0x61, 26)],
  ['ideographs', letters(6_000, 0x4e00, 20_000)],
  ['signs', '!?'.repeat(3_000)],
  ['spaces', ' '.repeat(6_000)],
  ['emoji', '😀'.repeat(3_000)],
])('is close to it for long runs of %s, which are cut', (_, text) => {
  const exact = countTokens(text);
  expect(tokenCount(text)).toBeGreaterThanOrEqual(exact * 0.98);
  expect(tokenCount(text)).toBeLessThanOrEqual(exact + text.length / 100);
});

it('takes time in proportion to the length, whatever the text', () => {
  const time = (text: string) => {
    const started = performance.now();
    tokenCount(text);
    return performance.now() - started;
  };
  time('a'.repeat(50_000));
  // Uncut, 500,000 letters take minutes.
  expect(time('a'.repeat(500_000))).toBeLessThan(2_000);
  expect(time('😀'.repeat(250_000))).toBeLessThan(5_000);
});
