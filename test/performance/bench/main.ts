// `npm run bench`: measures every row, prints the table, and with `--json FILE` writes it too. `--short` is the form for every day.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

import type { Row, RowMaker, Target } from './bench-row.js';
import { requestCost } from './rows/request-cost.js';

const ROWS: Readonly<Record<string, RowMaker>> = { requestCost };

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const isShort = args.includes('--short');
  const only = valueOf(args, '--only');
  const rows: Row[] = [];
  console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, Node ${process.version}\n`);
  for (const [name, make] of Object.entries(ROWS)) {
    if (only !== undefined && only !== name) continue;
    process.stderr.write(`measuring ${name} …\n`);
    rows.push(...(await make(isShort ? { rounds: 3, seconds: 1 } : { rounds: 5, seconds: 3 })));
  }
  console.table(rows.map(({ name, value, spread, target, met, detail }) => ({ what: name, ratio: round(value), 'min … max': spread.map(round).join(' … '), target: textOf(target), met: met ? 'yes' : 'NO', detail })));
  const file = valueOf(args, '--json');
  if (file !== undefined) writeFileSync(file, `${JSON.stringify({ rows }, undefined, 2)}\n`);
  if (args.includes('--check') && rows.some(({ met }) => !met)) process.exitCode = 1;
}

function valueOf(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
}

function textOf({ atMost, atLeast }: Target): string {
  return atMost === undefined ? `≥ ${atLeast}` : `≤ ${atMost}`;
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}

await main();
