import { describe, expect, it } from 'vitest';

import { parseByteSize } from './byte-size.js';
import { parseDuration } from './duration.js';
import { parseMap, parseText } from './setting-kind.js';
import type { Setting } from './setting.js';

it.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['7d', 604_800_000],
  ['1.5s', 1500],
  ['0', 0],
  ['0s', 0],
  ['30', undefined],
  ['30 s', undefined],
  ['30S', undefined],
  ['s', undefined],
  ['-1s', undefined],
  ['1s30', undefined],
  ['0.1ms', undefined],
  ['', undefined],
  ['constructors', undefined],
])('reads the duration %j as %j ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

it.each([
  ['1048576', 1_048_576],
  ['1MB', 1_048_576],
  ['64KB', 65_536],
  ['64kb', 65_536],
  ['64 KiB', 65_536],
  ['1GB', 1_073_741_824],
  ['10B', 10],
  ['1.5KB', 1536],
  ['0', 0],
  ['1.5', undefined],
  ['MB', undefined],
  ['1PB', undefined],
  ['-1', undefined],
  ['1e3', undefined],
  ['1constructor', undefined],
])('reads the size %j as %j bytes', (text, bytes) => {
  expect(parseByteSize(text)).toBe(bytes);
});

describe('values of other kinds', () => {
  const row = (setting: object) => ({ path: 'a.b', to: 'host', doc: '', ...setting }) as Setting;

  it('never show a secret, only its length', () => {
    expect(parseText(row({ kind: 'secret', minLength: 32 }), 'hunter2')).toEqual({
      wrong: 'a value of 7 characters is not accepted; accepted: at least 32 bytes',
    });
  });

  it('count the bytes of a secret, not its characters', () => {
    expect(parseText(row({ kind: 'secret', minLength: 32 }), 'é'.repeat(16))).toEqual({ value: 'é'.repeat(16) });
  });

  it('are shown shortened', () => {
    expect((parseText(row({ kind: 'boolean' }), 'x'.repeat(1000)) as { wrong: string }).wrong.length).toBeLessThan(120);
  });

  it('may be a free-form map with a checker of its own, as JSON in a variable', () => {
    const check = (map: Readonly<Record<string, unknown>>): string[] => Object.keys(map).map((key) => `${key} is wrong`);
    const setting = row({ kind: 'map', check });
    expect(parseText(setting, '{}')).toEqual({ value: {} });
    expect(parseText(setting, '{"a":1,"b":2}')).toEqual({ wrong: 'a is wrong; b is wrong' });
    expect(parseText(setting, '{')).toEqual({ wrong: 'is not JSON; accepted: a map as JSON' });
    expect(parseMap(setting as Setting & { kind: 'map' }, [])).toEqual({ wrong: 'is not a map; accepted: a map' });
  });
});
