// The audit log, by somebody who wants to have been elsewhere: what the server itself has written is changed, and `npm run audit --
// verify` is asked. Every single change that there can be: src/audit/audit-trail.spec.ts.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../support/deadline.js';
import { createKey } from '../support/keys.js';
import { startServer, type TestServer } from '../support/start-server.js';

const COMMAND = resolve(import.meta.dirname, '../../dist/cli/audit.js');
const MB = 1024 * 1024;
/** Calls before a server is killed. */
const ROUNDS = 40;
const AT_ONCE = 10;
const THIEF = 'name-of-the-thief';

let server: TestServer;
let copies: string[];
beforeAll(async () => {
  copies = [];
  server = await startServer({ config: { websocket: { rate_limit: { enabled: false } } } });
  const { key } = await createKey(server, { scopes: ['tools:read', 'tools:execute:echo'] });
  const client = await server.client({ key });
  for (let i = 0; i < 5; i++) await client.call('tool.execute', { name: 'echo', arguments: { text: 'contents' } });
  await client.request('tool.execute', { name: 'context_append', arguments: {} });
  await client.request('tool.execute', { name: THIEF });
  await server.connect({ key: 'wrong' }).catch(() => undefined);
  await client.close();
  await server.stop();
});
afterAll(() => {
  for (const copy of copies) rmSync(copy, { recursive: true });
});

interface Verdict {
  readonly status: number | null;
  readonly text: string;
}

function verify(dataDir: string, ...args: string[]): Verdict {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, 'verify', ...args], {
    env: { PATH: process.env['PATH'], MCPW_DATA_DIR: dataDir, MCPW_MCPSERVERS: '{}' },
    encoding: 'utf8',
  });
  return { status, text: stdout + stderr };
}

/** A copy of the data folder whose log's lines were changed. */
function changed(change: (lines: string[]) => string[]): string {
  const copy = mkdtempSync(join(tmpdir(), 'mcpw-audit-'));
  copies.push(copy);
  cpSync(join(server.dataDir, 'audit'), join(copy, 'audit'), { recursive: true });
  const file = join(copy, 'audit', readdirSync(join(copy, 'audit')).find((name) => name.endsWith('.ndjson')) ?? '');
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  writeFileSync(file, change(lines).join('\n') + '\n');
  return copy;
}

const isRecord = (line: string): boolean => line.startsWith('{"at"');
const indexOf = (lines: readonly string[], what: string): number => lines.findIndex((line) => isRecord(line) && line.includes(what));

describe('npm run audit -- verify', () => {
  it('finds nothing wrong with what the server has written', () => {
    const { status, text } = verify(server.dataDir);
    expect(text).toContain('The chain is whole.');
    expect(status).toBe(0);
  });

  const changes: readonly (readonly [string, (lines: string[]) => string[]])[] = [
    ['a line that was removed', (lines) => lines.toSpliced(indexOf(lines, 'forbidden'), 1)],
    ['a line that was changed', (lines) => lines.map((line) => line.replace('"outcome":"forbidden"', '"outcome":"completed"'))],
    [
      'two lines that changed places',
      (lines) => {
        const [one, other] = [indexOf(lines, '"tool.execute"'), indexOf(lines, '"key.create"')];
        return lines.with(one, lines[other] ?? '').with(other, lines[one] ?? '');
      },
    ],
    [
      'a whole group that was removed, with its seal',
      (lines) => {
        const end = lines.findIndex((line, i) => i > indexOf(lines, 'forbidden') && !isRecord(line));
        const start = lines.slice(0, end).findLastIndex((line) => !isRecord(line)) + 1;
        return lines.toSpliced(start, end - start + 1);
      },
    ],
    ['its end that was cut off', (lines) => lines.slice(0, -4)],
  ];
  it.each(changes)('finds %s', (_, change) => {
    const { status, text } = verify(changed(change));
    expect(text).toContain('PROBLEM:');
    expect(status).toBe(1);
  });

  it('finds a file, and a whole log, that was removed', () => {
    const copy = changed((lines) => lines);
    for (const name of readdirSync(join(copy, 'audit'))) {
      if (name.endsWith('.ndjson')) rmSync(join(copy, 'audit', name));
    }
    expect(verify(copy)).toMatchObject({ status: 1, text: expect.stringContaining('PROBLEM:') as string });
    rmSync(join(copy, 'audit'), { recursive: true });
    expect(verify(copy)).toMatchObject({ status: 1, text: expect.stringContaining('there is no audit log here') as string });
  });

  it('finds a log that was written anew, where a seal was kept elsewhere', () => {
    const known = /The last seal is (\S+)/.exec(verify(server.dataDir).text)?.[1] ?? '';
    expect(verify(server.dataDir, '--known', known).status).toBe(0);
    const forged = `${known.split(':')[0]}:${'x'.repeat(43)}`;
    expect(verify(server.dataDir, '--known', forged)).toMatchObject({ status: 1, text: expect.stringContaining('PROBLEM:') as string });
  });
});

describe('the log', () => {
  const text = (): string =>
    readdirSync(join(server.dataDir, 'audit'))
      .map((name) => readFileSync(join(server.dataDir, 'audit', name), 'utf8'))
      .join('');

  it('tells who did what, when, how it ended and how long it took, and no contents', () => {
    const records = text()
      .split('\n')
      .filter(isRecord)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(records.find(({ action, outcome }) => action === 'tool.execute' && outcome === 'completed')).toMatchObject({
      at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      principal: expect.stringMatching(/^key:/) as string,
      tenant: 'default',
      target: 'echo',
      duration_ms: expect.anything() as unknown,
    });
    expect(records.some(({ action, outcome }) => action === 'authenticate' && outcome === 'authentication_failed')).toBe(true);
    expect(records.some(({ action }) => action === 'key.create')).toBe(true);
    expect(records.some(({ outcome, target }) => outcome === 'forbidden' && target === 'tool.execute')).toBe(true);
    expect(text()).not.toContain('contents');
  });

  it('goes on after the server was killed in the middle of its work, with its chain whole', async () => {
    await server.restart();
    const client = await server.client();
    for (let i = 0; i < 200; i++) client.begin('tool.execute', { name: 'echo', arguments: {} }).answer.catch(() => undefined);
    await client.call('tool.list');
    await server.restart('SIGKILL');
    await server.client();
    const { body } = await server.rest('GET', '/api/v1/audit?action=tool.execute&limit=1000');
    // Those that were answered before the list was are in the log.
    expect(body.records.length).toBeGreaterThanOrEqual(100);
    const { status, text: said } = verify(server.dataDir);
    expect(said).toContain('The chain is whole.');
    expect(status).toBe(0);
  });

  it('has every call that was answered a turn before the server was killed, once', async () => {
    const killed = await startServer({ config: { websocket: { rate_limit: { enabled: false } } } });
    const client = await killed.connect();
    const { session_id: session } = await client.initialize();
    const call = (i: number): Promise<unknown> =>
      client.call('tool.execute', i % 2 === 0 ? { name: 'echo' } : { name: 'context_search', arguments: { query: 'nothing' } });
    for (let i = 0; i < ROUNDS; i++) await Promise.all(Array.from({ length: AT_ONCE }, (_, j) => call(j)));
    // The first may come in the turn of the last answers; what that turn recorded is written before the second is read.
    await client.settle();
    await client.settle();
    await killed.kill();

    expect(verify(killed.dataDir)).toMatchObject({ status: 0, text: expect.stringContaining('The chain is whole.') as string });
    const log = readdirSync(join(killed.dataDir, 'audit'))
      .map((name) => readFileSync(join(killed.dataDir, 'audit', name), 'utf8'))
      .join('')
      .split('\n')
      .filter((line) => isRecord(line))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((record) => record['action'] === 'tool.execute' && record['session'] === session);
    const count = (tool: string): number =>
      log
        .filter((record) => record['target'] === tool)
        // Calls that are alike share a line, which has the time that each took.
        .reduce((sum, { duration_ms: durations }) => sum + (Array.isArray(durations) ? durations.length : 1), 0);
    expect([count('echo'), count('context_search')]).toEqual([(ROUNDS * AT_ONCE) / 2, (ROUNDS * AT_ONCE) / 2]);
  });

  it('is for admins to read', async () => {
    const { key } = await createKey(server);
    expect((await server.rest('GET', '/api/v1/audit', undefined, key)).status).toBe(403);
    expect((await server.rest('GET', '/api/v1/audit', undefined, null)).status).toBe(401);
  });
});

describe('a log that is larger than it may be', () => {
  it('goes on in file after file, and loses the oldest at the next start, which the log tells of and the chain allows', async () => {
    const full = await startServer({ config: { audit: { max_size: '1MB' }, websocket: { rate_limit: { enabled: false } } } });
    const { files, bytes } = sizesOf(full);
    await grow(full, 1.5 * MB);
    expect(bytes()).toBeGreaterThanOrEqual(1.5 * MB);
    const before = files().sort();
    expect(before.length).toBeGreaterThan(4);

    await full.restart();
    await eventually('room', () => (bytes() <= MB ? true : undefined), 15_000);
    expect(files()).not.toContain(before[0]);
    expect(files()).toContain(before.at(-1));
    const { body } = await full.rest('GET', '/api/v1/audit?action=audit.retire');
    expect(body.records.map(({ target }: { target: string }) => target)).toContain(before[0]);
    await full.stop();
    expect(verify(full.dataDir)).toMatchObject({ status: 0, text: expect.stringContaining('The chain is whole.') as string });
  });
});

describe('a log with files that are older than they may be', () => {
  it('loses those, and no other, at the next start, which the log tells of and the chain allows', async () => {
    const aged = await startServer({
      config: { audit: { retention: '1h', max_size: '1MB' }, websocket: { rate_limit: { enabled: false } } },
    });
    const { files } = sizesOf(aged);
    await grow(aged, 0.7 * MB);
    await aged.stop();
    const [oldest = '', ...others] = files().sort();
    expect(others.length).toBeGreaterThanOrEqual(2);
    const age = (name: string, minutes: number): void => {
      const at = Date.now() / 1000 - 60 * minutes;
      utimesSync(join(aged.dataDir, 'audit', name), at, at);
    };
    age(oldest, 61);
    age(others[0] ?? '', 58);

    await aged.restart();
    await eventually('the end of the oldest file', () => (files().includes(oldest) ? undefined : true), 15_000);
    expect(files()).toEqual(expect.arrayContaining(others));
    const { body } = await aged.rest('GET', '/api/v1/audit?action=audit.retire');
    expect(body.records.map(({ target }: { target: string }) => target)).toEqual([oldest]);
    await aged.stop();
    expect(verify(aged.dataDir)).toMatchObject({ status: 0, text: expect.stringContaining('The chain is whole.') as string });
    // Where the log has not told of it, a file that is gone is missed.
    rmSync(join(aged.dataDir, 'audit', others[0] ?? ''));
    expect(verify(aged.dataDir)).toMatchObject({ status: 1, text: expect.stringContaining('PROBLEM:') as string });
  });
});

function sizesOf({ dataDir }: TestServer): { files(): string[]; bytes(): number } {
  const folder = join(dataDir, 'audit');
  const files = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.ndjson'));
  // The server may take a file away between the two looks.
  const size = (name: string): number => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
  return { files, bytes: () => files().reduce((sum, name) => sum + size(name), 0) };
}

/** Calls tools until the log has that many bytes. */
async function grow(on: TestServer, bytes: number): Promise<void> {
  const sizes = sizesOf(on);
  // Calls of one session that are alike would share a line.
  const clients = await Promise.all(Array.from({ length: 50 }, () => on.client()));
  for (let i = 0; i < 400 && sizes.bytes() < bytes; i++)
    await Promise.all(clients.map((client) => client.call('tool.execute', { name: 'echo' })));
}
