// The results as a Markdown table, so that they can be read on a terminal and put on a page.
import type { Row, Target } from '../bench-row.js';

export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const { name, value, spread, target, detail } = row;
    const range = spread === null ? '' : spread.map(rounded).join(' … ');
    return `| ${name} | ${value === null ? '' : rounded(value)} | ${range} | ${targetText(target)} | ${verdictOf(row)} | ${detail} |`;
  });
  return ['| what | median | least … most | target | met | |', '|---|---|---|---|---|---|', ...lines].join('\n');
}

/** The courses, a line each: what it cost at each place. */
export function curvesOf(rows: readonly Row[]): string {
  return rows
    .flatMap(({ name, curve }) => (curve === undefined ? [] : [{ title: name.split(',')[0] ?? name, curve }]))
    .map(({ title, curve }) => {
      const places = curve.map(({ at }) => at.toLocaleString('en'));
      const costs = curve.map(({ value }) => `${value.toFixed(1)} µs`);
      return [`| ${title} | ${places.join(' | ')} |`, `|---|${places.map(() => '---:|').join('')}`, `| CPU | ${costs.join(' | ')} |`].join(
        '\n',
      );
    })
    .join('\n\n');
}

export function targetText({ atMost, atLeast }: Target): string {
  if (atMost !== undefined) return `≤ ${atMost}`;
  return atLeast === undefined ? '' : `≥ ${atLeast}`;
}

export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

function verdictOf({ value, target, met }: Row): string {
  if (targetText(target) === '' && met) return '';
  return met ? 'yes' : value === null ? 'not measured' : 'NO';
}
