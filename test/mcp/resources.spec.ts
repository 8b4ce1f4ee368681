// Contexts, and what modules offer, as resources: lists in pages, reading, and being told of changes, in both eras.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { createKey, ALL_SCOPES } from '../support/keys.js';
import type { TestClient } from '../support/test-client.js';
import type { TestServer } from '../support/start-server.js';
import { EventReader } from './support/event-reader.js';
import { startWithFixture } from './support/fixture.js';
import { McpHttp, SUBSCRIPTION_ID } from './support/mcp-http.js';
import { McpSocket } from './support/mcp-socket.js';

let server: TestServer;
let key: string;
let http: McpHttp;
let agent: TestClient;
let tenants = 0;

beforeAll(async () => {
  server = await startWithFixture({ websocket: { rate_limit: { enabled: false } } });
});

/** Each test has a tenant of its own. */
beforeEach(async () => {
  ({ key } = await createKey(server, { tenant: `tenant-${++tenants}`, scopes: ALL_SCOPES }));
  http = new McpHttp(server, { key });
  agent = await server.client({ key });
});

const create = async (name: string): Promise<string> => {
  const { id } = await agent.call('context.create', { name });
  return `context://${id}`;
};

const append = async (uri: string, content: string): Promise<void> => {
  await agent.call('context.update', { context_id: uri.slice('context://'.length), content });
};

describe('contexts', () => {
  it('are listed, with those of modules, page by page', async () => {
    const created: string[] = [];
    for (let i = 0; i < 450; i++) created.push(await create(`context ${i}`));
    const listed: string[] = [];
    const sizes: number[] = [];
    let cursor: string | undefined;
    do {
      const { result } = (await http.modern('resources/list', { ...(cursor !== undefined && { cursor }) })).body;
      listed.push(...result.resources.map(({ uri }: { uri: string }) => uri));
      sizes.push(result.resources.length);
      cursor = result.nextCursor;
    } while (cursor !== undefined);
    expect(Math.max(...sizes)).toBeLessThan(500);
    expect(sizes.length).toBeGreaterThan(2);
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed.filter((uri) => uri.startsWith('context://')).sort()).toEqual(created.sort());
    expect(listed).toContain('test://static-text');
  });

  it('have a cursor of their own making', async () => {
    for (const cursor of [
      'nonsense',
      '',
      'W10',
      Buffer.from('["nobody"]').toString('base64url'),
      Buffer.from('["contexts","x"]').toString('base64url'),
    ]) {
      expect((await http.modern('resources/list', { cursor })).body.error.code).toBe(-32602);
    }
    expect((await http.modern('resources/list', { cursor: 7 })).body.error.code).toBe(-32602);
  });

  it('are read, as far back as is asked for', async () => {
    const uri = await create('talk');
    for (const content of ['one', 'two', 'three']) await append(uri, content);
    const read = async (address: string): Promise<{ items: { id: string; content: string }[]; name: string }> =>
      JSON.parse((await http.modern('resources/read', { uri: address })).body.result.contents[0].text) as never;
    const whole = await read(uri);
    expect(whole.name).toBe('talk');
    expect(whole.items.map(({ content }) => content)).toEqual(['one', 'two', 'three']);
    const newest = await read(`${uri}?limit=1`);
    expect(newest.items.map(({ content }) => content)).toEqual(['three']);
    const older = await read(`${uri}?limit=1&before=${newest.items[0]?.id}`);
    expect(older.items.map(({ content }) => content)).toEqual(['two']);
  });

  it('that are not there, or whose address is wrong, are not found', async () => {
    const uri = await create('talk');
    const wrong = [
      'context://',
      'context://nothing',
      `${uri}?limit=x`,
      `${uri}?limit=-1`,
      `${uri}?limit=1e99`,
      `${uri}?what=1`,
      `${uri}/../x`,
      'nobody://x',
      'x',
    ];
    for (const address of wrong) {
      const { body, status } = await http.modern('resources/read', { uri: address });
      expect([status, body.error.code, body.error.data]).toEqual([200, -32602, { uri: address }]);
    }
    expect((await http.modern('resources/read', { uri: `context://${'x'.repeat(5_000)}` })).body.error.code).toBe(-32602);
    const session = await http.open();
    expect((await session.request('resources/read', { uri: 'context://nothing' })).body.error.code).toBe(-32002);
  });

  it('are described by a template, whose id can be completed', async () => {
    const uri = await create('talk');
    const { resourceTemplates } = (await http.modern('resources/templates/list')).body.result;
    expect(resourceTemplates).toContainEqual(expect.objectContaining({ uriTemplate: 'context://{id}{?limit,before}' }));
    const complete = {
      ref: { type: 'ref/resource', uri: 'context://{id}{?limit,before}' },
      argument: { name: 'id', value: uri.slice(10, 16) },
    };
    expect((await http.modern('completion/complete', complete)).body.result.completion.values).toEqual([uri.slice(10)]);
  });
});

describe('who watches a resource', () => {
  it('in a session is told on its stream when it changes, once for much at once', async () => {
    const [watched, other] = [await create('watched'), await create('other')];
    const session = await http.open();
    const stream = await session.stream();
    expect((await session.request('resources/subscribe', { uri: watched })).body.result).toEqual({});
    await append(other, 'not this');
    await Promise.all(Array.from({ length: 20 }, async () => append(watched, 'x')));
    expect(await stream.message()).toMatchObject({ method: 'notifications/resources/updated', params: { uri: watched } });
    expect((await session.request('resources/unsubscribe', { uri: watched })).body.result).toEqual({});
    await append(watched, 'nobody hears');
    await create('a change of the list');
    const rest: string[] = [];
    do rest.push((await stream.message()).method as string);
    while (rest.at(-1) !== 'notifications/resources/list_changed');
    // The twenty may have been told in two moments.
    expect(rest.length).toBeLessThanOrEqual(2);
    await stream.cancel();
  });

  it('in a session without a stream is told once it has one', async () => {
    const uri = await create('watched');
    const session = await http.open();
    await session.request('resources/subscribe', { uri });
    await append(uri, 'x');
    await append(uri, 'y');
    const stream = await session.stream();
    expect(await stream.message()).toMatchObject({ method: 'notifications/resources/updated', params: { uri } });
    await stream.cancel();
  });

  it('over a WebSocket is told there', async () => {
    const uri = await create('watched');
    const socket = await McpSocket.open(server, {}, undefined, { key });
    expect((await socket.request('resources/subscribe', { uri })).result).toEqual({});
    await append(uri, 'x');
    expect((await socket.notification('notifications/resources/updated')).params).toEqual({ uri });
    await agent.call('context.delete', { context_id: uri.slice(10) });
    await socket.notification('notifications/resources/list_changed');
  });

  it('in the newer era listens, and is told with the subscription’s id', async () => {
    const [watched, other] = [await create('watched'), await create('other')];
    const response = await http.modernResponse('subscriptions/listen', {
      notifications: { resourceSubscriptions: [watched, 'context://nothing'], resourcesListChanged: true },
    });
    const events = new EventReader(response);
    const acknowledged = await events.message();
    const id = acknowledged.params._meta[SUBSCRIPTION_ID] as unknown;
    expect(acknowledged.params.notifications).toEqual({ resourceSubscriptions: [watched], resourcesListChanged: true });
    await append(other, 'not this');
    await append(watched, 'this');
    expect(await events.message()).toMatchObject({
      method: 'notifications/resources/updated',
      params: { uri: watched, _meta: { [SUBSCRIPTION_ID]: id } },
    });
    await create('another');
    expect(await events.message()).toMatchObject({
      method: 'notifications/resources/list_changed',
      params: { _meta: { [SUBSCRIPTION_ID]: id } },
    });
    await events.cancel();
  });

  it('hears nothing of another tenant', async () => {
    const foreign = await createKey(server, { tenant: 'elsewhere', scopes: ALL_SCOPES });
    const socket = await McpSocket.open(server, {}, undefined, { key: foreign.key });
    const uri = await create('ours');
    expect((await socket.request('resources/subscribe', { uri })).error.code).toBe(-32002);
    await append(uri, 'x');
    const own = await server.client({ key: foreign.key });
    const { id } = await own.call('context.create', { name: 'theirs' });
    await socket.notification('notifications/resources/list_changed');
    expect(socket.received).toEqual([]);
    expect(id).toBeDefined();
  });

  it('watches a bounded number', async () => {
    const uri = await create('watched');
    const socket = await McpSocket.open(server, {}, undefined, { key });
    for (let limit = 0; limit < 1_000; limit++) socket.ask('resources/subscribe', { uri: `${uri}?limit=${limit}` });
    const last = await socket.request('resources/subscribe', { uri });
    expect(last.error?.code ?? 0).toBe(-32602);
  });
});
