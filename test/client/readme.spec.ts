// The examples of the client's README, run as they are printed against a server. That they compile: platforms.spec.ts.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { signJwt } from '../support/jwt.js';
import { startServer, type TestServer } from '../support/start-server.js';
import { UNLIMITED } from './opened-clients.js';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');
const SECRET = 'a-secret-of-at-least-32-characters';
const EXAMPLES = [...readFileSync(join(ROOT, 'libs/client/README.md'), 'utf8').matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code ?? '');

/** What the reader of an example has already, where it does not make it itself. */
const NEEDED = {
  key: 'const key = process.env.KEY;',
  url: 'const url = process.env.URL;',
  client: "const client = await mcpw.connect({ url: process.env.URL, name: 'reader', key: process.env.KEY });",
  fetchToken: 'const fetchToken = async () => process.env.TOKEN;',
  fetchTicket: `const fetchTicket = async () => (await (await fetch(process.env.URL.replace('ws:', 'http:').replace('/ws', '/api/v1/websocket/tickets'),
    { method: 'POST', headers: { authorization: 'Bearer ' + process.env.KEY } })).json()).ticket;`,
  handle: 'const handled = []; const handle = async (event) => handled.push(event);',
  resize: "const resize = async (path, signal, onProgress) => { onProgress(1); return path + ' is smaller'; };",
};

interface Reading {
  /** A line that only this example has. */
  readonly has: string;
  readonly before?: string;
  /** An expression that tells what became of it. */
  readonly told: string;
  readonly expected: unknown;
}

const READINGS: Reading[] = [
  { has: "key: 'your-api-key'", told: 'result.structured', expected: { text: 'hello' } },
  {
    has: 'const withTicket',
    told: '[withToken, withTicket].map(({ session }) => session.principal.tenant)',
    expected: ['acme', 'default'],
  },
  { has: 'const updated', told: 'updated?.version', expected: 2 },
  { has: "'billing.charge'", told: 'charged_cents', expected: 250 },
  {
    has: 'client.runTool',
    before: `const steps = []; console.log = (text) => steps.push(text);
      const imports = async ({ folder }, { progress }) => { progress(3, 4); await new Promise((done) => setTimeout(done, 200)); return folder; };
      await client.offerTools([{ name: 'import_files', description: 'imports', inputSchema: { type: 'object' }, run: imports }]).ready;`,
    told: '[steps, status, result.content[0].text]',
    expected: [['3 of 4'], 'completed', 'docs'],
  },
  {
    has: 'client.offerTools',
    told: "(await client.executeTool('resize_image', { path: 'a.png' })).result.content",
    expected: [{ type: 'text', text: 'a.png is smaller' }],
  },
  {
    has: 'client.subscribe',
    before: "await client.request('context.create', { name: 'x', id: 'the-last' });",
    told: 'handled.at(-1)',
    expected: 'context.created',
  },
  {
    has: 'const secret',
    told: "await Promise.all([fast, secret, signed].map(async (one) => (await one.executeTool('echo', {})).status))",
    expected: ['completed', 'completed', 'completed'],
  },
  {
    has: "client.on('draining'",
    told: "cursor.cursor === (await client.request('event.publish', { event: 'job.done', data: {} }, { idempotencyKey: 'job-17' })).cursor",
    expected: true,
  },
  { has: 'const patient', told: 'patient.state', expected: 'open' },
];

let server: TestServer;
let folder: string;

beforeAll(async () => {
  server = await startServer({
    main: join(ROOT, 'dist/examples/billing/server.js'),
    config: { ...UNLIMITED, auth: { jwt: { secret: SECRET } } },
  });
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'mcpw-readme-')));
  mkdirSync(join(folder, 'node_modules/@mcpw'), { recursive: true });
  for (const name of ['protocol', 'client']) symlinkSync(join(ROOT, 'libs', name), join(folder, 'node_modules/@mcpw', name));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('has a reading for each of its examples', () => {
  expect(EXAMPLES.map((code) => READINGS.filter(({ has }) => code.includes(has)).length)).toEqual(EXAMPLES.map(() => 1));
  expect(READINGS.length).toBe(EXAMPLES.length);
});

it.each(READINGS)('does what it shows: $has', async ({ has, before = '', told, expected }) => {
  const code = (EXAMPLES.find((example) => example.includes(has)) ?? '')
    .replaceAll(/'wss?:\/\/[^']+'/g, 'process.env.URL')
    .replaceAll("'your-api-key'", 'process.env.KEY');
  const needed = Object.entries(NEEDED).filter(([name]) => new RegExp(`\\b${name}\\b`).test(code) && !code.includes(`const ${name} =`));
  const program = [
    "import * as mcpw from '@mcpw/client';",
    ...needed.map(([, declaration]) => declaration),
    before,
    code,
    `process.stdout.write(JSON.stringify(${told}));`,
    'process.exit();',
  ];
  const file = join(folder, `example-${READINGS.findIndex((reading) => reading.has === has)}.ts`);
  writeFileSync(file, program.join('\n'));
  const token = await signJwt(SECRET, { sub: 'reader', tenant: 'acme', scopes: ['tools:read'] });
  const env = { ...process.env, URL: server.wsUrl, KEY: server.adminKey, TOKEN: token };
  const { stdout } = await run(process.execPath, [file], { cwd: folder, env });
  expect(JSON.parse(stdout)).toEqual(expected);
});
