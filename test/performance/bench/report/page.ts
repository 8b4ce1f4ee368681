// docs/performance.md: what the bench made stands between two marks and is replaced; what people wrote below stays as it is.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';

import type { Row } from '../bench-row.js';
import { chartOf } from './chart.js';
import { curvesOf, rounded, tableOf, targetText } from './table.js';

const BEGIN = '<!-- made by npm run bench: begin -->';
const END = '<!-- made by npm run bench: end -->';
const TITLE = '# Speed, measured side by side';

export interface Run {
  readonly rows: readonly Row[];
  readonly command: string;
  /** Processor, cores, Node; and how busy the machine was. */
  readonly machine: string;
  readonly seconds: number;
}

/** Writes the page, and the chart beside it: `performance.md`, `performance.svg`. */
export function writePage(file: string, run: Run): void {
  const chart = file.replace(/\.md$/, '.svg');
  writeFileSync(chart, chartOf(run.rows));
  writeFileSync(
    file,
    pageOf(existsSync(file) ? readFileSync(file, 'utf8') : `${TITLE}\n\n${BEGIN}\n${END}\n`, madeOf(run, basename(chart))),
  );
}

/** @throws Error where the page has not both marks: what is in it would be lost */
export function pageOf(page: string, made: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`the page has no part between ${BEGIN} and ${END}`);
  return `${page.slice(0, begin)}${BEGIN}\n\n${made}\n\n${page.slice(end)}`;
}

function madeOf({ rows, command, machine, seconds }: Run, chart: string): string {
  const aimed = rows.filter((row) => targetText(row.target) !== '' || !row.met);
  const missed = aimed.filter(({ met }) => !met);
  return [
    `Made by \`${command}\` in ${Math.round(seconds)} s on: ${machine}.`,
    `${aimed.length - missed.length} of ${aimed.length} targets are met.${missed.length === 0 ? '' : ' Missed:'}`,
    ...(missed.length === 0 ? [] : [missed.map(missLine).join('\n')]),
    tableOf(rows),
    `![Each result as a part of its target, and the curves](${chart})`,
    curvesOf(rows),
  ].join('\n\n');
}

function missLine({ name, value, target }: Row): string {
  if (value === null) return `- ${name}: not measured`;
  const goal = target.atMost ?? target.atLeast ?? 1;
  const off = goal === 0 ? '' : `, ${Math.round(Math.abs(value / goal - 1) * 100)} % off`;
  return `- ${name}: ${rounded(value)}, target ${targetText(target)}${off}`;
}
