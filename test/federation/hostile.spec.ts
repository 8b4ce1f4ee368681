// Upstreams that mean no good, and upstreams whose server is gone: what they can do to others, which is nothing.
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import { eventually } from '../support/deadline.js';
import { sharedServer, startServer, type TestServer } from '../support/start-server.js';
import { demoCommand, isAlive } from './support/demo.js';

const PROGRAM = resolve(import.meta.dirname, 'fixtures/hostile-upstream.ts');
const hostile = (what: string, more: object = {}) => ({ command: process.execPath, args: [PROGRAM, what], ...more });

const configOf = (servers: Record<string, object>) => ({ config: { mcpServers: servers, tools: { timeout: '3s' } } });

let running: TestServer | undefined;

/** For what keeps a processor busy, and for what is to have nobody beside it. */
async function start(servers: Record<string, object>): Promise<TestServer> {
  running = await startServer(configOf(servers));
  return running;
}

// One at a time.
afterEach(async () => running?.dispose());

/** Those that only answer, beside one another as they would be. */
const ANSWERING = {
  names: hostile('names'),
  endless: hostile('endless', { maxTools: 250 }),
  results: hostile('results'),
  nonsense: hostile('nonsense'),
  line: hostile('line', { maxMessageSize: '1MB' }),
  asks: hostile('asks'),
  exits: hostile('exits'),
  silent: hostile('silent', { timeout: '100ms' }),
  patient: hostile('silent'),
};

let reached: Promise<true> | undefined;

async function serverOfAnswering(): Promise<TestServer> {
  const server = await sharedServer(configOf(ANSWERING));
  // A server that is ready need not have got through to so many; on a slow machine it has not.
  await (reached ??= eventually('all upstreams', () => allConnected(server), 30_000));
  return server;
}

async function allConnected(server: TestServer): Promise<true | undefined> {
  const { upstreams } = (await server.rest('GET', '/api/v1/upstreams')).body as { upstreams: { state: string }[] };
  return upstreams.filter(({ state }) => state === 'connected').length === Object.keys(ANSWERING).length ? true : undefined;
}

async function namesOf(server: TestServer): Promise<{ name: string; description: string; annotations?: { title?: string } }[]> {
  const client = await server.client();
  return (await client.call('tool.list', { limit: 1000 })).tools;
}

describe('a hostile upstream', () => {
  it('cannot give its tools names and descriptions that hurt', async () => {
    const server = await serverOfAnswering();
    const tools = (await namesOf(server)).filter(({ name }) => name.startsWith('names.'));
    for (const { name } of tools) expect(name).toMatch(/^names\.[A-Za-z0-9_.-]{1,126}$/);
    expect(new Set(tools.map(({ name }) => name)).size).toBe(tools.length);
    const names = tools.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['names.good', 'names.long', 'names.same_name', 'names.__proto__']));
    expect(names.filter((name) => name.startsWith('names.same_name-'))).toHaveLength(2);
    expect(tools.find(({ name }) => name === 'names.ctl___31m')).toMatchObject({
      description: 'red[31m evil',
      annotations: { title: 'xy' },
    });
    expect(tools.find(({ name }) => name === 'names.long')?.description.length).toBeLessThanOrEqual(8192);
  });

  it('cannot make schemas that stall: those too large are left out, the others are checked in bounded time', async () => {
    const server = await start({ h: hostile('schemas') });
    const client = await server.client();
    const names = (await namesOf(server)).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['h.good', 'h.regex', 'h.bomb', 'h.loop']));
    for (const name of ['h.large', 'h.list']) expect(names).not.toContain(name);
    const calls: [string, object][] = [
      ['h.regex', { s: `${'a'.repeat(50_000)}!` }],
      ['h.bomb', { v: 5 }],
      ['h.loop', {}],
    ];
    for (const [name, args] of calls) void client.request('tool.execute', { name, arguments: args });
    const before = performance.now();
    expect((await client.call('tool.execute', { name: 'echo', arguments: { a: 1 } })).status).toBe('completed');
    expect(performance.now() - before).toBeLessThan(1_000);
  });

  it('cannot nest a schema so deep that walking it would end the process', async () => {
    const server = await start({ h: hostile('deep'), demo: demoCommand() });
    const client = await server.client();
    expect((await client.call('tool.execute', { name: 'demo.echo', arguments: { text: 'a' } })).status).toBe('completed');
    await eventually('what is wrong', async () => {
      const { last_error } = (await server.rest('GET', '/api/v1/upstreams/file.h')).body;
      return String(last_error).includes('cannot be listed') ? true : undefined;
    });
  });

  it('cannot have more tools than it may', async () => {
    const server = await serverOfAnswering();
    expect((await namesOf(server)).filter(({ name }) => name.startsWith('endless.'))).toHaveLength(250);
  });

  it.each(['results', 'nonsense'])('that answers with %s fails the call by name, and no other', async (what) => {
    const server = await serverOfAnswering();
    const client = await server.client();
    expect((await client.request('tool.execute', { name: `${what}.bad` })).error).toMatchObject({ code: 4016 });
    expect((await client.call('tool.execute', { name: `${what}.good` })).status).toBe('completed');
  });

  it('that writes a line without an end is ended, and started again', async () => {
    const server = await serverOfAnswering();
    const client = await server.client();
    expect((await client.request('tool.execute', { name: 'line.bad' })).error).toMatchObject({ code: 4016 });
    await eventually('an answer again', async () =>
      (await client.request('tool.execute', { name: 'line.good' })).result?.status === 'completed' ? true : undefined,
    );
  });

  it('that floods with notifications is listed again once a second, and others are served', async () => {
    const server = await start({ h: hostile('flood') });
    const client = await server.client();
    const lists = async (): Promise<number | undefined> => {
      const { result } = await client.request('tool.execute', { name: 'h.good' });
      return result?.status === 'completed' ? Number(/\d+/.exec(result.result.content[0].text)?.[0]) : undefined;
    };
    const before = (await lists()) ?? 0;
    const begin = performance.now();
    await client.call('tool.execute', { name: 'h.bad' });
    for (let i = 0; i < 20; i++) await client.call('tool.execute', { name: 'echo', arguments: { i } });
    // Its answer comes behind all that it has written.
    const after = await eventually('an answer after the flood', lists, 60_000);
    // One at once, one a second, and one that was under way, however slow the machine is.
    expect(after - before).toBeLessThanOrEqual(2 + (performance.now() - begin) / 1_000);
    expect(await eventually('another list', async () => (((await lists()) ?? 0) > before ? true : undefined))).toBe(true);
  });

  it('that asks things of this server is told that they are not done here; what it answers is shown as far as it is known', async () => {
    const server = await serverOfAnswering();
    const client = await server.client();
    const { result } = await client.call('tool.execute', { name: 'asks.bad' });
    expect(result.content).toEqual([
      { type: 'text', text: 'asked' },
      { type: 'text', text: '{"type":"unheard-of","x":1}' },
      { type: 'text', text: '7' },
    ]);
  });

  it('that ends at the newer era’s first question is asked in the words of the older', async () => {
    const server = await serverOfAnswering();
    expect((await server.rest('GET', '/api/v1/upstreams/file.exits')).body).toMatchObject({ state: 'connected', protocol: '2025-06-18' });
  });

  it('that never answers is left alone after some calls, and says when to come again', async () => {
    const server = await serverOfAnswering();
    const client = await server.client();
    for (let i = 0; i < 5; i++) expect((await client.request('tool.execute', { name: 'silent.bad' })).error).toMatchObject({ code: 4014 });
    const { error } = await client.request('tool.execute', { name: 'silent.good' });
    expect(error).toMatchObject({ code: 4016, data: { retry_after_ms: expect.any(Number) as number } });
    expect((await server.rest('GET', '/api/v1/upstreams/file.silent')).body.circuit).toBe('open');
  });

  it('is not left alone because callers have little patience', async () => {
    const server = await serverOfAnswering();
    const client = await server.client();
    for (let i = 0; i < 8; i++) await client.request('tool.execute', { name: 'patient.bad' }, { timeout_ms: 10 });
    expect((await client.call('tool.execute', { name: 'patient.good' })).status).toBe('completed');
  });
});

describe('programs that the server started', () => {
  it('end when the server is killed, also those that do not want to, and what they started', async () => {
    const server = await start({ demo: demoCommand(), stays: hostile('stays') });
    const client = await server.client();
    const number = async (name: string): Promise<number> => Number((await client.call('tool.execute', { name })).result.content[0].text);
    const pids = [await number('demo.pid'), await number('demo.leave')];
    const group = childrenOf(server.process.pid);
    expect(group.length).toBeGreaterThanOrEqual(2);
    await server.kill();
    await eventually('end of all', () => ([...pids, ...group].some(isAlive) ? undefined : true), 15_000);
  });

  it('leave nothing behind when they crash', async () => {
    const server = await start({ demo: demoCommand() });
    const client = await server.client();
    const left = Number((await client.call('tool.execute', { name: 'demo.leave' })).result.content[0].text);
    expect(isAlive(left)).toBe(true);
    await client.request('tool.execute', { name: 'demo.crash' });
    await eventually('end of what it left', () => (isAlive(left) ? undefined : true));
  });
});

/** Processes that this one started. */
function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => parentOf(name) === pid)
    .map(Number);
}

function parentOf(pid: string): number {
  try {
    return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]);
  } catch {
    return 0;
  }
}
