// The results as an SVG: a bar for each ratio as a part of its target, and a line for each curve. No library: text only.
import type { Row } from '../bench-row.js';

const WIDTH = 960;
const ROW_HEIGHT = 26;
const LABEL_WIDTH = 560;
const BAR_WIDTH = 300;
const CURVE_HEIGHT = 180;
/** Of the bars' width, where the target is. */
const TARGET_AT = 0.6;

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #1f2328 } .dim { fill: #656d76 }
  .met { fill: #2da44e } .missed { fill: #cf222e } .line { fill: none; stroke: #0969da; stroke-width: 2 } .axis { stroke: #8c959f }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .dim { fill: #8d96a0 } }`;

export function chartOf(rows: readonly Row[]): string {
  const bars = rows.filter(({ value, target }) => value !== null && (target.atMost !== undefined || target.atLeast !== undefined));
  const curves = rows.filter(({ curve }) => curve !== undefined);
  const barsEnd = 40 + bars.length * ROW_HEIGHT;
  const height = barsEnd + curves.length * (CURVE_HEIGHT + 40) + 20;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Results of npm run bench">`,
    `<style>${STYLE}</style>`,
    `<text class="dim" x="8" y="18">Each bar is to end on its good side of the line: left of it for ≤, right of it for ≥.</text>`,
    ...bars.map((row, index) => barOf(row, 32 + index * ROW_HEIGHT)),
    `<line class="axis" x1="${LABEL_WIDTH + BAR_WIDTH * TARGET_AT}" y1="28" x2="${LABEL_WIDTH + BAR_WIDTH * TARGET_AT}" y2="${barsEnd - 8}"/>`,
    ...curves.map((row, index) => curveOf(row, barsEnd + 20 + index * (CURVE_HEIGHT + 40))),
    '</svg>\n',
  ].join('\n');
}

function barOf({ name, value, target, met }: Row, y: number): string {
  const goal = target.atMost ?? target.atLeast ?? 1;
  const part = goal === 0 ? (value === 0 ? 0 : 1) : ((value ?? 0) / goal) * TARGET_AT;
  const width = Math.max(2, Math.min(1, part) * BAR_WIDTH);
  const label = `${Number((value ?? 0).toPrecision(3))} (${target.atMost === undefined ? '≥' : '≤'} ${goal})`;
  return [
    `<text x="8" y="${y + 14}">${escaped(name)}</text>`,
    `<rect class="${met ? 'met' : 'missed'}" x="${LABEL_WIDTH}" y="${y + 3}" width="${width.toFixed(1)}" height="14" rx="2"/>`,
    `<text x="${WIDTH - 8}" y="${y + 14}" text-anchor="end">${label}</text>`,
  ].join('');
}

/** Logarithmic to the right, from zero upwards. */
function curveOf({ name, curve = [] }: Row, y: number): string {
  const first = Math.log10(curve[0]?.at ?? 1);
  const decades = Math.log10(curve.at(-1)?.at ?? 10) - first;
  const most = Math.max(...curve.map(({ value }) => value)) * 1.25;
  const points = curve.map(({ at, value }) => ({
    at,
    value,
    x: 60 + ((Math.log10(at) - first) / decades) * (WIDTH - 160),
    y: y + CURVE_HEIGHT - (value / most) * (CURVE_HEIGHT - 30),
  }));
  return [
    `<text x="8" y="${y + 8}">${escaped(name)}</text>`,
    `<line class="axis" x1="60" y1="${y + CURVE_HEIGHT}" x2="${WIDTH - 60}" y2="${y + CURVE_HEIGHT}"/>`,
    `<polyline class="line" points="${points.map((point) => `${point.x.toFixed(1)},${point.y.toFixed(1)}`).join(' ')}"/>`,
    ...points.map(
      (point) =>
        `<text x="${point.x.toFixed(1)}" y="${(point.y - 8).toFixed(1)}" text-anchor="middle">${point.value.toFixed(1)} µs</text>` +
        `<text class="dim" x="${point.x.toFixed(1)}" y="${y + CURVE_HEIGHT + 16}" text-anchor="middle">${point.at.toLocaleString('en')}</text>`,
    ),
  ].join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
