import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { envExample, yamlExample } from './config-examples.js';
import type { Config } from './config.js';
import { variablesOf } from './environment.js';
import { loadConfig } from './load-config.js';
import type { Setting } from './setting.js';
import { SETTINGS } from './settings.js';

const settings: readonly Setting[] = SETTINGS;
const inRepository = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

function loaded(env: Record<string, string>, yaml = ''): Config {
  const result = loadConfig(env, () => yaml);
  if ('problems' in result) throw new Error(JSON.stringify(result.problems));
  return result.config;
}

describe('.env.example', () => {
  const text = envExample(settings);

  it('is what the table makes (`npm run docs:config`)', () => {
    expect(inRepository('.env.example')).toBe(text);
  });

  it('holds the defaults: all of it, uncommented, changes nothing', () => {
    const lines = [...text.matchAll(/^# ([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value] as [string, string]);
    // Of the others the file has an example.
    const hasDefault = settings.filter((setting) => 'default' in setting && typeof setting.default === 'string' && setting.default !== '');
    const names = new Set(hasDefault.map((setting) => variablesOf(setting)[0]));
    const withDefault = lines.filter(([name]) => names.has(name));
    expect(lines).toHaveLength(settings.length + 1);
    expect(loaded(Object.fromEntries(withDefault))).toEqual(loaded({}));
  });
});

describe('config.example.yaml', () => {
  const text = yamlExample(settings);

  it('is what the table makes (`npm run docs:config`)', () => {
    expect(inRepository('config.example.yaml')).toBe(text);
  });

  it('holds the defaults: loading it changes nothing', () => {
    expect(loaded({ MCPW_CONFIG: 'x' }, text)).toEqual(loaded({}));
  });

  it('has every key', () => {
    const keys = [...text.matchAll(/^ *(?:# )?([A-Za-z_]+):(?: |$)/gm)].map(([, key]) => key);
    for (const { path } of settings) expect(keys).toContain(path.split('.').at(-1));
  });
});
