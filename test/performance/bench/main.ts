// `npm run bench`: measures every row, prints the table; `--json FILE` and `--svg FILE` write it too, `--check` fails where a
// target is missed, `--only NAME,NAME` measures some, `--profile FOLDER` has our server write CPU profiles, `--short` is the form for every day.
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

import type { Row, RowMaker, Target } from './bench-row.js';
import { chartOf } from './chart.js';
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

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const isShort = args.includes('--short');
  const only = valueOf(args, '--only')?.split(',');
  const folder = valueOf(args, '--profile');
  if (folder !== undefined) profileInto(folder);
  const begin = performance.now();
  const rows: Row[] = [];
  console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}\n`);
  for (const [name, make] of Object.entries(ROWS)) {
    if (only !== undefined && !only.includes(name)) continue;
    process.stderr.write(`measuring ${name} …\n`);
    nameRow(name);
    rows.push(...(await make({ isShort, rounds: isShort ? 3 : 5, seconds: isShort ? 0.5 : 1.5 })));
  }
  console.log(tableOf(rows));
  console.log(`${Math.round((performance.now() - begin) / 1000)} s`);
  const file = valueOf(args, '--json');
  if (file !== undefined) writeFileSync(file, `${JSON.stringify({ rows }, undefined, 2)}\n`);
  const chart = valueOf(args, '--svg');
  if (chart !== undefined) writeFileSync(chart, chartOf(rows));
  if (args.includes('--check') && rows.some(({ met }) => !met)) process.exitCode = 1;
}

/** Markdown, so that it can be read on a terminal and put on a page. */
function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(({ name, value, spread, target, met, detail }) => {
    const range = spread === null ? '' : spread.map(round).join(' … ');
    return `| ${name} | ${value === null ? '' : round(value)} | ${range} | ${textOf(target)} | ${textOf(target) === '' ? '' : met ? 'yes' : 'NO'} | ${detail} |`;
  });
  return ['| what | median | least … most | target | met | |', '|---|---|---|---|---|---|', ...lines].join('\n');
}

function valueOf(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
}

function textOf({ atMost, atLeast }: Target): string {
  if (atMost !== undefined) return `≤ ${atMost}`;
  return atLeast === undefined ? '' : `≥ ${atLeast}`;
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}

await main();
