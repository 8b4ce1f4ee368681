import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { rowOf, unmeasured } from '../bench-row.js';
import { readHeld, regressionsOf, writeHeld } from './held.js';

const cost = (value: number) => rowOf('cost', [value], '', { atMost: 1 });
const rate = (value: number) => rowOf('rate', [value], '', { atLeast: 10 });

it('a miss is a regression unless it is held, and then where it has become worse', () => {
  expect(regressionsOf([cost(0.9), rate(11)], {})).toEqual([]);
  expect(regressionsOf([cost(1.1), rate(9)], {})).toEqual(['cost: 1.1, target ≤ 1', 'rate: 9, target ≥ 10']);
  expect(regressionsOf([cost(1.3), rate(8)], { cost: 1.2, rate: 9 })).toEqual([]);
  expect(regressionsOf([cost(1.6), rate(6)], { cost: 1.2, rate: 9 })).toHaveLength(2);
  expect(regressionsOf([unmeasured('storm', 'it rained')], { storm: 1 })).toEqual(['storm: not measured']);
});

it('notes what this run missed, and forgets what it met', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcpw-held-'));
  try {
    const file = join(folder, 'held.json');
    writeHeld(file, [cost(1.2), rate(9)]);
    expect(readHeld(file)).toEqual({ cost: 1.2, rate: 9 });
    writeHeld(file, [rate(11)]);
    expect(readHeld(file)).toEqual({ cost: 1.2 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
