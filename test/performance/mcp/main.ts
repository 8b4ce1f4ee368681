// `npm run bench:mcp`: what MCP costs, printed; `--json FILE` and `--markdown FILE` write it too, `--short` takes less time,
// `--only calls,toolLists,idleSessions` measures some, `--profile FOLDER` has the server write CPU profiles.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import type { Row, RowMaker, RowOptions } from '../bench/bench-row.js';
import { profileInto } from '../bench/servers/measured-process.js';
import { calls } from './calls.js';
import { idleSessions } from './idle-sessions.js';
import { machine, pageOf, tableOf } from './report.js';
import { toolLists } from './tool-lists.js';

const MAKERS: Readonly<Record<string, RowMaker>> = { calls, toolLists, idleSessions };

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    markdown: { type: 'string' },
    only: { type: 'string' },
    profile: { type: 'string' },
    short: { type: 'boolean', default: false },
  },
});
if (values.profile !== undefined) profileInto(values.profile);
const only = values.only?.split(',') ?? Object.keys(MAKERS);
const options: RowOptions = { isShort: values.short, rounds: values.short ? 2 : 5, seconds: values.short ? 0.5 : 3, warmUpSeconds: 3 };
const rows: Row[] = [];
for (const [name, make] of Object.entries(MAKERS)) {
  if (!only.includes(name)) continue;
  process.stderr.write(`measuring ${name} …\n`);
  rows.push(...(await make(options)));
}
process.stdout.write(`${machine()}\n\n${tableOf(rows)}\n`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ rows }, undefined, 2)}\n`);
if (values.markdown !== undefined) writeFileSync(values.markdown, pageOf(rows));
