// Tools of other MCP servers, as callers of this one see them: the same over every way to reach an upstream, in both eras.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../support/deadline.js';
import { LOG_LEVEL, McpHttp } from '../mcp/support/mcp-http.js';
import { McpSocket } from '../mcp/support/mcp-socket.js';
import { ENCODINGS } from '../support/message.js';
import { startServer, type TestServer } from '../support/start-server.js';
import type { TestClient } from '../support/test-client.js';
import { demoCommand, DemoServer, isAlive, type Kind } from './support/demo.js';

/** What the upstream says its work is, by number. */
const spanOf = (number: number): object => ({
  traceparent: `00-0af7651916cd43dd8448eb211c80319c-${String(number).padStart(16, '0')}-01`,
  tracestate: `demo=${number}`,
});

const ERAS: Readonly<Record<Kind, string>> = { stdio: '2026-07-28', http: '2026-07-28', sessions: '2025-11-25', ws: '2026-07-28' };

describe.each(['stdio', 'http', 'sessions', 'ws'] as const)('an upstream over %s', (kind) => {
  let demo: DemoServer | undefined;
  let server: TestServer;
  let client: TestClient;
  const execute = (name: string, args: object = {}, more: object = {}, meta?: object) =>
    client.request('tool.execute', { name: `demo.${name}`, arguments: args, ...more }, meta);
  const textOf = async (name: string, args: object = {}): Promise<string> =>
    (await execute(name, args)).result.result.content[0].text as string;
  const status = async () => (await server.rest('GET', '/api/v1/upstreams/file.demo')).body;

  beforeAll(async () => {
    if (kind !== 'stdio') demo = await new DemoServer(kind).start();
    const entry = demo?.entry ?? demoCommand();
    server = await startServer({ config: { mcpServers: { demo: { ...entry, timeout: '5s', maxMessageSize: '256KB' } } } });
    client = await server.client();
  });
  afterAll(async () => demo?.kill());

  it('is spoken to in its era, and is among the checks of readiness', async () => {
    expect(await status()).toMatchObject({ name: 'demo', state: 'connected', protocol: ERAS[kind], circuit: 'closed' });
    expect((await server.rest('GET', '/health/ready')).body.details).toMatchObject({
      'upstream:demo': { status: 'up', state: 'connected' },
    });
  });

  it('has its tools listed, over its pages, with their schemas and annotations', async () => {
    const { tools } = await client.call('tool.list', { source: 'demo' });
    expect(tools.length).toBeGreaterThanOrEqual(17);
    expect(tools.find(({ name }: { name: string }) => name === 'demo.echo')).toEqual({
      id: 'demo.echo',
      name: 'demo.echo',
      description: 'Says it again',
      inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
      annotations: { title: 'Echo', readOnlyHint: true },
      source: 'demo',
    });
    expect(tools.find(({ name }: { name: string }) => name === 'demo.add').outputSchema).toMatchObject({ required: ['sum'] });
  });

  it('answers calls: text, structured content, binary content', async () => {
    expect(await textOf('echo', { text: 'grüße ☃' })).toBe('grüße ☃');
    expect((await execute('add', { a: 2, b: 3 })).result).toMatchObject({
      tool: 'demo.add',
      status: 'completed',
      result: { structured: { sum: 5 } },
    });
    expect((await execute('picture')).result.result.content).toEqual([{ type: 'image', data: 'iVBORw0KGgo=', mimeType: 'image/png' }]);
    expect(await textOf('odd_name_with_signs')).toBe('called odd name/with*signs');
  });

  it('says in its own words that a tool failed', async () => {
    expect((await execute('fail', { message: 'no luck' })).result).toMatchObject({ status: 'failed', error: { message: 'no luck' } });
    expect((await execute('refuse')).result).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('not today') as string },
    });
  });

  it('is asked nothing that its schema refuses', async () => {
    expect((await execute('add', { a: 'two' })).error).toMatchObject({
      code: 4005,
      data: { errors: expect.arrayContaining([expect.objectContaining({ path: '/arguments/a' })]) as unknown },
    });
    expect((await execute('nothing')).error).toMatchObject({ code: 4009 });
  });

  it('has its progress passed on', async () => {
    const { id, answer } = client.begin('tool.execute', { name: 'demo.count', arguments: { to: 3 }, stream: true });
    const first = await client.next('tool.progress');
    expect(first.params).toEqual({ request_id: id, progress: 1, total: 3, message: 'at 1' });
    expect((await answer).result).toMatchObject({ status: 'completed' });
    expect((await client.next('tool.progress')).params).toMatchObject({ progress: 2 });
  });

  it('is told that a call was cancelled', async () => {
    const before = Number(await textOf('cancelled'));
    const { id, answer } = client.begin('tool.execute', { name: 'demo.sleep', arguments: { ms: 60_000 } });
    await textOf('echo', { text: 'the call is on its way' });
    expect(await client.call('tool.cancel', { request_id: id })).toEqual({ cancelled: true });
    expect((await answer).error).toMatchObject({ code: 4006 });
    await eventually('cancellation at the upstream', async () => (Number(await textOf('cancelled')) > before ? true : undefined));
  });

  it.each(ENCODINGS)('gets the trace context, and its own comes back with progress and answer, in %s', async (encoding) => {
    const caller = await server.client({ encoding });
    const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'vendor=1' };
    const { result, meta } = await caller.request('tool.execute', { name: 'demo.meta' }, trace);
    expect(result.result.structured).toEqual(trace);
    expect(meta).toEqual(spanOf(99));
    const other = await caller.request('tool.execute', { name: 'demo.meta' }, { traceparent: 'of no such form', tracestate: 'vendor=1' });
    expect(other.result.result.structured).toEqual({});
    const { answer } = caller.begin('tool.execute', { name: 'demo.count', arguments: { to: 2 }, stream: true });
    expect([(await caller.next('tool.progress')).meta, (await caller.next('tool.progress')).meta]).toEqual([spanOf(1), spanOf(2)]);
    expect((await answer).meta).toBeUndefined();
  });

  it('has its trace context passed on to clients of MCP, of both eras', async () => {
    const modern = new McpHttp(server);
    const count = { name: 'demo.count', arguments: { to: 1 }, _meta: { progressToken: 'p' } };
    expect((await modern.modern('tools/call', { name: 'demo.meta' })).body.result._meta).toMatchObject(spanOf(99));
    expect((await modern.modern('resources/read', { uri: 'demo+demo://greeting' })).body.result._meta).toMatchObject(spanOf(98));
    const socket = await McpSocket.open(server);
    expect((await socket.request('tools/call', { name: 'demo.meta' })).result._meta).toEqual(spanOf(99));
    const counted = socket.ask('tools/call', count);
    expect((await socket.notification('notifications/progress')).params).toMatchObject({
      progressToken: 'p',
      progress: 1,
      _meta: spanOf(1),
    });
    expect((await socket.answer(counted)).result._meta).toBeUndefined();
  });

  it('tells clients of MCP, of both eras, what goes on, as far as they want to hear it', async () => {
    const told = { level: 'warning', data: { careful: true }, logger: 'demo' };
    const older = await McpSocket.open(server);
    await older.request('logging/setLevel', { level: 'warning' });
    const newer = await McpSocket.connect(server);
    for (const answer of [
      await older.request('tools/call', { name: 'demo.tell' }),
      await newer.modern('tools/call', { name: 'demo.tell' }, {}, { [LOG_LEVEL]: 'warning' }),
    ]) {
      expect(answer.result.content[0].text).toBe('told');
    }
    for (const socket of [older, newer]) {
      expect((await socket.notification('notifications/message')).params).toEqual(told);
      expect(socket.received.filter(({ method }) => method === 'notifications/message')).toEqual([]);
    }
    await newer.modern('tools/call', { name: 'demo.tell' });
    expect(newer.received.filter(({ method }) => method === 'notifications/message')).toEqual([]);
  });

  it('changes its list, and callers are told', async () => {
    const name = `tool${Math.floor(Math.random() * 1e9)}`;
    await execute('grow', { name });
    await client.next('tool.changed');
    await eventually('new tool', async () => {
      const { tools } = await client.call('tool.list', { source: 'demo', limit: 1000 });
      return tools.some((tool: { name: string }) => tool.name === `demo.${name}`) ? true : undefined;
    });
    expect(await textOf(name)).toBe(`called ${name}`);
  });

  it('may answer up to the limit and no more; the next calls are answered', async () => {
    expect((await textOf('huge', { bytes: 100_000 })).length).toBe(100_000);
    // Where all calls share one stream, nobody can tell what comes after: it is ended.
    const code = kind === 'http' || kind === 'sessions' ? 4015 : 4016;
    expect((await execute('huge', { bytes: 1_000_000 })).error).toMatchObject({ code });
    await eventually('an answer again', async () =>
      (await execute('echo', { text: 'a' })).result?.status === 'completed' ? true : undefined,
    );
  });

  it('that takes too long is given up by name', async () => {
    const { error } = await execute('sleep', { ms: 60_000 }, {}, { timeout_ms: 200 });
    expect(error).toMatchObject({ code: 4014 });
  });

  it('that ends without a word fails the calls under way by name, and comes back by itself', async () => {
    const { answer } = client.begin('tool.execute', { name: 'demo.sleep', arguments: { ms: 60_000 } });
    await textOf('echo', { text: 'the call is on its way' });
    const crash = execute('crash');
    expect((await answer).error).toMatchObject({ code: 4016 });
    expect((await crash).error).toMatchObject({ code: 4016 });
    if (demo !== undefined) {
      await eventually('absence', async () => ((await status()).state === 'connected' ? undefined : true));
      expect((await execute('echo', { text: 'a' })).error).toMatchObject({ code: 4016 });
      expect((await client.call('tool.list', { source: 'demo' })).tools.length).toBeGreaterThan(10);
      await demo.start();
    }
    await eventually(
      'an answer again',
      async () => ((await execute('echo', { text: 'a' })).result?.status === 'completed' ? true : undefined),
      20_000,
    );
    expect((await status()).state).toBe('connected');
  });

  it('is counted', async () => {
    const metrics = (await server.rest('GET', '/api/v1/websocket/metrics')).body as string;
    expect(metrics).toContain('mcpw_upstream_connected{upstream="demo"} 1');
    expect(Number(/mcpw_upstream_calls_total\{outcome="completed",upstream="demo"\} (\d+)/.exec(metrics)?.[1])).toBeGreaterThan(5);
    expect(Number(/mcpw_upstream_calls_total\{outcome="cancelled",upstream="demo"\} (\d+)/.exec(metrics)?.[1])).toBeGreaterThan(0);
  });

  if (kind === 'stdio') {
    it('ends with the server, and all that it started', async () => {
      const pids = [Number(await textOf('pid')), Number(await textOf('leave'))];
      expect(pids.map(isAlive)).toEqual([true, true]);
      await server.stop();
      await eventually('end of the upstream', () => (pids.some(isAlive) ? undefined : true));
    });
  }
});
