// Targets that are missed and said to be (docs/performance.md): how far off each was. A check lets those be, unless they have become
// worse; the file is made by the bench (`--hold`), never by hand.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

import type { Row } from '../bench-row.js';
import { rounded, targetText } from './table.js';

/** Values by the names of their rows. */
export type Held = Readonly<Record<string, number>>;

/** Machines differ, and one run from the next: this much worse is not yet a regression. */
const TOLERANCE = 0.25;

export function readHeld(file: string): Held {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Held) : {};
}

/** Notes the misses of this run in place of those of its rows noted before. */
export function writeHeld(file: string, rows: readonly Row[]): void {
  const held = new Map(Object.entries(readHeld(file)));
  for (const { name, value, met } of rows) {
    if (met) held.delete(name);
    else if (value !== null) held.set(name, rounded(value));
  }
  writeFileSync(file, `${JSON.stringify(Object.fromEntries([...held].sort()), undefined, 2)}\n`);
}

/** @returns a sentence for each row that is worse than it may be */
export function regressionsOf(rows: readonly Row[], held: Held): string[] {
  return rows.flatMap((row) => {
    const { name, value, target, met } = row;
    if (met) return [];
    if (value === null) return [`${name}: not measured`];
    const before = held[name];
    if (before === undefined) return [`${name}: ${rounded(value)}, target ${targetText(target)}`];
    const isWorse = target.atLeast === undefined ? value > before * (1 + TOLERANCE) : value < before * (1 - TOLERANCE);
    return isWorse ? [`${name}: ${rounded(value)}, and ${before} was held; target ${targetText(target)}`] : [];
  });
}
