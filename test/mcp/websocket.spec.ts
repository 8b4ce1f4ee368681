// MCP on `/ws`: what the transport adds to the methods, in both eras. Both SDKs' clients on it are in sdk-clients.spec.ts.
import { beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../support/deadline.js';
import { openSocket } from '../support/handshake.js';
import { createKey } from '../support/keys.js';
import type { TestServer } from '../support/start-server.js';
import { startWithFixture } from './support/fixture.js';
import { envelope, LEGACY, LOG_LEVEL, McpHttp, MODERN, SUBSCRIPTION_ID } from './support/mcp-http.js';
import { McpSocket } from './support/mcp-socket.js';

const MAX_IN_FLIGHT = 4;

let server: TestServer;

beforeAll(async () => {
  server = await startWithFixture({
    websocket: { rate_limit: { enabled: false }, max_in_flight: MAX_IN_FLIGHT, max_message_size: '256kb' },
  });
});

const state = async (): Promise<{ running: number; aborted: number }> =>
  JSON.parse((await new McpHttp(server).modern('tools/call', { name: 'test_state' })).body.result.content[0].text) as never;

describe('the subprotocol', () => {
  it('is chosen where it is offered first', async () => {
    const mcp = await McpSocket.connect(server);
    expect(mcp.socket.protocol).toBe('mcp');
    const both = await McpSocket.connect(server, { key: server.adminKey, subprotocols: ['mcp', 'mcpw.v1.json'] });
    expect(both.socket.protocol).toBe('mcp');
    const ours = await McpSocket.connect(server, { key: server.adminKey, subprotocols: ['mcpw.v1.json', 'mcp'] });
    expect(ours.socket.protocol).toBe('mcpw.v1.json');
  });

  it('takes every way to bring a credential, and none is a refusal of the upgrade', async () => {
    const { key } = await createKey(server);
    const { ticket } = (await server.rest('POST', '/api/v1/websocket/tickets', undefined, key)).body as { ticket: string };
    for (const credential of [{ key }, { apiKeyHeader: key }, { bearerSubprotocol: key }, { ticket }]) {
      const socket = await McpSocket.connect(server, credential);
      expect((await socket.modern('tools/list')).result.tools.length).toBeGreaterThan(0);
    }
    for (const credential of [{ anonymous: true as const }, { key: 'wrong' }, { ticket }]) {
      await expect(openSocket(server.wsUrl, { subprotocols: ['mcp'], ...credential }, () => undefined)).rejects.toMatchObject({
        status: 401,
      });
    }
  });

  it('is refused to pages of other origins', async () => {
    const evil = { key: server.adminKey, subprotocols: ['mcp'], origin: 'https://evil.example.com' };
    await expect(openSocket(server.wsUrl, evil, () => undefined)).rejects.toMatchObject({ status: 403 });
  });

  it('has messages of text: a binary one ends the connection with 1003', async () => {
    const socket = await McpSocket.open(server);
    socket.send(Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping"}'));
    expect((await socket.end()).code).toBe(1003);
  });

  it('has messages of a bounded size: a longer one ends the connection with 1009', async () => {
    const socket = await McpSocket.open(server);
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', params: { x: 'y'.repeat(300_000) } }));
    expect((await socket.end()).code).toBe(1009);
  });

  it('has UTF-8 in its messages: others end the connection with 1007', async () => {
    const socket = await McpSocket.open(server);
    socket.socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false });
    expect((await socket.end()).code).toBe(1007);
  });
});

describe('the older era', () => {
  it.each(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'])('begins with initialize: %s', async (version) => {
    const socket = await McpSocket.connect(server);
    const { result } = await socket.request('initialize', {
      protocolVersion: version,
      capabilities: {},
      clientInfo: { name: 't', version: '1' },
    });
    expect(result).toMatchObject({
      protocolVersion: version,
      serverInfo: { name: expect.any(String) },
      capabilities: { tools: { listChanged: true } },
    });
    expect((await socket.request('tools/call', { name: 'echo', arguments: { a: 1 } })).result.content[0].text).toContain('"a"');
    expect((await socket.request('ping')).result).toEqual({});
  });

  it('has nothing before it but ping', async () => {
    const socket = await McpSocket.connect(server);
    for (const method of ['tools/list', 'tools/call', 'resources/list', 'logging/setLevel']) {
      expect((await socket.request(method)).error.code).toBeLessThan(0);
    }
    expect((await socket.request('initialize', {})).error.code).toBe(-32602);
    expect((await McpSocket.open(server)).closed).toBeUndefined();
  });

  it('begins once', async () => {
    const socket = await McpSocket.open(server);
    const again = await socket.request('initialize', {
      protocolVersion: LEGACY,
      capabilities: {},
      clientInfo: { name: 't', version: '1' },
    });
    expect(again.error.code).toBe(-32600);
    expect((await socket.request('ping')).result).toEqual({});
  });

  it('is told of lists that change, without asking', async () => {
    const socket = await McpSocket.open(server);
    const agent = await server.client();
    await agent.call('tool.register', { tools: [{ name: 'passing_by', description: 'x', inputSchema: { type: 'object' } }] });
    await socket.notification('notifications/tools/list_changed');
    expect((await socket.request('tools/list')).result.tools.map(({ name }: { name: string }) => name)).toContain('passing_by');
    agent.terminate();
    await socket.notification('notifications/tools/list_changed');
  });
});

describe('the newer era', () => {
  it('says all itself, beside the older on the same connection', async () => {
    const socket = await McpSocket.connect(server);
    expect((await socket.modern('server/discover')).result).toMatchObject({
      resultType: 'complete',
      supportedVersions: expect.arrayContaining([MODERN]),
    });
    expect((await socket.modern('tools/call', { name: 'echo' })).result).toMatchObject({ resultType: 'complete' });
    expect((await socket.modern('ping')).error.code).toBe(-32601);
    await socket.request('initialize', { protocolVersion: LEGACY, capabilities: {}, clientInfo: { name: 't', version: '1' } });
    expect((await socket.request('tools/call', { name: 'echo' })).result).not.toHaveProperty('resultType');
    expect((await socket.modern('tools/call', { name: 'echo' })).result).toMatchObject({ resultType: 'complete' });
  });

  it('names the revisions that there are to one that asks for another', async () => {
    const socket = await McpSocket.connect(server);
    const meta = { 'io.modelcontextprotocol/protocolVersion': '2099-01-01' };
    const { error } = await socket.request('tools/list', { _meta: { ...envelope(), ...meta } });
    expect(error).toMatchObject({ data: { supported: expect.arrayContaining([MODERN]), requested: '2099-01-01' } });
  });

  it('tells of progress and logs to those who want them, before the answer', async () => {
    const socket = await McpSocket.connect(server);
    const id = socket.askModern('tools/call', { name: 'test_tool_with_progress' }, {}, { progressToken: 'p' });
    await socket.answer(id);
    expect(socket.received.map(({ params }) => params)).toMatchObject([
      { progressToken: 'p', progress: 0, total: 100 },
      { progressToken: 'p', progress: 50 },
      { progressToken: 'p', progress: 100 },
    ]);
    socket.received.length = 0;
    await socket.modern('tools/call', { name: 'test_tool_with_logging' }, {}, { [LOG_LEVEL]: 'info' });
    expect(socket.received.map(({ method }) => method)).toEqual(Array(3).fill('notifications/message'));
    socket.received.length = 0;
    await socket.modern('tools/call', { name: 'test_tool_with_logging' });
    expect(socket.received).toEqual([]);
  });

  it('listens to changes as long as it likes', async () => {
    const socket = await McpSocket.connect(server);
    const id = socket.askModern('subscriptions/listen', { notifications: { toolsListChanged: true, promptsListChanged: false } });
    const acknowledged = await socket.notification('notifications/subscriptions/acknowledged');
    expect(acknowledged.params).toMatchObject({ notifications: { toolsListChanged: true }, _meta: { [SUBSCRIPTION_ID]: id } });
    const agent = await server.client();
    await agent.call('tool.register', { tools: [{ name: 'another_one', description: 'x', inputSchema: { type: 'object' } }] });
    const changed = await socket.notification('notifications/tools/list_changed');
    expect(changed.params._meta).toMatchObject({ [SUBSCRIPTION_ID]: id });
    socket.notify('notifications/cancelled', { requestId: id });
    expect((await socket.modern('tools/call', { name: 'echo' })).result).toBeDefined();
    agent.terminate();
    await eventually('the tool’s end', async () =>
      (await new McpHttp(server).modern('tools/call', { name: 'another_one' })).body.error === undefined ? undefined : true,
    );
    await socket.modern('server/discover');
    expect(socket.received).toEqual([]);
  });

  it('has so many subscriptions on one connection, and no more', async () => {
    const socket = await McpSocket.connect(server);
    const ids = Array.from({ length: 33 }, () => socket.askModern('subscriptions/listen', { notifications: { toolsListChanged: true } }));
    const refused = await socket.next('refusal', (message) => message.error !== undefined);
    expect(refused.id).toBe(ids.at(-1));
    socket.notify('notifications/cancelled', { requestId: ids[0] });
    socket.askModern('subscriptions/listen', { notifications: { toolsListChanged: true } });
    await eventually('all acknowledgements', () => (socket.received.length === 33 ? true : undefined));
  });
});

describe('requests under way', () => {
  it('have ids of their own', async () => {
    const socket = await McpSocket.open(server);
    socket.ask('tools/call', { name: 'test_waits', _meta: { progressToken: 1 } }, 'same');
    await socket.notification('notifications/progress');
    socket.ask('ping', {}, 'same');
    socket.ask('tools/call', { name: 'echo' }, 'same');
    const answers = [await socket.answer('same'), await socket.answer('same')];
    expect(answers.filter(({ error }) => error?.code === -32600).length).toBeGreaterThanOrEqual(1);
    socket.notify('notifications/cancelled', { requestId: 'same' });
    await eventually('its end', async () => ((await state()).running === 0 ? true : undefined));
  });

  it('end when they are cancelled, without an answer', async () => {
    const { aborted } = await state();
    const [older, newer] = [await McpSocket.open(server), await McpSocket.connect(server)];
    const params = { name: 'test_waits' };
    const ids = [
      older.ask('tools/call', { ...params, _meta: { progressToken: 1 } }),
      newer.askModern('tools/call', params, {}, { progressToken: 1 }),
    ];
    for (const [index, socket] of [older, newer].entries()) {
      await socket.notification('notifications/progress');
      socket.notify('notifications/cancelled', { requestId: ids[index], reason: 'no longer needed' });
    }
    await eventually('their end', async () => ((await state()).running === 0 ? true : undefined));
    for (const socket of [older, newer]) {
      await socket.modern('server/discover');
      expect(socket.received).toEqual([]);
    }
    expect((await state()).aborted).toBe(aborted + 2);
  });

  it('end with their connection', async () => {
    const socket = await McpSocket.open(server);
    socket.ask('tools/call', { name: 'test_waits', _meta: { progressToken: 1 } });
    await socket.notification('notifications/progress');
    const { aborted } = await state();
    socket.socket.terminate();
    await eventually('its end', async () => ((await state()).aborted === aborted + 1 ? true : undefined));
  });

  it('are so many: the next wait until there is room', async () => {
    const socket = await McpSocket.open(server);
    for (let i = 0; i < MAX_IN_FLIGHT; i++) socket.ask('tools/call', { name: 'test_waits' }, `slow${i}`);
    await eventually('the calls', async () => ((await state()).running === MAX_IN_FLIGHT ? true : undefined));
    for (const id of ['a', 'b', 'c']) socket.ask('tools/call', { name: 'echo' }, id);
    await new McpHttp(server).modern('server/discover');
    expect(socket.received).toEqual([]);
    socket.notify('notifications/cancelled', { requestId: 'b' });
    socket.notify('notifications/cancelled', { requestId: 'slow0' });
    expect(await socket.answer('a')).toBeDefined();
    expect(await socket.answer('c')).toBeDefined();
    expect(socket.received).toEqual([]);
    socket.socket.terminate();
    await eventually('the end', async () => ((await state()).running === 0 ? true : undefined));
  });

  it('come as fast as they are answered', async () => {
    const socket = await McpSocket.open(server);
    for (let i = 0; i < MAX_IN_FLIGHT; i++) socket.ask('tools/call', { name: 'test_slow', arguments: { ms: 200 } }, `slow${i}`);
    for (let i = 0; i < 200; i++) socket.ask('tools/call', { name: 'echo' }, `quick${i}`);
    await eventually('all answers', () => (socket.received.length === 200 + MAX_IN_FLIGHT ? true : undefined));
    const quick = socket.received.map(({ id }) => id as string).filter((id) => id.startsWith('quick'));
    expect(quick).toEqual(Array.from({ length: 200 }, (_, i) => `quick${i}`));
  });
});

describe('what is no message', () => {
  it.each([
    ['no JSON', '{', -32700],
    ['nothing', '', -32700],
    ['a number', '7', -32600],
    ['null', 'null', -32600],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', -32600],
    ['JSON-RPC 1.0', '{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600],
    ['an id that is an object', '{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600],
    ['deep', `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`, -32600],
    ['deep lists', `${'['.repeat(50_000)}${']'.repeat(50_000)}`, -32600],
  ])('%s is refused, and the connection goes on', async (_, text, code) => {
    const socket = await McpSocket.open(server);
    socket.send(text);
    const refused = await socket.next('refusal', (message) => message.error !== undefined);
    expect(refused).toMatchObject({ jsonrpc: '2.0', error: { code } });
    expect((await socket.request('ping')).result).toEqual({});
  });

  it('answers to what nobody asked are dropped', async () => {
    const socket = await McpSocket.open(server);
    for (const id of [1, 'x']) socket.send({ jsonrpc: '2.0', id, result: {} });
    socket.send({ jsonrpc: '2.0', id: 7, error: { code: 1, message: 'x' } });
    socket.notify('notifications/cancelled', { requestId: 99 });
    socket.notify('notifications/none_such');
    expect((await socket.request('ping')).result).toEqual({});
    expect(socket.received).toEqual([]);
  });
});

describe('the endpoint’s own', () => {
  it('limits count these messages, and end who goes on regardless', async () => {
    const limited = await startWithFixture({ websocket: { rate_limit: { rate: 1, burst: 5 } } });
    const socket = await McpSocket.connect(limited);
    for (let i = 0; i < 10; i++) socket.askModern('server/discover');
    const refused = await socket.next('refusal', (message) => message.error !== undefined);
    expect(refused.error).toMatchObject({ code: 4002, data: { retry_after_ms: expect.any(Number), scope: 'connection' } });
    for (let i = 0; i < 200; i++) socket.notify('notifications/none_such');
    expect((await socket.end()).code).toBe(4429);
  });

  it('end of a credential ends its connections', async () => {
    const { key, id } = await createKey(server);
    const socket = await McpSocket.open(server, {}, LEGACY, { key });
    await server.rest('DELETE', `/api/v1/keys/${id}`);
    expect((await socket.end()).code).toBe(4401);
  });

  it('drain lets calls finish, and closes with 1001', async () => {
    const ending = await startWithFixture({ websocket: { drain_spread: '100ms' } });
    const socket = await McpSocket.open(ending);
    const id = socket.ask('tools/call', { name: 'test_slow', arguments: { ms: 1_000 }, _meta: { progressToken: 1 } });
    await socket.notification('notifications/progress');
    ending.process.signal('SIGTERM');
    expect((await socket.answer(id)).result.content[0].text).toBe('slept');
    expect((await socket.end()).code).toBe(1001);
    expect((await ending.process.exited).code).toBe(0);
  });

  it('connections are counted, and told of', async () => {
    const watcher = await server.client();
    await watcher.call('event.subscribe', { events: ['agent.*', 'tool.*'] });
    const socket = await McpSocket.open(server);
    const { data } = (await watcher.next('event')).params as { data: { session_id: string } };
    await socket.request('tools/call', { name: 'echo' });
    expect((await watcher.next('event')).params).toMatchObject({
      event: 'tool.executed',
      data: { tool: 'echo', session_id: data.session_id },
    });
    socket.socket.close();
    expect((await watcher.next('event')).params).toMatchObject({ event: 'agent.disconnected', data: { session_id: data.session_id } });
  });

  it('may be off', async () => {
    const none = await startWithFixture({ mcp: { enabled: false }, modules: [] });
    await expect(openSocket(none.wsUrl, { key: none.adminKey, subprotocols: ['mcp'] }, () => undefined)).rejects.toBeDefined();
  });
});
