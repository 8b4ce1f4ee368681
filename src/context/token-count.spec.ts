import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';

import { leastCpuMs } from '../extension/testing/cpu-ms.js';
import { countInSteps, tokenCount } from './token-count.js';

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

it('takes names of objects’ members as text', () => {
  expect(tokenCount('constructor __proto__ toString')).toBe(countTokens('constructor __proto__ toString'));
});

const random = (length: number, first: number, range: number) => {
  let seed = 7;
  return Array.from({ length }, () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return String.fromCodePoint(first + (seed % range));
  }).join('');
};

it.each([
  ['letters', 0x61, 26],
  ['all of ASCII', 0, 128],
  ['marks', 0x300, 0x70],
  ['ideographs', 0x4e00, 20_000],
  ['emoji', 0x1f300, 700],
  ['Arabic', 0x620, 40],
  ['what is in no word', 0xe000, 6_000],
])('is that of o200k_base for random %s', (_, first, range) => {
  for (let length = 1; length < 200; length += 3) {
    const text = random(length, first, range);
    expect(tokenCount(text)).toBe(countTokens(text));
  }
});

describe('time grows with the length alone', () => {
  const PIECES = ['ab,', "'s", 'aB', 'a', '😀', '!?', ' ', '中', 'e\u0301', 'ʰA', '\n ', '1a'];
  const ofBytes = (bytes: number, piece: string): string => piece.repeat(bytes / Buffer.byteLength(piece));

  it.each(PIECES)('of %j over and over costs what it costs in sixteen texts', (piece) => {
    const [long, short] = [ofBytes(320_000, piece), ofBytes(20_000, piece)];
    const inSixteen = leastCpuMs(() => {
      for (let i = 0; i < 16; i++) tokenCount(short);
    }, Infinity);
    // Where it grew with the square, sixteen times as much.
    expect(leastCpuMs(() => tokenCount(long), 4 * inSixteen)).toBeLessThan(4 * inSixteen);
  });

  it('whatever was counted before', () => {
    const text = ofBytes(160_000, 'ab,') + ofBytes(160_000, "'s");
    const before = leastCpuMs(() => tokenCount(text), 0);
    const words = Array.from({ length: 60_000 }, (_, i) => String.fromCharCode(0x4e00 + Math.floor(i / 200), 0x5e00 + (i % 200)));
    tokenCount(words.join(' '));
    // With what it remembered of so many words in the way, it took a hundred times as long.
    expect(leastCpuMs(() => tokenCount(text), 8 * before)).toBeLessThan(8 * before);
  });
});

describe('in steps', () => {
  const counted = (texts: readonly string[], most = Infinity) => {
    const steps = countInSteps(texts, most);
    for (let number = 1; ; number++) {
      const { done, value } = steps.next();
      if (done === true) return { steps: number, counts: value };
    }
  };
  const prose = 'The quick brown fox jumps over the lazy dog. '.repeat(1_000);

  it.each([
    ['of many words', prose],
    ['that is one word', 'a'.repeat(45_000)],
  ])('counts a text %s as at once', (_, text) => {
    const { steps, counts } = counted(['x', text, '']);
    expect(counts).toEqual([1, tokenCount(text), 1]);
    expect(steps).toBeGreaterThan(8);
  });

  it('many short texts too', () => {
    expect(counted(new Array<string>(1_000).fill('one two three four')).steps).toBeGreaterThan(3);
  });

  it('no further than to more than the most', () => {
    const { steps, counts } = counted([prose, prose, prose], tokenCount(prose) + 50);
    expect(counts).toEqual([tokenCount(prose), expect.any(Number)]);
    expect(counts[1]).toBeGreaterThan(50);
    expect(counts[1]).toBeLessThan(tokenCount(prose) / 2);
    expect(steps).toBeLessThan(counted([prose, prose, prose]).steps / 2);
  });

  it('to the end where they are as many as may be', () => {
    expect(counted([prose, prose], 2 * tokenCount(prose)).counts).toHaveLength(2);
  });
});
