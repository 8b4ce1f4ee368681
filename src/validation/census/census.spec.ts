import { encodeMsgpack } from '@mcpw/protocol';
import { describe, expect, it } from 'vitest';

import { leastCpuMs } from '../../extension/testing/cpu-ms.js';
import { ANSWER_BOUNDS, MESSAGE_BOUNDS } from './bounds.js';
import { jsonProblem } from './json-census.js';
import { msgpackProblem } from './packed-census.js';

const { names: MOST_NAMES, values: MOST_VALUES } = MESSAGE_BOUNDS;

const named = (count: number, prefix = 'name'): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}-${i}`, i]));
const FILLER = 'x'.repeat(200_000);

describe.each([
  ['JSON', (value: unknown) => jsonProblem(Buffer.from(JSON.stringify(value)))],
  ['JSON with white space', (value: unknown) => jsonProblem(Buffer.from(JSON.stringify(value, undefined, 1).replaceAll('":', '" \n:')))],
  ['MessagePack', (value: unknown) => msgpackProblem(encodeMsgpack(value))],
])('the census of %s', (_, problem) => {
  it('takes as many names as there may be, and not one more', () => {
    expect(problem({ FILLER, ...named(MOST_NAMES - 1) })).toBeUndefined();
    expect(problem({ FILLER, ...named(MOST_NAMES) })).toMatch('different names');
  });

  it('counts a name once, wherever it stands, and in whatever depth', () => {
    expect(problem(Array.from({ length: 5_000 }, (__, i) => ({ id: i, name: 'a', nested: { id: i } })))).toBeUndefined();
    expect(problem({ FILLER, a: named(9_000, 'a'), b: [named(9_000, 'b')] })).toMatch('different names');
  });

  it('does not take texts for names', () => {
    expect(problem(Array.from({ length: 40_000 }, (__, i) => `text ${i}: "quoted": \\`))).toBeUndefined();
    expect(problem({ text: Array.from({ length: 40_000 }, (__, i) => `"name-${i}":1,\\"`).join('\n') })).toBeUndefined();
  });

  it('sees names behind long and escaped texts', () => {
    const tricky = { '\\': '\\'.repeat(999), [`${'y'.repeat(500)}"`]: `${'z'.repeat(300)}\\"`, FILLER };
    expect(problem({ ...tricky, ...named(MOST_NAMES) })).toMatch('different names');
  });
});

it('names are counted, however long, where a message of the usual size has room for too many', () => {
  for (const [bounds, bytes] of [
    [MESSAGE_BOUNDS, 1_048_576],
    [ANSWER_BOUNDS, 4_194_304],
  ] as const) {
    const length = Math.floor(bytes / (bounds.names + 1)) - '"":0,'.length;
    const message = `{${Array.from({ length: bounds.names + 1 }, (_, i) => `"${String(i).padStart(length, 'x')}":0`).join()}}`;
    expect(message.length).toBeLessThanOrEqual(bytes);
    expect(jsonProblem(Buffer.from(message), bounds)).toMatch('different names');
  }
});

it('a small message is not counted', () => {
  expect(jsonProblem(Buffer.from(JSON.stringify(named(100))))).toBeUndefined();
  expect(msgpackProblem(encodeMsgpack(named(100)))).toBeUndefined();
});

describe('of JSON', () => {
  it.each([
    ['numbers', 1, (count: number) => `[${'1,'.repeat(count)}1]`],
    ['empty objects, which count for more', 4, (count: number) => `[${'{},'.repeat(count)}1]`],
    ['lists within lists', 151, (count: number) => `[${`${'['.repeat(50)}${']'.repeat(50)},`.repeat(count)}1]`],
  ])('values are counted too: %s', (_, weight, text) => {
    const blanks = ' '.repeat(100_000);
    const most = Math.floor((MOST_VALUES - 3) / weight);
    expect(jsonProblem(Buffer.from(text(most) + blanks))).toBeUndefined();
    expect(jsonProblem(Buffer.from(text(most + 2) + blanks))).toMatch('values');
  });

  it('lists that are nested too deep count for half a value: they are refused for that', () => {
    const nested = (count: number): Buffer => Buffer.from('['.repeat(count) + ']'.repeat(count));
    expect(jsonProblem(nested(100_000))).toBeUndefined();
    expect(jsonProblem(nested(2 * MOST_VALUES))).toMatch('values');
  });

  it('what stands in texts is no value', () => {
    expect(jsonProblem(Buffer.from(JSON.stringify({ text: '[{,'.repeat(200_000) })))).toBeUndefined();
  });
});

describe('of MessagePack', () => {
  it('values are counted too, by what is declared', () => {
    expect(msgpackProblem(encodeMsgpack(new Array(MOST_VALUES - 3).fill(1)))).toBeUndefined();
    expect(msgpackProblem(encodeMsgpack(new Array(MOST_VALUES - 2).fill(1)))).toMatch('values');
    expect(msgpackProblem(encodeMsgpack(new Array(16_000).fill([])))).toBeUndefined();
    expect(msgpackProblem(encodeMsgpack(new Array(33_000).fill([])))).toMatch('values');
    expect(msgpackProblem(Buffer.concat([Buffer.from('ddffffffff', 'hex'), Buffer.alloc(200_000)]))).toMatch('values');
  });

  it('what is malformed is left to the decoder', () => {
    for (const broken of [
      Buffer.alloc(200_000, 0x91),
      Buffer.alloc(200_000, 0xdb),
      Buffer.alloc(200_000, 0xc1),
      Buffer.alloc(200_000, 0xff),
    ])
      expect(msgpackProblem(broken)).toBeUndefined();
    const whole = encodeMsgpack({ FILLER, ...named(100) });
    for (let end = 110_000; end < whole.length; end += 997) expect(msgpackProblem(whole.subarray(0, end))).toBeUndefined();
  });

  it('every kind of value is passed over', () => {
    const kinds = [1, -1, 200, 70_000, 2 ** 40, -200, -70_000, 1.5, true, false, null, 'text', 'x'.repeat(300), 'y'.repeat(70_000)];
    const bytes = [new Uint8Array(10), new Uint8Array(300), new Uint8Array(70_000)];
    expect(msgpackProblem(encodeMsgpack({ kinds, bytes, last: named(MOST_NAMES) }))).toMatch('different names');
    expect(msgpackProblem(encodeMsgpack({ kinds, bytes, last: named(MOST_NAMES - 10) }))).toBeUndefined();
  });
});

it.each(['\n', '\r', '\r\n'])('what stands in another line hides nothing: %j', (end) => {
  const text = JSON.stringify({ FILLER, ...named(MOST_NAMES) });
  for (const hiding of ['"', '"\\', `"${'x'.repeat(300)}`, `"${'x'.repeat(127)}\\`, '"\\"\\']) {
    expect(jsonProblem(Buffer.from(`: ${hiding}${end}data: ${text}${end}`))).toMatch('different names');
  }
});

it('many lines take no longer than one', () => {
  const lines = Buffer.from(`: "${'x'.repeat(200)}\n`.repeat(20_000));
  expect(leastCpuMs(() => jsonProblem(lines), 200)).toBeLessThan(200);
});

it('truncated and unquoted JSON ends the count', () => {
  const text = JSON.stringify({ FILLER, ...named(100) });
  for (let end = 150_000; end < text.length; end += 991) expect(jsonProblem(Buffer.from(text.slice(0, end)))).toBeUndefined();
  expect(jsonProblem(Buffer.from(`"${'\\'.repeat(200_001)}`))).toBeUndefined();
});
