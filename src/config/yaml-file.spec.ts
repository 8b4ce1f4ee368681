import { describe, expect, it } from 'vitest';

import { cpuMs } from '../extension/testing/cpu-ms.js';
import { SETTINGS } from './settings.js';
import type { Setting } from './setting.js';
import { readYaml } from './yaml-file.js';

const read = (text: string, settings: readonly Setting[] = SETTINGS) => readYaml(text, 'c.yaml', settings);
const valuesOf = (text: string) => Object.fromEntries(read(text).given.map(({ setting, value }) => [setting.path, value]));
const problemsOf = (text: string) => read(text).problems.map(({ source, key, message }) => [source, key, message]);

describe('the YAML file', () => {
  it('may be empty, or have empty sections', () => {
    for (const text of ['', '# nothing\n', '---\n', 'websocket:\n', 'websocket:\n  security:\n'])
      expect(read(text)).toEqual({ given: [], problems: [] });
  });

  it('knows the line of each value', () => {
    expect(read('websocket:\n\n  max_batch: 5\n').given).toMatchObject([{ value: 5, source: 'c.yaml:3' }]);
  });

  it('takes values as they are written', () => {
    expect(valuesOf('auth: {jwt: {secret: 01234567890123456789012345678901, audience: 1.10}}\ndata_dir: 007\n')).toEqual({
      'auth.jwt.secret': '01234567890123456789012345678901',
      'auth.jwt.audience': '1.10',
      data_dir: '007',
    });
  });

  it('takes lists in both spellings, and follows anchors', () => {
    const text =
      'websocket:\n  security:\n    allowed_origins: &o\n      - https://a.example\n      - &b https://b.example\n    trusted_proxies: [10.0.0.1]\ndata_dir: *b\n';
    expect(valuesOf(text)).toEqual({
      'websocket.security.allowed_origins': ['https://a.example', 'https://b.example'],
      'websocket.security.trusted_proxies': ['10.0.0.1'],
      data_dir: 'https://b.example',
    });
  });

  it.each([
    ['a key given twice', 'data_dir: a\ndata_dir: b\n', ['c.yaml:2', undefined, 'Map keys must be unique']],
    ['__proto__', '__proto__:\n  x: 1\n', ['c.yaml:1', '__proto__', 'is not a setting']],
    ['constructor', 'websocket:\n  constructor: 1\n', ['c.yaml:2', 'websocket.constructor', 'is not a setting']],
    ['a merge key', 'websocket:\n  <<: {enabled: true}\n', ['c.yaml:2', 'websocket.<<', 'is not a setting']],
    ['a list at the top', '- a\n', ['c.yaml:1', undefined, 'is not a map of settings']],
    ['a value for a section', 'websocket: true\n', ['c.yaml:1', 'websocket', 'is not a map of settings']],
    ['a map for a value', 'data_dir: {a: 1}\n', ['c.yaml:1', 'data_dir', 'is a map; accepted: text']],
    ['a list for a value', 'data_dir: [a]\n', ['c.yaml:1', 'data_dir', 'is a list; accepted: text']],
    ['no value', 'data_dir:\n', ['c.yaml:1', 'data_dir', 'has no value; accepted: text']],
    [
      'lists in a list',
      'websocket: {security: {allowed_origins: [[a]]}}\n',
      ['c.yaml:1', 'websocket.security.allowed_origins', expect.stringContaining('not text')],
    ],
    ['a key that is a list', '? [a]\n: 1\n', ['c.yaml:1', undefined, 'has a key that is not a word']],
    ['two documents', 'data_dir: a\n---\ndata_dir: b\n', ['c.yaml:2', undefined, expect.stringContaining('multiple documents')]],
    ['a tag', 'data_dir: !js/function x\n', ['c.yaml:1', undefined, expect.stringContaining('Unresolved tag')]],
  ])('is refused with %s', (_, text, problem) => {
    expect(problemsOf(text)).toContainEqual(problem);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  it('is refused at once when aliases would multiply', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...Array.from({ length: 12 }, (_, i) => `${'bcdefghijklm'[i]}: &${'bcdefghijklm'[i]} [${`*${'abcdefghijkl'[i]},`.repeat(9)}]`),
    ];
    const before = cpuMs();
    expect(problemsOf(`${bomb.join('\n')}\ndata_dir: *m\n`).length).toBeGreaterThan(12);
    expect(cpuMs() - before).toBeLessThan(1000);
    const map: Setting = { path: 'free', kind: 'map', to: 'host' as never, doc: '', check: () => [] };
    expect(readYaml(`${bomb.join('\n')}\nfree: {x: *m}\n`, 'c.yaml', [map]).problems.at(-1)?.message).toMatch(/alias/i);
  });

  it('may be long, but not endless or bottomless', () => {
    expect(problemsOf('#'.repeat(2_000_000))).toHaveLength(1);
    expect(() => problemsOf(`data_dir: ${'['.repeat(500)}`)).not.toThrow();
  });
});
