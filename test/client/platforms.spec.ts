// The built package as a program has it that installed it: with `ws` and without, and with the types that it ships.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { startServer } from '../support/start-server.js';
import { UNLIMITED } from './opened-clients.js';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');
const PROGRAM = `
import { connect } from '@mcpw/client';
const [url, key, wrongKey] = process.argv.slice(2);
const client = await connect({ url, key, name: 'program', encoding: 'binary', security: true, batching: true });
const events = client.subscribe(['program.*']);
await events.ready;
const echoed = await client.executeTool('echo', { text: 'x'.repeat(3000) });
await client.request('event.publish', { event: 'program.ran', data: { length: echoed.result.structured.text.length } });
const { value } = await events.next();
await client.close();
const refusal = await connect({ url, key: wrongKey, name: 'program', maxWaitMs: 1500 }).catch((error) => error.name + ' ' + error.status);
console.log(JSON.stringify({ data: value.data, refusal }));
`;

/** A TypeScript program that compiles only where the types say what they should. */
const TYPED = `
import { connect, McpwError, type Client, type ClientOptions } from '@mcpw/client';

declare module '@mcpw/client' {
  interface MethodMap {
    'billing.charge': { params: { amount: number }; result: { receipt: string } };
  }
}

export async function main(client: Client): Promise<string> {
  const { items } = await client.request('context.get', { context_id: 'c' });
  const role: 'system' | 'user' | 'assistant' | 'tool' | undefined = items[0]?.role;
  // @ts-expect-error a context has an id, not a name
  await client.request('context.get', { name: 'c' });
  // @ts-expect-error no such method
  await client.request('context.forget', {});
  // @ts-expect-error what a module's method takes is known too
  await client.request('billing.charge', { amount: 'much' });
  for await (const { data } of client.subscribe<{ n: number }>(['a.*'])) return data.n.toFixed() + role;
  const { receipt } = await client.request('billing.charge', { amount: 1 });
  return receipt;
}

interface EchoArgs {
  text: string;
}

export async function lessTyping(client: Client, args: EchoArgs): Promise<void> {
  const { tools } = await client.request('tool.list');
  await client.request('context.list', {}, { timeoutMs: 5_000 });
  await client.executeTool(tools[0]?.name ?? 'echo', args);
  client.notify('billing.seen', args);
  // @ts-expect-error a context has an id
  await client.request('context.get');
  // @ts-expect-error arguments are named
  await client.executeTool('echo', 'hello');
  // @ts-expect-error no such event
  client.on('close', () => undefined);
}

export async function disposing(options: ClientOptions): Promise<void> {
  await using client = await connect(options);
  using events = client.subscribe(['a.*']);
  using offer = client.offerTools([]);
  await Promise.all([events.ready, offer.ready]);
}

declare const token: string | undefined;
const named = { url: 'ws://localhost/ws', name: 'x' };
connect(named).then(main, (error: unknown) => error instanceof McpwError && error.code);
void connect({ ...named, key: 'k', token: undefined });
void connect({ ...named, token });
void connect({ ...named, ticket: () => 't' });
// @ts-expect-error one credential, not two
void connect({ ...named, key: 'k', token: 't' });
// @ts-expect-error one credential, not two
void connect({ ...named, token: () => 't', ticket: () => 't' });
`;

const PACKAGES = ['protocol', 'client'] as const;
/** What `npm publish` would send. */
const packed = new Map<string, string>();
let packs: string;
let folder: string;

beforeAll(async () => {
  packs = mkdtempSync(join(tmpdir(), 'mcpw-packs-'));
  for (const name of PACKAGES) {
    const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', packs], { cwd: join(ROOT, 'libs', name) });
    packed.set(name, join(packs, stdout.trim()));
  }
});
afterAll(() => rmSync(packs, { recursive: true, force: true }));

beforeEach(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'mcpw-program-')));
  for (const [name, archive] of packed) {
    const to = join(folder, 'node_modules/@mcpw', name);
    mkdirSync(to, { recursive: true });
    await run('tar', ['-xzf', archive, '-C', to, '--strip-components', '1']);
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function install(name: string): void {
  const to = join(folder, 'node_modules', name);
  mkdirSync(dirname(to), { recursive: true });
  symlinkSync(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), to);
}

/** Compiles programs against the package's own types. */
async function compiles(programs: Readonly<Record<string, string>>, platform: 'node' | 'browsers' = 'node'): Promise<void> {
  if (platform === 'node') for (const name of ['@types/node', 'undici-types']) install(name);
  for (const [name, code] of Object.entries(programs)) writeFileSync(join(folder, name), code);
  const options = {
    target: 'es2023',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
    ...(platform === 'node'
      ? { module: 'nodenext', types: ['node'] }
      : { module: 'esnext', moduleResolution: 'bundler', types: [], lib: ['es2023', 'dom'] }),
    skipLibCheck: false,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: Object.keys(programs) }));
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const { stdout } = await run(process.execPath, [tsc, '-p', '.', '--listFilesOnly'], { cwd: folder });
  for (const name of Object.keys(programs)) expect(stdout).toContain(name);
  const problems = await run(process.execPath, [tsc, '-p', '.'], { cwd: folder }).catch((error: Error & { stdout: string }) => error);
  expect(problems).toMatchObject({ stdout: '', stderr: '' });
}

/** What the reader of an example is to have, where it does not make it itself. */
const NEEDED: Readonly<Record<(typeof PACKAGES)[number], Readonly<Record<string, string>>>> = {
  client: {
    client: "declare const client: import('@mcpw/client').Client;",
    key: 'declare const key: string;',
    url: 'declare const url: string;',
    fetchToken: 'declare function fetchToken(): Promise<string>;',
    fetchTicket: 'declare function fetchTicket(): Promise<string>;',
    handle: 'declare function handle(event: string, data: unknown): Promise<void>;',
    resize: 'declare function resize(path: string, signal: AbortSignal, onProgress: (done: number) => void): Promise<string>;',
  },
  protocol: {
    socket: 'declare const socket: { send(message: string | Uint8Array): void };',
    text: 'declare const text: string;',
    bytes: 'declare const bytes: Uint8Array;',
    maxMessageSize: 'declare const maxMessageSize: number;',
    refuse: 'declare function refuse(id: number, code: number, reason: string | undefined): void;',
    run: "import type { toolShapes as Shapes } from '@mcpw/protocol'; declare function run(params: Shapes.ToolExecuteParams): Shapes.ToolExecuteResult;",
    agreement: "declare const agreement: import('@mcpw/protocol').KeyAgreement;",
    frame: "declare const frame: import('@mcpw/protocol').Frame;",
  },
};

/** The examples of a package's README, each a program of its own. */
function examplesOf(name: (typeof PACKAGES)[number]): Record<string, string> {
  const readme = readFileSync(join(ROOT, 'libs', name, 'README.md'), 'utf8');
  const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code ?? '');
  const programs = examples.map((code, i) => {
    const needed = Object.entries(NEEDED[name]).filter(([own]) => !new RegExp(`const ${own} =`).test(code));
    return [`example-${i}.ts`, `${needed.map(([, declaration]) => declaration).join('\n')}\n${code}\nexport {};\n`];
  });
  return Object.fromEntries(programs) as Record<string, string>;
}

describe.each(PACKAGES)('the package of %s', (name) => {
  const filesOf = (at: string): string[] =>
    readdirSync(at, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(at.length + 1));

  it('has what was built, its licence and its pages, and nothing that only we need', () => {
    const files = filesOf(join(folder, 'node_modules/@mcpw', name));
    const pages = ['LICENSE', 'README.md', 'package.json', ...(name === 'protocol' ? ['PROTOCOL.md'] : [])];
    expect(files.filter((file) => !/^dist\/[\w/.-]+\.(js|js\.map|d\.ts)$/.test(file)).sort()).toEqual(pages.sort());
    expect(files.filter((file) => /spec|testing|bench|fuzz/.test(file))).toEqual([]);
  });

  it('has each file that it exports, and maps that need no others', () => {
    const at = join(folder, 'node_modules/@mcpw', name);
    const { exports } = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8')) as { exports: object };
    const exported = [...JSON.stringify(exports).matchAll(/"\.\/(dist\/[^"]+)"/g)].map(([, file]) => file ?? '');
    const files = filesOf(at);
    expect(exported.length).toBeGreaterThan(3);
    expect(exported.filter((file) => !files.includes(file))).toEqual([]);
    for (const map of files.filter((file) => file.endsWith('.map'))) {
      expect(JSON.parse(readFileSync(join(at, map), 'utf8')), map).toMatchObject({ sourcesContent: [expect.any(String)] });
    }
  });
});

describe('a program in Node', () => {
  it.each([
    ['with ws', 'UpgradeRefusedError 401'],
    // Node's own WebSocket does not tell why it could not be opened: the client keeps on trying.
    ['without ws', 'ConnectionLostError undefined'],
  ])('works %s', async (how, refusal) => {
    const server = await startServer({ config: UNLIMITED });
    if (how === 'with ws') install('ws');
    writeFileSync(join(folder, 'program.js'), PROGRAM);
    const { stdout } = await run(process.execPath, ['program.js', server.wsUrl, server.adminKey, 'wrong'.repeat(10)], { cwd: folder });
    expect(JSON.parse(stdout)).toEqual({ data: { length: 3000 }, refusal });
  });

  it('has types for each method, and can add its own', { timeout: 180_000 }, async () => {
    await compiles({ 'program.ts': TYPED });
  });

  it.each([
    ['client', 9],
    ['protocol', 3],
  ] as const)('can be written as the README of %s shows', { timeout: 180_000 }, async (name, least) => {
    const examples = examplesOf(name);
    expect(Object.keys(examples).length).toBeGreaterThanOrEqual(least);
    await compiles(examples);
  });
});

describe('a program in browsers', () => {
  it('has types that need nothing of Node', { timeout: 180_000 }, async () => {
    await compiles({ 'program.ts': TYPED }, 'browsers');
  });
});
