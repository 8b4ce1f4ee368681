// The rows as a table, for a terminal and for a page.
import { cpus } from 'node:os';

import type { Row } from '../bench/bench-row.js';

const HEAD = '| what | median | least … most | target | met | |\n| --- | ---: | --- | --- | --- | --- |';

export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(({ name, value, spread, target: { atLeast }, met, detail }) => {
    const range = spread?.map(figure).join(' … ') ?? '';
    const target = atLeast === undefined ? '' : `≥ ${figure(atLeast)}`;
    return `| ${name} | ${value === null ? '' : figure(value)} | ${range} | ${target} | ${target === '' ? '' : met ? 'yes' : 'NO'} | ${detail} |`;
  });
  return [HEAD, ...lines].join('\n');
}

export const machine = (): string => `${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, Node ${process.version}`;

export const pageOf = (rows: readonly Row[]): string => `# What MCP costs

Made by \`npm run bench:mcp -- --markdown docs/mcp-performance.md\` on: ${machine()}. The server has its default settings, but for the
rate limits; the client runs beside it, on the same cores. How MCP is served: [mcp.md](mcp.md).

${tableOf(rows)}
`;

const figure = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3))));
