// The guide's "Standard Methods" and "Message Types", in both encodings.
import { beforeAll, describe, expect, it } from 'vitest';

import { ENCODINGS } from '../support/message.js';
import { sharedServer, type TestServer } from '../support/start-server.js';

describe.each(ENCODINGS)('the standard methods in %s', (encoding) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await sharedServer({});
  });
  const connect = () => server.client({ encoding });

  it('initialize opens the session and tells principal, limits and methods', async () => {
    const client = await server.connect({ encoding });
    expect(await client.initialize({ name: 'agent-name', version: '1.0.0' })).toMatchObject({
      version: '1',
      session_id: expect.any(String),
      principal: { tenant: 'default', scopes: ['admin'] },
      limits: { rate: 16.67, burst: 100, max_message_size: 1_048_576 },
      methods: { initialize: 1, 'tool.list': 2, 'event.subscribe': 6 },
    });
  });

  it('tool.list lists tools with their schemas', async () => {
    const { tools } = await (await connect()).call('tool.list');
    expect(tools).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: 'echo', inputSchema: expect.objectContaining({ type: 'object' }) })]),
    );
  });

  it('tool.execute runs a tool', async () => {
    const result = await (await connect()).call('tool.execute', { name: 'echo', arguments: { word: 'hello' } });
    expect(result).toMatchObject({ tool: 'echo', status: 'completed', result: { structured: { word: 'hello' } } });
  });

  it('context.create, context.get, context.update and context.list keep a context', async () => {
    const client = await connect();
    const created = await client.call('context.create', { name: `notes-${encoding}`, content: 'first' });
    expect(created).toMatchObject({ version: 1, item_count: 1 });
    await client.call('context.update', { context_id: created.id, version: 1, content: 'second', metadata: { topic: 'x' } });
    expect(await client.call('context.get', { context_id: created.id })).toMatchObject({
      version: 2,
      metadata: { topic: 'x' },
      items: [{ role: 'user', content: 'first' }, { content: 'second' }],
    });
    const { contexts } = await client.call('context.list', { name_prefix: `notes-${encoding}` });
    expect(contexts).toMatchObject([{ id: created.id, version: 2 }]);
  });

  it('event.subscribe brings notifications, event.unsubscribe ends them', async () => {
    const [listener, speaker] = [await connect(), await connect()];
    const { subscription_id, status } = await listener.call('event.subscribe', { events: ['build.*'] });
    expect(status).toBe('active');
    await speaker.call('event.publish', { event: 'build.done', data: { n: 1 } });
    const notification = await listener.next('event');
    expect(notification).toMatchObject({ type: 2, params: { subscription_id, event: 'build.done', data: { n: 1 } } });
    expect(await listener.call('event.unsubscribe', { subscription_id })).toMatchObject({
      unsubscribed: [expect.anything()],
      status: 'success',
    });
    await speaker.call('event.publish', { event: 'build.done', data: { n: 2 } });
    await listener.settle();
    expect(listener.messages.filter(({ method }) => method === 'event')).toHaveLength(1);
  });
});

describe.each(ENCODINGS)('the message types in %s', (encoding) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await sharedServer({});
  });

  it('request 0 is answered with response 1', async () => {
    const client = await server.client({ encoding });
    expect((await client.request('tool.list')).type).toBe(1);
  });

  it('notification 2 tells without asking for an answer', async () => {
    const client = await server.client({ encoding });
    client.notify('session.ack', { cursors: {} });
    const { answer } = client.begin('tool.list');
    await answer;
    // initialize and tool.list: nothing else was answered.
    expect(client.messages).toHaveLength(2);
  });

  it('error 3 bears the request’s id, a code, a message and data', async () => {
    const client = await server.client({ encoding });
    const { id, answer } = client.begin('context.create', { name: 7 });
    expect(await answer).toMatchObject({
      id,
      type: 3,
      error: { code: 4005, message: expect.any(String), data: { errors: [{ path: '/name' }] } },
    });
  });

  it('ping 4 is answered with pong 5', async () => {
    const client = await server.client({ encoding });
    const id = client.nextId();
    const answer = client.answerTo(id, 'ping');
    client.send(client.ping(id));
    expect(await answer).toMatchObject({ id, type: 5, result: { timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) } });
  });

  it('batch 6 holds messages that are handled one by one', async () => {
    const client = await server.client({ encoding });
    const answers = await client.batch([['tool.list'], ['no.such.method'], ['context.list']]);
    expect(answers.map(({ type }) => type)).toEqual([1, 3, 1]);
    expect(answers[1]?.error?.code).toBe(4004);
  });
});
