// That what `npm run bench:mcp` measures is answered; how fast, it prints.
import { expect, it } from 'vitest';

import { calls } from './calls.js';
import { idleSessions } from './idle-sessions.js';
import { tableOf } from './report.js';
import { toolLists } from './tool-lists.js';

const BRIEF = { isShort: true, rounds: 1, seconds: 0.3, warmUpSeconds: 3 };
const WITHIN_MS = 120_000;

it.each([
  ['calls by every way', calls, 4],
  ['a list of a thousand tools', toolLists, 2],
  ['idle sessions', idleSessions, 2],
])(
  '%s are all answered',
  async (_, measure, count) => {
    // Each throws where anything is not answered as it should be.
    const rows = await measure(BRIEF);
    expect(rows).toHaveLength(count);
    for (const { value } of rows) expect(value).toBeGreaterThan(0);
    expect(tableOf(rows).split('\n')).toHaveLength(count + 2);
  },
  WITHIN_MS,
);
