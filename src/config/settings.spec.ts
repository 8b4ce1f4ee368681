import { describe, expect, it } from 'vitest';

import { assembleConfig } from './assemble-config.js';
import { variablesOf } from './environment.js';
import { parseText } from './setting-kind.js';
import type { Setting } from './setting.js';
import { SETTINGS } from './settings.js';

const settings: readonly Setting[] = SETTINGS;
const ofKind = (...kinds: readonly string[]): readonly Setting[] => settings.filter(({ kind }) => kinds.includes(kind));

describe('the settings table', () => {
  it('has defaults that its own rows accept', () => {
    expect(() => assembleConfig(new Map(), settings)).not.toThrow();
  });

  it('has every path, every place in the config and every variable once', () => {
    for (const names of [settings.map(({ path }) => path), settings.map(({ to }) => to), settings.flatMap(variablesOf)]) {
      expect(names).toEqual([...new Set(names)]);
    }
  });

  it('explains every setting in whole sentences', () => {
    for (const { path, doc } of settings) expect(doc, path).toMatch(/^[A-Z].*\.$/);
  });

  it.each(ofKind('integer', 'number', 'duration', 'size'))('refuses what is out of the bounds of $path', (setting) => {
    const { min, max } = setting as { min: string; max: string };
    expect([parseText(setting, min), parseText(setting, max)]).toEqual([{ value: expect.any(Number) }, { value: expect.any(Number) }]);
    for (const text of ['-1', 'NaN', 'Infinity', '1e400', '0x10', '', 'x', '9'.repeat(40), '1_000']) {
      expect(parseText(setting, text), text).toHaveProperty('wrong');
    }
  });

  it.each(ofKind('boolean'))('takes true and false and nothing else for $path', (setting) => {
    expect(parseText(setting, 'true')).toEqual({ value: true });
    expect(parseText(setting, 'false')).toEqual({ value: false });
    for (const text of ['yes', '1', 'TRUE', 'on', '']) expect(parseText(setting, text)).toHaveProperty('wrong');
  });
});
