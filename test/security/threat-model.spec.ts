// SECURITY.md says which test shows what: each is there, and no threat is without one.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { describe, expect, it } from 'vitest';

import { testExists } from '../requirements/named-test.js';

const PAGE = readFileSync(resolve(import.meta.dirname, '../../SECURITY.md'), 'utf8');
const NAMED = /`((?:test|src|libs)\/[^`]+? > [^`]+)`/g;

/** Rows of the tables of threats, without their heads. */
const rows = PAGE.slice(PAGE.indexOf('## Threats'), PAGE.indexOf('## What a crash'))
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| threat |'))
  .map((line) => [line.split(' | ')[0]?.slice(2) ?? '', [...line.matchAll(NAMED)].map(([, test]) => test ?? '')] as const);

describe('SECURITY.md', () => {
  it.each(rows)('%s: shown by tests that there are', (_, tests) => {
    expect(tests.length).toBeGreaterThan(0);
    expect(tests.filter((test) => !testExists(test))).toEqual([]);
  });

  it('has a row for each of the things that are promised', () => {
    expect(rows.length).toBeGreaterThanOrEqual(35);
  });
});
