// PROTOCOL.md §6: resuming, and requests that run once; and the guide's graceful shutdown.
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { beforeAll, describe, expect, it } from 'vitest';

import { within } from '../support/deadline.js';
import { createKey } from '../support/keys.js';
import { sharedServer, startServer, type TestServer } from '../support/start-server.js';
import type { TestClient } from '../support/test-client.js';

const HELD_READER = resolve(import.meta.dirname, '../support/fixtures/held-reader.js');
const SLOW_SERVER = resolve(import.meta.dirname, '../support/fixtures/slow-server.js');
/** All tests that leave nothing behind share it. */
const slowServer = (): Promise<TestServer> =>
  sharedServer({ main: SLOW_SERVER, config: { websocket: { rate_limit: { enabled: false } } } });

describe.each(['json', 'binary'] as const)('resuming in %s', (encoding) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await sharedServer({});
  });

  it('restores the subscriptions and sends what came after the last cursor', async () => {
    const { key } = await createKey(server);
    const publisher = await server.client();
    const first = await server.connect({ key, encoding });
    const session = await first.initialize();
    expect(session.resumed).toBe(false);
    const { subscription_id: id } = await first.call('event.subscribe', { events: ['job.*'] });
    await publisher.call('event.publish', { event: 'job.one', data: { n: 1 } });
    const seen = await first.next('event');
    first.terminate();
    await publisher.call('event.publish', { event: 'job.two', data: { n: 2 } });
    await publisher.call('event.publish', { event: 'other', data: { n: 3 } });

    const second = await server.connect({ key, encoding });
    const again = await second.initialize({
      resume: { session_id: session.session_id, resume_token: session.resume_token, cursors: { [id]: seen.params.cursor } },
    });
    expect(again).toMatchObject({ resumed: true, session_id: session.session_id });
    expect(again.resume_token).not.toBe(session.resume_token);
    expect((await second.next('event')).params).toMatchObject({ subscription_id: id, event: 'job.two', data: { n: 2 } });
    await publisher.call('event.publish', { event: 'job.three', data: { n: 4 } });
    expect((await second.next('event')).params).toMatchObject({ subscription_id: id, event: 'job.three' });
  });

  it('goes on after the last acknowledged cursor where none is given', async () => {
    const { key } = await createKey(server);
    const publisher = await server.client();
    const first = await server.connect({ key, encoding });
    const session = await first.initialize();
    const { subscription_id: id } = await first.call('event.subscribe', { events: ['ack.*'] });
    await publisher.call('event.publish', { event: 'ack.one', data: {} });
    await publisher.call('event.publish', { event: 'ack.two', data: {} });
    const one = await first.next('event');
    await first.next('event');
    first.notify('session.ack', { cursors: { [id]: one.params.cursor } });
    await first.settle();
    await first.close();

    const second = await server.connect({ key, encoding });
    await second.initialize({ resume: { session_id: session.session_id, resume_token: session.resume_token } });
    expect((await second.next('event')).params).toMatchObject({ event: 'ack.two' });
  });

  it('closes the older connection, if one is left, with 4409', async () => {
    const { key } = await createKey(server);
    const first = await server.connect({ key, encoding });
    const session = await first.initialize();
    await first.call('event.subscribe', { events: ['x.*'] });
    const second = await server.connect({ key, encoding });
    const again = await second.initialize({ resume: { session_id: session.session_id, resume_token: session.resume_token } });
    expect(again.resumed).toBe(true);
    expect(await first.closed).toMatchObject({ code: 4409, reason: expect.stringMatching(/\w/) });
    await (await server.client()).call('event.publish', { event: 'x.y', data: {} });
    expect((await second.next('event')).params.event).toBe('x.y');
  });

  it('closes the newest, where one before it has not answered its close yet', async () => {
    const { key } = await createKey(server);
    const resumedFrom = async (before: { session_id: string; resume_token: string }): Promise<[TestClient, typeof before]> => {
      const client = await server.connect({ key, encoding });
      const { session_id, resume_token } = before;
      return [client, await client.initialize({ resume: { session_id, resume_token } })];
    };
    const dead = await server.connect({ key, encoding });
    const first = await dead.initialize();
    dead.socket.pause();
    const [second, again] = await resumedFrom(first);
    const [, third] = await resumedFrom(again);
    expect(third).toMatchObject({ resumed: true, session_id: first.session_id });
    expect(await within('close', second.closed)).toMatchObject({ code: 4409 });
  });

  it('is for one of two that ask together', async () => {
    const { key } = await createKey(server);
    const publisher = await server.client();
    for (let round = 0; round < 10; round++) {
      const first = await server.connect({ key, encoding });
      const { session_id, resume_token } = await first.initialize();
      await first.call('event.subscribe', { events: ['once.*'] });
      const both = await Promise.all([server.connect({ key, encoding }), server.connect({ key, encoding })]);
      // What the end of the first writes is what both wait for.
      first.socket.terminate();
      const hello = { name: 'twin', version: '1', resume: { session_id, resume_token } };
      const outcomes = await Promise.all(
        both.map(async (client) => Promise.race([client.request('initialize', hello).then(({ result }) => result), client.closed])),
      );
      const resumed = both.filter((client, i) => client.isOpen && outcomes[i]?.resumed === true);
      expect(resumed, JSON.stringify(outcomes)).toHaveLength(1);
      await publisher.call('event.publish', { event: 'once.more', data: {} });
      expect((await resumed[0]?.next('event'))?.params.event).toBe('once.more');
      await Promise.all(both.map((client) => client.close()));
    }
  });

  it('with a wrong token, another principal, a used token or nonsense is a fresh session, not an error', async () => {
    const owner = await createKey(server);
    const thief = await createKey(server);
    const first = await server.connect({ key: owner.key, encoding });
    const { session_id, resume_token } = await first.initialize();
    const attempt = async (key: string, resume: object): Promise<{ resumed: boolean; session_id: string }> =>
      (await server.connect({ key, encoding })).initialize({ resume });
    const outcomes = [
      await attempt(owner.key, { session_id, resume_token: 'x'.repeat(43) }),
      await attempt(thief.key, { session_id, resume_token }),
      await attempt(owner.key, { session_id: 'nothing', resume_token }),
    ];
    for (const outcome of outcomes) expect(outcome.resumed, JSON.stringify(outcome)).toBe(false);
    for (const outcome of outcomes) expect(outcome.session_id).not.toBe(session_id);
    expect(first.isOpen).toBe(true);
    expect(await attempt(owner.key, { session_id, resume_token })).toMatchObject({ resumed: true });
    expect(await attempt(owner.key, { session_id, resume_token })).toMatchObject({ resumed: false });
  });

  it('a second initialize is 4000, also while the first is at work', async () => {
    const { key } = await createKey(server);
    const resume = { session_id: 'x'.repeat(22), resume_token: 'y'.repeat(43) };
    const hello = { name: 'hasty', version: '1', resume };
    const client = await server.connect({ key, encoding });
    const answers = await Promise.all([client.request('initialize', hello), client.request('initialize', hello)]);
    expect(answers.map(({ error }) => error?.code)).toEqual([undefined, 4000]);
    const late = await server.connect({ anonymous: true, encoding });
    const tokens = await Promise.all([1, 2].map(() => late.request('initialize', { ...hello, token: key })));
    expect(tokens.map(({ error }) => error?.code)).toEqual([undefined, 4000]);
  });

  it('works after the server was killed', async () => {
    const { key } = await createKey(server);
    const first = await server.connect({ key, encoding });
    const session = await first.initialize();
    const { subscription_id: id } = await first.call('event.subscribe', { events: ['crash.*'] });
    const publisher = await server.client();
    await publisher.call('event.publish', { event: 'crash.before', data: {} });
    const seen = await first.next('event');
    await server.restart('SIGKILL');
    const after = await server.client();
    await after.call('event.publish', { event: 'crash.after', data: {} });
    const second = await server.connect({ key, encoding });
    const again = await second.initialize({
      resume: { session_id: session.session_id, resume_token: session.resume_token, cursors: { [id]: seen.params.cursor } },
    });
    expect(again.resumed).toBe(true);
    expect((await second.next('event')).params).toMatchObject({ subscription_id: id, event: 'crash.after' });
  });
});

describe.each(['json', 'binary'] as const)('an idempotency key in %s', (encoding) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await slowServer();
  });
  let count = 0;
  const fresh = (): string => `key-${encoding}-${++count}`;

  it('the same key again gets the first answer, on this connection and another', async () => {
    const meta = { idempotency_key: fresh() };
    const [first, second] = [await server.client({ encoding }), await server.client({ encoding })];
    const created = await first.call('context.create', { name: 'once' }, meta);
    expect(await first.call('context.create', { name: 'once' }, meta)).toEqual(created);
    expect(await second.call('context.create', { name: 'once' }, meta)).toEqual(created);
    const before = await first.call('context.update', { context_id: created.id, content: 'a' }, { idempotency_key: fresh() });
    expect(before.version).toBe(2);
  });

  it('the same key with other params is 4008', async () => {
    const meta = { idempotency_key: fresh() };
    const client = await server.client({ encoding });
    await client.call('context.create', { name: 'one' }, meta);
    expect((await client.request('context.create', { name: 'two' }, meta)).error).toMatchObject({ code: 4008 });
  });

  it('is per principal and method', async () => {
    const meta = { idempotency_key: fresh() };
    const { key } = await createKey(server);
    const [mine, theirs] = [await server.client({ encoding }), await server.client({ encoding, key })];
    const first = await mine.call('context.create', { name: 'x' }, meta);
    const second = await theirs.call('context.create', { name: 'x' }, meta);
    expect(second.id).not.toBe(first.id);
    await mine.call('event.publish', { event: 'a.b', data: {} }, meta);
  });

  it('what still runs is waited for, also after its connection was lost', async () => {
    const [meta, value] = [{ idempotency_key: fresh() }, `kept-${encoding}`];
    const lost = await server.client({ encoding });
    lost.begin('test.slow', { ms: 400, value }, meta);
    await lost.settle();
    lost.terminate();
    const back = await server.client({ encoding });
    const answers = await Promise.all([1, 2, 3].map(() => back.call('test.slow', { ms: 400, value }, meta)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(server.output.split(`slow ${value} done`).length - 1).toBe(1);
    expect(server.output).not.toContain(`slow ${value} aborted`);
  });

  it('an answer that was an error is the answer', async () => {
    const meta = { idempotency_key: fresh() };
    const client = await server.client({ encoding });
    const params = { context_id: `later-${encoding}`, content: 'x' };
    expect((await client.request('context.update', params, meta)).error).toMatchObject({ code: 4009 });
    await client.call('context.create', { id: `later-${encoding}`, name: 'x' });
    expect((await client.request('context.update', params, meta)).error).toMatchObject({ code: 4009 });
  });

  it('survives a kill', async () => {
    const meta = { idempotency_key: fresh() };
    const first = await server.client({ encoding });
    const created = await first.call('context.create', { name: 'kept' }, meta);
    await server.restart('SIGKILL');
    const second = await server.client({ encoding });
    expect(await second.call('context.create', { name: 'kept' }, meta)).toEqual(created);
  });
});

describe.each(['json', 'binary'] as const)('without an idempotency key, in %s', (encoding) => {
  it('what runs is aborted when its connection ends', async () => {
    const server = await slowServer();
    const client = await server.client({ encoding });
    client.begin('test.slow', { ms: 20_000, value: `gone-${encoding}` });
    await client.settle();
    client.terminate();
    await server.printed(new RegExp(`slow gone-${encoding} aborted`));
  });
});

describe('tool.cancel and timeouts', () => {
  it.each(['json', 'binary'] as const)('a cancelled request is answered 4006, a late one 4014, in %s', async (encoding) => {
    const server = await slowServer();
    const client = await server.client({ encoding });
    const { id, answer } = client.begin('test.slow', { ms: 20_000, value: 'cancelled' });
    expect(await client.call('tool.cancel', { request_id: id })).toEqual({ cancelled: true });
    expect((await answer).error).toMatchObject({ code: 4006 });
    expect(await client.call('tool.cancel', { request_id: id })).toEqual({ cancelled: false });
    const late = await client.request('test.slow', { ms: 20_000, value: `late-${encoding}` }, { timeout_ms: 50 });
    expect(late.error).toMatchObject({ code: 4014 });
    await server.printed(new RegExp(`slow late-${encoding} aborted`));
  });
});

describe.each(['json', 'binary'] as const)('a handler that throws, in %s', (encoding) => {
  it.each(['test.crash', 'test.crash_later', 'test.unencodable'])(
    '%s: 4003 with a reference that is in the log, and nothing of the inside',
    async (method) => {
      const server = await slowServer();
      const client = await server.client({ encoding });
      const { error } = await client.request(method, {});
      expect(error).toMatchObject({ code: 4003, data: { ref: expect.stringMatching(/^[0-9a-f-]{36}$/) } });
      expect(JSON.stringify(error)).not.toContain('secret');
      await server.printed(new RegExp((error?.data as { ref: string }).ref));
      await client.call('tool.list');
    },
  );
});

describe.each(['json', 'binary'] as const)('graceful shutdown, the busy in %s', (encoding) => {
  it('readiness fails first, requests in flight are finished, then 4503, and the process ends with 0', async () => {
    const server = await startServer({ main: SLOW_SERVER, config: { websocket: { drain_spread: '200ms' } } });
    const busy = await server.client({ encoding });
    const idle = await server.client({ encoding: encoding === 'json' ? 'binary' : 'json' });
    const answer = busy.request('test.slow', { ms: 1500, value: 'finished' });
    await busy.settle();
    const stopped = server.stop('SIGTERM');
    const { reconnect_in_ms: hint } = (await idle.next('server.draining')).params;
    expect(hint).toBeGreaterThanOrEqual(0);
    await busy.next('server.draining');
    expect((await server.rest('GET', '/health/ready')).status).toBe(503);
    await expect(server.connect()).rejects.toMatchObject({ status: 503 });
    expect(await idle.closed).toMatchObject({ code: 4503, reason: expect.stringMatching(/\w/) });
    expect((await answer).result).toMatchObject({ value: 'finished' });
    expect(await busy.closed).toMatchObject({ code: 4503 });
    expect(await stopped).toMatchObject({ code: 0 });
  });
});

describe('graceful shutdown', () => {
  it('waits for what agents are asked, too', async () => {
    const server = await startServer({ config: { websocket: { drain_spread: '100ms' } } });
    const [agent, caller] = [await server.client(), await server.client()];
    await agent.call('tool.register', { tools: [{ name: 'slow', description: 'slow', inputSchema: { type: 'object' } }] });
    const answer = caller.request('tool.execute', { name: 'slow' });
    const { id } = await agent.nextRequest('tool.execute');
    const stopped = server.stop('SIGTERM');
    await agent.next('server.draining');
    await delay(600);
    agent.respond(id as string, { status: 'completed', result: { content: [] } });
    expect((await answer).result).toMatchObject({ status: 'completed' });
    expect(await agent.closed).toMatchObject({ code: 4503 });
    expect(await stopped).toMatchObject({ code: 0 });
  });

  it('the closes are spread over the window', async () => {
    const server = await startServer({ config: { websocket: { drain_spread: '1s', rate_limit: { handshakes_per_minute: 1000 } } } });
    const clients = await Promise.all(Array.from({ length: 30 }, () => server.client()));
    const begin = Date.now();
    const times = clients.map(async (client) => (await client.closed).code === 4503 && Date.now() - begin);
    void server.stop('SIGTERM');
    const ended = (await Promise.all(times)).map(Number).sort((a, b) => a - b);
    expect((ended[29] as number) - (ended[0] as number)).toBeGreaterThan(400);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('%s that comes twice at once, as when npm passes it on, is one signal', async (signal) => {
    const server = await startServer({ config: { websocket: { drain_spread: '500ms' } } });
    const client = await server.client();
    server.process.signal(signal);
    await delay(20);
    server.process.signal(signal);
    await client.next('server.draining');
    expect(await client.closed).toMatchObject({ code: 4503 });
    expect(await server.process.exited).toMatchObject({ code: 0 });
  });

  it('a second signal ends at once', async () => {
    const server = await startServer({
      main: resolve(import.meta.dirname, '../../dist/main.js'),
      config: { websocket: { drain_spread: '20s', drain_timeout: '30s' } },
    });
    await server.client();
    const begin = Date.now();
    server.process.signal('SIGTERM');
    await server.printed(/draining/);
    await delay(300);
    await server.stop('SIGTERM').catch(() => undefined);
    expect(Date.now() - begin).toBeLessThan(10_000);
  });

  describe('while a thread is in native code and hears of nothing', () => {
    async function heldServer(drain_timeout: string): Promise<TestServer> {
      const server = await startServer({ config: { modules: [HELD_READER], websocket: { drain_timeout, drain_spread: '0ms' } } });
      const client = await server.client();
      await client.call('context.create', { id: 'kept', name: 'kept' });
      client.begin('test.hold');
      await client.settle();
      return server;
    }

    it('waits for it no longer than a few seconds past drain_timeout, and loses nothing', async () => {
      const server = await heldServer('500ms');
      await server.stop('SIGTERM');
      expect(server.output).toContain('does not end');
      await server.restart();
      expect(await (await server.client()).call('context.get', { context_id: 'kept' })).toMatchObject({ name: 'kept' });
    });

    it.each(['SIGTERM', 'SIGINT'] as const)('%s as the second signal ends at once', async (second) => {
      const server = await heldServer('30s');
      server.process.signal('SIGTERM');
      await server.printed(/draining/);
      await delay(300);
      server.process.signal(second);
      await within('end of the server', server.process.exited);
      expect(server.output).not.toContain('does not end');
    });
  });
});
