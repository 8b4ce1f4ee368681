import { expect, it } from 'vitest';

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { rowOf, unmeasured } from '../bench-row.js';
import { pageOf, writePage } from './page.js';

const rows = [
  rowOf('cost of a call', [1, 2, 3], '2 against 1 µs', { atMost: 0.9 }),
  rowOf('deliveries', [3, 3, 4], '', { atLeast: 2 }),
  unmeasured('storm', 'it rained'),
];

it('keeps what people wrote, and replaces what was made', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcpw-page-'));
  try {
    const file = join(folder, 'performance.md');
    const run = { rows, command: 'npm run bench', machine: 'one', seconds: 2 };
    writePage(file, run);
    writeFileSync(file, `${readFileSync(file, 'utf8')}\n## Why\n\nBecause.\n`);
    writePage(file, { ...run, machine: 'another' });
    const page = readFileSync(file, 'utf8');
    expect(page).toMatch(/^# Speed/);
    expect(page).toContain('another');
    expect(page).not.toContain('on: one');
    expect(page).toContain('1 of 3 targets are met');
    expect(page).toContain('- cost of a call: 2, target ≤ 0.9, 122 % off');
    expect(page).toContain('- storm: not measured');
    expect(page.endsWith('## Why\n\nBecause.\n')).toBe(true);
    expect(readFileSync(join(folder, 'performance.svg'), 'utf8')).toContain('cost of a call');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('does not write over a page without marks', () => {
  expect(() => pageOf('# Notes\n', 'made')).toThrow(/no part between/);
});
