import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { expect, it } from 'vitest';

import { versionProblem } from './node-version.js';

const { engines } = JSON.parse(readFileSync(resolve(import.meta.dirname, '../package.json'), 'utf8')) as { engines: { node: string } };
const needed = /^>=(\d+)$/.exec(engines.node)?.[1] ?? '';

it('the version that package.json names will do, and newer ones', () => {
  for (const version of [`${needed}.0.0`, `${Number(needed) + 1}.2.3`, '100.0.0']) expect(versionProblem(version), version).toBeUndefined();
});

it('an older one is told what is needed, and what there is', () => {
  for (const version of [`${Number(needed) - 1}.99.9`, '20.19.0', '8.0.0'])
    expect(versionProblem(version)).toMatch(
      new RegExp(`needs Node ${needed} or newer, and this is Node ${version.replaceAll('.', '\\.')}`),
    );
});
