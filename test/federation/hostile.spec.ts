// Upstreams that mean no good, and upstreams whose server is gone: what they can do to others, which is nothing.
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import { eventually } from '../support/deadline.js';
import { startServer, type TestServer } from '../support/start-server.js';
import { demoCommand, isAlive } from './support/demo.js';

const PROGRAM = resolve(import.meta.dirname, 'fixtures/hostile-upstream.ts');
const hostile = (what: string, more: object = {}) => ({ command: process.execPath, args: [PROGRAM, what], ...more });

let running: TestServer | undefined;

async function start(servers: Record<string, object>): Promise<TestServer> {
  running = await startServer({ config: { mcpServers: servers, tools: { timeout: '3s' } } });
  return running;
}

// One at a time: some keep a processor busy.
afterEach(async () => running?.dispose());

async function namesOf(server: TestServer): Promise<{ name: string; description: string; annotations?: { title?: string } }[]> {
  const client = await server.client();
  return (await client.call('tool.list', { limit: 1000 })).tools;
}

describe('a hostile upstream', () => {
  it('cannot give its tools names and descriptions that hurt', async () => {
    const server = await start({ h: hostile('names') });
    const tools = (await namesOf(server)).filter(({ name }) => name.startsWith('h.'));
    for (const { name } of tools) expect(name).toMatch(/^h\.[A-Za-z0-9_.-]{1,126}$/);
    expect(new Set(tools.map(({ name }) => name)).size).toBe(tools.length);
    const names = tools.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['h.good', 'h.long', 'h.same_name', 'h.__proto__']));
    expect(names.filter((name) => name.startsWith('h.same_name-'))).toHaveLength(2);
    expect(tools.find(({ name }) => name === 'h.ctl___31m')).toMatchObject({ description: 'red[31m evil', annotations: { title: 'xy' } });
    expect(tools.find(({ name }) => name === 'h.long')?.description.length).toBeLessThanOrEqual(8192);
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
    const server = await start({ h: hostile('endless', { maxTools: 250 }) });
    expect((await namesOf(server)).filter(({ name }) => name.startsWith('h.'))).toHaveLength(250);
  });

  it.each(['results', 'nonsense'])('that answers with %s fails the call by name, and no other', async (what) => {
    const server = await start({ h: hostile(what) });
    const client = await server.client();
    expect((await client.request('tool.execute', { name: 'h.bad' })).error).toMatchObject({ code: 4016 });
    expect((await client.call('tool.execute', { name: 'h.good' })).status).toBe('completed');
  });

  it('that writes a line without an end is ended, and started again', async () => {
    const server = await start({ h: hostile('line', { maxMessageSize: '1MB' }) });
    const client = await server.client();
    expect((await client.request('tool.execute', { name: 'h.bad' })).error).toMatchObject({ code: 4016 });
    await eventually('an answer again', async () =>
      (await client.request('tool.execute', { name: 'h.good' })).result?.status === 'completed' ? true : undefined,
    );
  });

  it('that floods with notifications is listed again once a second, and others are served', async () => {
    const server = await start({ h: hostile('flood') });
    const client = await server.client();
    await client.call('tool.execute', { name: 'h.bad' });
    for (let i = 0; i < 20; i++) {
      const before = performance.now();
      await client.call('tool.execute', { name: 'echo', arguments: { i } });
      expect(performance.now() - before).toBeLessThan(1_000);
    }
  });

  it('that asks things of this server is told that they are not done here; what it answers is shown as far as it is known', async () => {
    const server = await start({ h: hostile('asks') });
    const client = await server.client();
    const { result } = await client.call('tool.execute', { name: 'h.bad' });
    expect(result.content).toEqual([
      { type: 'text', text: 'asked' },
      { type: 'text', text: '{"type":"unheard-of","x":1}' },
      { type: 'text', text: '7' },
    ]);
  });

  it('that ends at the newer era’s first question is asked in the words of the older', async () => {
    const server = await start({ h: hostile('exits') });
    expect((await server.rest('GET', '/api/v1/upstreams/file.h')).body).toMatchObject({ state: 'connected', protocol: '2025-06-18' });
  });

  it('that never answers is left alone after some calls, and says when to come again', async () => {
    const server = await start({ h: hostile('silent', { timeout: '100ms' }) });
    const client = await server.client();
    for (let i = 0; i < 5; i++) expect((await client.request('tool.execute', { name: 'h.bad' })).error).toMatchObject({ code: 4014 });
    const { error } = await client.request('tool.execute', { name: 'h.good' });
    expect(error).toMatchObject({ code: 4016, data: { retry_after_ms: expect.any(Number) as number } });
    expect((await server.rest('GET', '/api/v1/upstreams/file.h')).body.circuit).toBe('open');
  });

  it('is not left alone because callers have little patience', async () => {
    const server = await start({ h: hostile('silent') });
    const client = await server.client();
    for (let i = 0; i < 8; i++) await client.request('tool.execute', { name: 'h.bad' }, { timeout_ms: 10 });
    expect((await client.call('tool.execute', { name: 'h.good' })).status).toBe('completed');
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
