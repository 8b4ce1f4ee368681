// `npm run bench`: measures every row and prints the table. docs/performance.md tells of its flags.
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { unmeasured, type Row, type RowMaker, type RowOptions } from './bench-row.js';
import { chartOf } from './report/chart.js';
import { readHeld, regressionsOf, writeHeld } from './report/held.js';
import { writePage } from './report/page.js';
import { tableOf } from './report/table.js';
import { allocation } from './rows/allocation.js';
import { contextGet } from './rows/context-get.js';
import { durableUpdates } from './rows/durable-updates.js';
import { fanOut } from './rows/fan-out.js';
import { handshakes } from './rows/handshakes.js';
import { latency } from './rows/latency.js';
import { memory } from './rows/memory.js';
import { reconnectStorm } from './rows/reconnect-storm.js';
import { requestCost } from './rows/request-cost.js';
import { connectionScaling, contextScaling } from './rows/scaling.js';
import { stall } from './rows/stall.js';
import { profileInto } from './servers/measured-process.js';
import { nameRow } from './servers/stalls.js';

/** In the order of the table; the stall is of all before it. */
const ROWS: Readonly<Record<string, RowMaker>> = {
  requestCost,
  contextGet,
  fanOut,
  durableUpdates,
  memory,
  allocation,
  latency,
  handshakes,
  reconnectStorm,
  connectionScaling,
  contextScaling,
  stall,
};

const HELD = join(import.meta.dirname, 'held.json');
const FULL: RowOptions = { isShort: false, rounds: 5, seconds: 1.2, warmUpSeconds: 8 };
const SHORT: RowOptions = { isShort: true, rounds: 3, seconds: 0.3, warmUpSeconds: 1.5 };

const { values: flags } = parseArgs({
  options: {
    /** The form for every day. */
    short: { type: 'boolean', default: false },
    /** Rows to measure, by the names above, with commas. */
    only: { type: 'string' },
    json: { type: 'string' },
    svg: { type: 'string' },
    markdown: { type: 'string' },
    /** Fails where a target is missed that is not held. */
    check: { type: 'boolean', default: false },
    /** Notes the targets that this run missed, so that a check lets them be. */
    hold: { type: 'boolean', default: false },
    /** Folder into which our server writes CPU profiles: they cost, and the figures are not to be kept. */
    profile: { type: 'string' },
  },
});

async function main(): Promise<void> {
  if (flags.profile !== undefined) profileInto(flags.profile);
  const begin = performance.now();
  const machine = `${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)} before, Node ${process.version}`;
  console.log(`${machine}\n`);
  const rows = await measured(flags.only?.split(','));
  const seconds = (performance.now() - begin) / 1000;
  console.log(`${tableOf(rows)}\n${Math.round(seconds)} s`);
  if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify({ rows }, undefined, 2)}\n`);
  if (flags.svg !== undefined) writeFileSync(flags.svg, chartOf(rows));
  if (flags.markdown !== undefined) writePage(flags.markdown, { rows, command: commandLine(), machine, seconds });
  if (flags.hold) writeHeld(HELD, rows);
  const unseen = rows.filter(({ value, met }) => value === null && !met);
  const regressions = flags.check ? regressionsOf(rows, readHeld(HELD)) : unseen.map(({ name, detail }) => `${name}: ${detail}`);
  for (const regression of regressions) console.error(regression);
  if (regressions.length > 0) process.exitCode = 1;
}

async function measured(only: readonly string[] | undefined): Promise<Row[]> {
  const rows: Row[] = [];
  for (const name of only ?? []) if (!(name in ROWS)) throw new Error(`there is no row ${name}; there are ${Object.keys(ROWS).join(', ')}`);
  for (const [name, make] of Object.entries(ROWS)) {
    if (only !== undefined && !only.includes(name)) continue;
    const begin = performance.now();
    nameRow(name);
    process.stderr.write(`measuring ${name} … `);
    rows.push(...(await withSecondTry(name, make)));
    process.stderr.write(`${Math.round((performance.now() - begin) / 1000)} s\n`);
  }
  return rows;
}

/** On a busy machine a load may once not come through: that is not to cost all that was measured. */
async function withSecondTry(name: string, make: RowMaker): Promise<readonly Row[]> {
  const options = flags.short ? SHORT : FULL;
  try {
    return await make(options);
  } catch (error) {
    process.stderr.write(`${String(error)}; once more … `);
  }
  try {
    return await make(options);
  } catch (error) {
    return [unmeasured(name, String(error))];
  }
}

/** What decides over the figures; where they are written to is nobody else's. */
function commandLine(): string {
  const args = [flags.short ? '--short' : '', flags.only === undefined ? '' : `--only ${flags.only}`].filter((arg) => arg !== '');
  return ['npm run bench', ...(args.length === 0 ? [] : ['--', ...args])].join(' ');
}

await main();
