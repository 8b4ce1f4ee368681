// The AsyncAPI document tells the truth: of every method, of every answer that it gives, and of all that the server sends by itself.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { resolve } from 'node:path';

import { METHOD_NUMBERS } from '@mcpw/protocol';
import { beforeAll, describe, expect, it } from 'vitest';

import { AsyncApi, ASYNC_API } from '../support/async-api.js';
import { eventually } from '../support/deadline.js';
import { signJwt } from '../support/jwt.js';
import { createKey } from '../support/keys.js';
import { ENCODINGS, type MessageId } from '../support/message.js';
import { startServer, type TestServer } from '../support/start-server.js';
import type { Answer, TestClient } from '../support/test-client.js';

const TOOL_SERVER = resolve(import.meta.dirname, '../support/fixtures/tool-server.js');
const SECRET = 'a secret that signs tokens of this test alone';
const CONFIG = {
  websocket: { rate_limit: { enabled: false } },
  auth: { jwt: { secret: SECRET } },
  events: { retention_count: 5, sweep_interval: '50ms' },
};

let server: TestServer;
let api: AsyncApi;
beforeAll(async () => {
  server = await startServer({ main: TOOL_SERVER, config: CONFIG });
  api = await AsyncApi.of(server);
});

describe('the document', () => {
  it('is valid by the schema of AsyncAPI 3.0, is open to all, and answers as JSON', async () => {
    api.expectValid();
    const { headers } = await server.rest('GET', ASYNC_API, undefined, null);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  it('has every method that the server has, with its number', async () => {
    const client = await server.connect();
    const { methods } = await client.initialize();
    const documented = [...Object.entries(api.methods), ...Object.entries(api.sent).map(([key, op]) => [key.slice(5), op] as const)];
    const numbers = Object.fromEntries(documented.map(([name, operation]) => [name, operation['x-mcpw-method-number']]));
    expect({ ...numbers, ping: 8, pong: 9 }).toEqual(methods);
    expect(methods).toEqual(METHOD_NUMBERS);
  });

  it('tells scopes, and callers without them are refused as it says', async () => {
    const { key } = await createKey(server, { scopes: ['metrics:read'] });
    const client = await server.client({ key });
    for (const [method, { 'x-mcpw-scope': scope }] of Object.entries(api.methods)) {
      if (scope === undefined) continue;
      const answer = await client.request(method);
      expect(answer.error).toMatchObject({ code: 4012, data: { scope } });
      api.expectAnswer(method, answer);
    }
  });

  it('tells nothing of who uses the server: it stays as it is', async () => {
    const { key } = await createKey(server, { tenant: 'zanzibar-tenant' });
    const agent = await server.client({ key }, { name: 'zanzibar-agent' });
    const schema = { type: 'object', properties: { zanzibar_member: {} } };
    await agent.call('tool.register', { tools: [{ name: 'zanzibar_tool', description: 'zanzibar', inputSchema: schema }] });
    await agent.call('event.publish', { event: 'zanzibar.event', data: 1 });
    const { text } = await AsyncApi.of(server);
    expect(text).toBe(api.text);
    expect(text).not.toMatch(/zanzibar|test_add|vault/i);
  });
});

describe.each(ENCODINGS)('in %s', (encoding) => {
  const asked = new Set<string>();

  /** The answer of a method, be it an error, is as the document says, and so are the params. */
  async function ask(client: TestClient, method: string, params: object, meta?: object): Promise<Answer> {
    api.expectParams(method, params);
    const answer = await client.request(method, params, meta);
    api.expectAnswer(method, answer);
    if (answer.error === undefined) asked.add(method);
    return answer;
  }

  /** The result, of a method that has one. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each test knows the shape it asked for
  async function resultOf(client: TestClient, method: string, params: object): Promise<any> {
    const answer = await ask(client, method, params);
    expect(answer.error).toBeUndefined();
    return answer.result;
  }

  const code = async (asking: Promise<Answer>): Promise<number | undefined> => (await asking).error?.code;

  it('sessions', async () => {
    const claims = { sub: 'someone', tenant: 'acme', scopes: ['admin'] };
    const client = await server.connect({ encoding, jwt: await signJwt(SECRET, claims) });
    expect(await code(ask(client, 'tool.list', {}))).toBe(4013);
    await resultOf(client, 'initialize', { name: 'a', version: '1', capabilities: { batch: false }, compression: ['gzip'] });
    await resultOf(client, 'session.authenticate', { token: await signJwt(SECRET, claims) });
    await resultOf(client, 'session.ack', { cursors: {} });
    await resultOf(client, 'tool.cancel', { request_id: 'none' });
    await resultOf(client, 'tool.progress', { request_id: 1, progress: 1, total: 2, message: 'half' });
    expect(await code(ask(client, 'session.authenticate', { token: server.adminKey }))).toBe(4012);
    expect(await code(ask(client, 'session.authenticate', { token: 'wrong' }))).toBe(4001);

    const secured = await server.connect({ encoding });
    const { publicKey } = generateKeyPairSync('x25519');
    const { x: public_key } = publicKey.export({ format: 'jwk' });
    const security = { public_key, nonce: randomBytes(16).toString('base64url') };
    await resultOf(secured, 'initialize', { name: 'a', version: '1', security });
  });

  it('contexts', async () => {
    const client = await server.client({ encoding });
    const items = [{ role: 'system', content: 'Be brief.', metadata: { by: 'me' } }];
    const made = { name: 'one', content: items, metadata: { a: { b: 1 } }, ttl_seconds: 60, max_tokens: 20, truncation: 'oldest_first' };
    const { id: context_id } = await resultOf(client, 'context.create', made);
    const long = { role: 'user', content: 'seven words that are not at all few' };
    expect(await resultOf(client, 'context.create', { ...made, content: [long, long, long] })).toMatchObject({ truncated: 1 });
    for (const text of ['a whale sings', 'a whale dives deeper than ever before', 'all whales come back sooner or later, they say'])
      await resultOf(client, 'context.update', { context_id, content: text });
    await resultOf(client, 'context.get', { context_id, limit: 10 });
    await resultOf(client, 'context.create', { name: 'another' });
    await resultOf(client, 'context.list', { limit: 2 });
    const { matches } = await resultOf(client, 'context.search', { query: 'whales' });
    expect(matches.length).toBeGreaterThan(0);
    expect(await code(ask(client, 'context.update', { context_id, version: 99, name: 'x' }))).toBe(4008);
    expect(await code(ask(client, 'context.create', { name: 'x', content: 'too much of it', max_tokens: 1 }))).toBe(4007);
    await resultOf(client, 'context.delete', { context_id });
    for (const method of ['context.get', 'context.delete']) expect(await code(ask(client, method, { context_id }))).toBe(4009);
    expect(await code(ask(client, 'context.update', { context_id, name: 'x' }))).toBe(4009);
  });

  it('tools', async () => {
    const client = await server.client({ encoding });
    const run = (name: string, args: object = {}): Promise<Answer['result']> => resultOf(client, 'tool.execute', { name, arguments: args });
    await resultOf(client, 'tool.list', { query: 'test_add', limit: 1 });
    await resultOf(client, 'tool.list', { limit: 1 });
    expect(await run('test_add', { a: 1, b: 2 })).toMatchObject({ status: 'completed', result: { structured: { sum: 3 } } });
    expect(await run('test_nothing')).toMatchObject({ status: 'completed' });
    // Bytes are MessagePack's own in frames, and base64 in the JSON that schemas are of.
    if (encoding === 'json')
      for (const name of ['test_bytes', 'test_image']) expect(await run(name)).toMatchObject({ status: 'completed' });
    expect(await run('test_refuse')).toMatchObject({ status: 'failed', error: { data: { since: 'noon' } } });
    expect(await code(ask(client, 'tool.execute', { name: 'none' }))).toBe(4009);
    expect(await code(ask(client, 'tool.execute', { name: 'test_add', arguments: { a: 'x' } }))).toBe(4005);
    expect(await code(ask(client, 'tool.execute', { name: 'test_hasty', arguments: { ms: 1000 } }))).toBe(4014);
  });

  it('agents’ tools: what an agent is asked and told, and what its callers are', async () => {
    const { key } = await createKey(server, { tenant: `agents-${encoding}` });
    const agent = await server.client({ key, encoding });
    const caller = await server.client({ key, encoding });
    const tool = { name: 'agent_tool', description: 'An agent’s.', inputSchema: { type: 'object' }, annotations: { title: 'Agent' } };
    await resultOf(agent, 'tool.register', { tools: [tool] });
    expect(await code(ask(agent, 'tool.register', { tools: [{ ...tool, name: 'echo' }] }))).toBe(4008);
    api.expectSent(await caller.next('tool.changed'));

    const { answer } = caller.begin('tool.execute', { name: 'agent_tool', arguments: { n: 1 }, stream: true });
    const question = await agent.nextRequest('tool.execute');
    api.expectSent(question);
    agent.notify('tool.progress', { request_id: question.id, progress: 1, total: 2, message: 'half' });
    api.expectSent(await caller.next('tool.progress'));
    agent.respond(question.id as MessageId, { status: 'completed', result: { content: [{ type: 'text', text: 'done' }] } });
    api.expectAnswer('tool.execute', await answer);

    const dropped = caller.begin('tool.execute', { name: 'agent_tool' });
    await agent.nextRequest('tool.execute');
    await resultOf(caller, 'tool.cancel', { request_id: dropped.id });
    api.expectSent(await agent.next('tool.cancel'));
    const cancelled = await dropped.answer;
    expect(cancelled.error?.code).toBe(4006);
    api.expectAnswer('tool.execute', cancelled);
    await resultOf(agent, 'tool.unregister', { names: ['agent_tool'] });
  });

  it('events', async () => {
    const { key } = await createKey(server, { tenant: `events-${encoding}` });
    const client = await server.client({ key, encoding });
    const { cursor: since } = await resultOf(client, 'event.publish', { event: 'a.b', data: null });
    const { subscription_id } = await resultOf(client, 'event.subscribe', { events: ['a.*', 'tool.*'], since: 'latest' });
    for (const data of [null, 1, { deep: [1] }]) {
      await resultOf(client, 'event.publish', { event: 'a.b', data });
      const event = await client.next('event');
      expect(event.params.data).toEqual(data);
      api.expectSent(event);
    }
    await client.call('tool.execute', { name: 'echo' });
    const passing = await client.next('event');
    expect(passing.params).not.toHaveProperty('cursor');
    api.expectSent(passing);
    for (let i = 0; i < 10; i++) await client.call('event.publish', { event: 'a.b', data: i });
    await eventually('a gap', async () => {
      await client.call('event.subscribe', { events: ['a.b'], since });
      return client.messages.find(({ method }) => method === 'event.gap');
    });
    api.expectSent(await client.next('event.gap'));
    await resultOf(client, 'session.ack', { cursors: { [subscription_id]: since } });
    await resultOf(client, 'event.unsubscribe', {});
    expect(await code(ask(client, 'event.subscribe', { events: ['a'], since: 'none' }))).toBe(4005);
    expect(await code(ask(client, 'event.publish', { event: 'context.made', data: 1 }))).toBe(4005);
  });

  it('every method was asked', () => {
    expect([...asked].sort()).toEqual(Object.keys(api.methods).sort());
  });
});

it('limits that initialize tells of, a refusal for them, and the end of a server', async () => {
  const limited = await startServer({ config: { websocket: { rate_limit: { rate: 1, burst: 3 } } } });
  for (const encoding of ENCODINGS) {
    const client = await limited.connect({ encoding });
    api.expectAnswer('initialize', await client.request('initialize', { name: 'a', version: '1' }));
    const answers = await Promise.all(Array.from({ length: 6 }, () => client.request('tool.list')));
    expect(answers.map(({ error }) => error?.code)).toContain(4002);
    for (const answer of answers) api.expectAnswer('tool.list', answer);
  }
  const clients = [await limited.connect(), await limited.connect({ encoding: 'binary' })];
  for (const client of clients) await client.initialize();
  await limited.stop();
  for (const client of clients) api.expectSent(await client.next('server.draining'));
});

it('what the document says of results and notifications has all been seen, but what only other methods have', () => {
  // A context that was changed says what went; that they list and read the same has one class.
  expect(api.unseen()).toEqual(['context.get.result/truncated', 'context.list.result/contexts/truncated']);
});
