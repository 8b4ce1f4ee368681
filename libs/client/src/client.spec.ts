import { describe, expect, it } from 'vitest';

import { Client } from './client.js';
import type { ConnectionOptions } from './client-options.js';
import { ClientClosedError, ConnectionLostError, McpwError, UpgradeRefusedError } from './errors.js';
import type { StateChange } from './lifeline.js';
import { settled } from './testing/fake-clock.js';
import { FakeServer } from './testing/fake-server.js';
import { openClient, OPTIONS } from './testing/open-client.js';

function begin(
  options: Partial<ConnectionOptions> = {},
  signal?: AbortSignal,
): { server: FakeServer; client: Client; connected: Promise<Client>; states: StateChange[] } {
  const server = new FakeServer();
  const client = new Client(server.platform, { ...OPTIONS, ...options });
  const states: StateChange[] = [];
  client.on('state', (change) => states.push(change));
  const connected = client.connect(signal);
  connected.catch(() => undefined);
  return { server, client, connected, states };
}

describe('Client', () => {
  describe('connecting', () => {
    it('says who it is and what it can, and knows what it was told', async () => {
      const { server, client, connected } = begin({ version: '2.1.0' });
      await settled();
      expect(server.connection.request).toEqual({
        url: OPTIONS.url,
        protocols: ['mcpw.v1.json'],
        headers: { Authorization: 'Bearer secret' },
      });
      expect(server.connection.last('initialize').params).toEqual({
        name: 'test',
        version: '2.1.0',
        capabilities: { batch: true, tools: true },
      });
      await server.connection.accept();
      await connected;
      expect(client.state).toBe('open');
      expect(client.session).toMatchObject({ session_id: 'session-1', principal: { id: 'agent' } });
      expect(client.session).not.toHaveProperty('resume_token');
    });

    it('offers the binary subprotocol and compression where frames are spoken', async () => {
      const { server } = begin({ encoding: 'binary' });
      await settled();
      expect(server.connection.request.protocols).toEqual(['mcpw.v1.binary']);
      expect(server.connection.raw[0]).toBeInstanceOf(Uint8Array);
    });

    it('keeps on trying while nobody answers, and tells', async () => {
      const { server, connected, states } = begin();
      server.refuse(503, 2_000);
      server.refusals.push(new Error('ECONNREFUSED'));
      server.refusals.reverse();
      await server.clock.pass(10_000);
      await server.connection.accept();
      await connected;
      expect(states.map(({ state, retryInMs }) => [state, retryInMs])).toEqual([
        ['connecting', undefined],
        ['connecting', 250],
        ['connecting', 2_500],
        ['open', undefined],
      ]);
    });

    it('gives up after maxWaitMs, and says why the last attempt failed', async () => {
      const { server, client, connected } = begin({ maxWaitMs: 5_000 });
      server.refusals.push(new Error('ECONNREFUSED'));
      await settled();
      server.isSilent = true;
      await server.clock.pass(5_000);
      await expect(connected).rejects.toThrow('no connection for 5000 ms: the server cannot be reached: ECONNREFUSED');
      expect(client.state).toBe('closed');
      await server.clock.pass(60_000);
      expect(server.clock.pending).toBe(0);
    });

    it('gives an attempt up that takes too long, and tries again', async () => {
      const { server, connected } = begin();
      server.isSilent = true;
      await server.clock.pass(10_000);
      server.isSilent = false;
      await server.clock.pass(500);
      await server.connection.accept();
      await connected;
    });

    it('gives an attempt up whose initialize is not answered', async () => {
      const { server, connected } = begin();
      await server.clock.pass(10_000);
      expect(server.connection.isTerminated).toBe(true);
      await server.clock.pass(500);
      expect(server.connections).toHaveLength(2);
      await server.connection.accept();
      await connected;
    });

    it.each([401, 403, 404])('does not insist where the upgrade is answered with %i', async (status) => {
      const server = new FakeServer();
      server.refuse(status);
      const client = new Client(server.platform, OPTIONS);
      await expect(client.connect()).rejects.toBeInstanceOf(UpgradeRefusedError);
      expect(client.state).toBe('closed');
      await expect(client.request('tool.list', {})).rejects.toBeInstanceOf(UpgradeRefusedError);
    });

    it('does not insist where initialize is refused', async () => {
      const { server, connected } = begin();
      await settled();
      server.connection.refuse(server.connection.last('initialize'), { code: 4011, message: 'sign' });
      await expect(connected).rejects.toMatchObject({ code: 4011, name: 'signature_invalid' });
    });

    it.each([['2'], [undefined]])('does not insist where the server speaks version %s', async (version) => {
      const { server, client, connected } = begin();
      await settled();
      await server.connection.accept({ version: version as '1' });
      await expect(connected).rejects.toMatchObject({
        name: 'UnsupportedError',
        message: `the server speaks version ${version} of the protocol, this client 1`,
      });
      await server.clock.pass(60_000);
      expect([client.state, server.connections.length, server.clock.pending]).toEqual(['closed', 1, 0]);
    });

    it('does not insist where the platform has not what security needs', async () => {
      const server = new FakeServer();
      Object.assign(server.platform, { hash: () => Promise.reject(new TypeError('crypto.subtle is undefined')) });
      const client = new Client(server.platform, { ...OPTIONS, security: true });
      await expect(client.connect()).rejects.toMatchObject({ name: 'UnsupportedError', message: expect.stringContaining('crypto.subtle') });
    });

    it('stops at the signal', async () => {
      const controller = new AbortController();
      const { server, client, connected } = begin({}, controller.signal);
      server.isSilent = true;
      await settled();
      controller.abort(new Error('enough'));
      await expect(connected).rejects.toThrow('enough');
      await settled();
      expect([client.state, server.clock.pending]).toEqual(['closed', 0]);
    });

    it('stops at once where its key cannot be sent', async () => {
      const client = new Client(new FakeServer().platform, { ...OPTIONS, key: 'k\n1' });
      await expect(client.connect()).rejects.toThrow('the key has characters that a header cannot carry');
      expect(client.state).toBe('closed');
    });

    it('connects once, however often it is told', async () => {
      const { server, client, connected } = begin();
      const again = client.connect();
      await settled();
      await server.connection.accept();
      expect([await connected, await again]).toEqual([client, client]);
      expect(server.connections).toHaveLength(1);
    });

    it('does not connect any more once it is closed', async () => {
      const server = new FakeServer();
      const client = new Client(server.platform, OPTIONS);
      await client.close();
      await expect(client.connect()).rejects.toBeInstanceOf(ClientClosedError);
      await settled();
      expect([server.connections, server.clock.pending]).toEqual([[], 0]);
      expect(() => client.notify('billing.seen')).toThrow(ClientClosedError);
      const { client: used } = await openClient();
      await used.close();
      await expect(used.connect()).rejects.toBeInstanceOf(ClientClosedError);
    });

    it('has no session before it was connected', () => {
      expect(() => begin().client.session).toThrow(ConnectionLostError);
    });
  });

  describe('with a connection', () => {
    it('asks by method and gives the result, or the error by its name', async () => {
      const { server, client } = await openClient();
      const found = client.request('context.get', { context_id: 'c' });
      const missing = client.request('context.get', { context_id: 'd' });
      const [first, second] = server.connection.of('context.get');
      server.connection.respond(first!, { id: 'c' });
      server.connection.refuse(second!, { code: 4009, message: 'no such context' });
      expect((await found).id).toBe('c');
      await expect(missing).rejects.toBeInstanceOf(McpwError);
    });

    it('runs tools, and asks for progress where somebody listens', async () => {
      const { server, client } = await openClient();
      void client.executeTool('quiet', { a: 1 });
      expect(server.connection.last('tool.execute').params).toEqual({ name: 'quiet', arguments: { a: 1 } });
      const run = client.runTool('slow');
      const request = server.connection.last('tool.execute');
      expect(request.params).toEqual({ name: 'slow', arguments: {}, stream: true });
      server.connection.notify('tool.progress', { request_id: request.id, progress: 1, total: 2 });
      server.connection.notify('tool.progress', { request_id: request.id, progress: 2, message: 'done' });
      server.connection.respond(request, { tool: 'slow', status: 'completed', duration_ms: 1 });
      const steps = [];
      for await (const step of run) steps.push(step);
      expect(steps).toEqual([
        { progress: 1, total: 2 },
        { progress: 2, message: 'done' },
      ]);
      expect((await run.result).status).toBe('completed');
    });

    it('ends the loop over progress where the tool could not be run', async () => {
      const { server, client } = await openClient();
      const run = client.runTool('missing');
      server.connection.refuse(server.connection.last('tool.execute'), { code: 4009, message: 'no such tool' });
      for await (const _ of run) expect.unreachable();
      await expect(run.result).rejects.toMatchObject({ code: 4009 });
    });

    it('goes on where a listener throws, whose error is not lost', async () => {
      const { server, client } = await openClient();
      const answer = client.executeTool('slow', {}, { onProgress: () => expect.fail('of the listener') });
      const request = server.connection.last('tool.execute');
      const before = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException');
      try {
        const uncaught = new Promise((resolve) => process.once('uncaughtException', resolve));
        server.connection.notify('tool.progress', { request_id: request.id, progress: 1 });
        expect(await uncaught).toMatchObject({ message: 'of the listener' });
      } finally {
        for (const listener of before) process.on('uncaughtException', listener);
      }
      server.connection.respond(request, { tool: 'slow', status: 'completed', duration_ms: 1 });
      expect((await answer).status).toBe('completed');
      expect(client.state).toBe('open');
    });

    it('answers pings', async () => {
      const { server } = await openClient();
      server.connection.say({ id: 'p1', type: 4 });
      expect(server.connection.received.at(-1)).toMatchObject({
        type: 5,
        id: 'p1',
        result: { timestamp: new Date(server.clock.now()).toISOString() },
      });
    });

    it('refuses what only a server can be asked', async () => {
      const { server } = await openClient();
      server.connection.ask('s1', 'context.list', {});
      expect(server.connection.received.at(-1)).toMatchObject({ type: 3, id: 's1', error: { code: 4004 } });
    });

    it('tells of changed tools and of what it does not know', async () => {
      const { server, client } = await openClient();
      const log: unknown[] = [];
      client.on('toolsChanged', () => log.push('tools'));
      const stop = client.on('notification', (notification) => log.push(notification));
      server.connection.notify('tool.changed', {});
      server.connection.notify('billing.paid', { amount: 1 });
      stop();
      server.connection.notify('billing.paid', { amount: 2 });
      expect(log).toEqual(['tools', { method: 'billing.paid', params: { amount: 1 } }]);
    });

    it('tells the server things', async () => {
      const { server, client } = await openClient();
      client.notify('billing.seen', { id: 1 });
      expect(server.connection.received.at(-1)).toMatchObject({ type: 2, method: 'billing.seen', params: { id: 1 } });
    });

    it('asks without params where none are needed, and with options all the same', async () => {
      const { server, client } = await openClient();
      void client.request('tool.list').catch(() => undefined);
      void client.request('context.list', undefined, { traceparent: 'trace-1' }).catch(() => undefined);
      expect(server.connection.last('tool.list').params).toEqual({});
      expect(server.connection.last('context.list')).toMatchObject({ params: {}, meta: { traceparent: 'trace-1' } });
    });

    it.each([
      ['is too large', { text: 'x'.repeat(1_100_000) }, { name: 'too_large', code: 4015 }],
      ['is nested too deep', JSON.parse('{"a":'.repeat(64) + '1' + '}'.repeat(64)) as object, { name: 'TypeError' }],
      ['is no JSON', { n: 1n }, { name: 'TypeError' }],
    ])('tells the server nothing that %s, and says so', async (_, params, error) => {
      const { server, client } = await openClient();
      expect(() => client.notify('billing.seen', params)).toThrow(expect.objectContaining(error) as Error);
      await expect(client.request('tool.execute', { name: 'echo', arguments: params })).rejects.toMatchObject(error);
      expect(server.connection.received.map(({ method }) => method)).toEqual(['initialize']);
      client.notify('billing.seen', {});
      expect(server.connection.last('billing.seen').params).toEqual({});
    });

    it('asks a silent server for a sign of life, and looks for another where none comes', async () => {
      const { server, client } = await openClient();
      await server.clock.pass(30_000);
      expect(server.connection.received.at(-1)).toMatchObject({ type: 4 });
      server.connection.say({ id: server.connection.received.at(-1)?.id, type: 5, result: { timestamp: 'now' } });
      await server.clock.pass(39_999);
      expect(client.state).toBe('open');
      await server.clock.pass(1);
      expect(server.connections[0]?.isTerminated).toBe(true);
      expect(client.state).toBe('reconnecting');
    });

    it('uses pings of the WebSocket where the platform shows their pongs', async () => {
      const server = new FakeServer();
      let pings = 0;
      const openSocket = server.platform.openSocket;
      Object.assign(server.platform, {
        openSocket: async (...request: Parameters<typeof openSocket>) => ({ ...(await openSocket(...request)), ping: () => ++pings }),
      });
      await openClient({}, {}, server);
      await server.clock.pass(30_000);
      expect(pings).toBe(1);
      server.connection.events.activity();
      await server.clock.pass(29_999);
      expect([pings, server.connection.received.at(-1)?.method]).toEqual([1, 'initialize']);
    });

    it('renews its token before it expires', async () => {
      const server = new FakeServer();
      const tokens = [100, 3_600].map(
        (seconds) => `e30.${Buffer.from(JSON.stringify({ exp: server.clock.now() / 1000 + seconds })).toString('base64url')}.x`,
      );
      const client = new Client(server.platform, { url: OPTIONS.url, name: 'test', token: () => tokens.shift() ?? '', idleMs: 1e9 });
      const connected = client.connect();
      await settled();
      await server.connection.accept();
      await connected;
      await server.clock.pass(80_000);
      expect(server.connection.last('session.authenticate').params).toEqual({ token: expect.stringMatching(/^e30\./) });
      await client.close();
      expect(server.clock.pending).toBe(0);
    });
  });

  describe('without its connection', () => {
    it('comes back, resumes, and repeats what was not answered', async () => {
      const { server, client } = await openClient();
      const states: StateChange[] = [];
      client.on('state', (change) => states.push(change));
      const publishing = client.request('event.publish', { event: 'a', data: 1 });
      const first = server.connection.last('event.publish');
      await server.connection.close(1006, '');
      await server.clock.pass(250);
      expect(server.connections).toHaveLength(2);
      await server.connection.accept({ resumed: true, resume_token: 'token-2' });
      expect(server.connection.last('initialize').params?.['resume']).toEqual({
        session_id: 'session-1',
        resume_token: 'token-1',
        cursors: {},
      });
      const again = server.connection.last('event.publish');
      expect([again.meta, again.params]).toEqual([first.meta, first.params]);
      server.connection.respond(again, { cursor: 'c1' });
      expect(await publishing).toEqual({ cursor: 'c1' });
      expect(states).toMatchObject([{ state: 'reconnecting', retryInMs: 250 }, { state: 'open' }]);
      await server.connection.close(4513);
      await server.clock.pass(500);
      await settled();
      expect(server.connection.last('initialize').params?.['resume']).toMatchObject({ resume_token: 'token-2' });
    });

    it('never uses an id twice in a session', async () => {
      const { server, client } = await openClient();
      void client.request('tool.list', {}).catch(() => undefined);
      await server.connection.close(1006);
      await server.clock.pass(1_000);
      await server.connection.accept({ resumed: true });
      const ids = server.connections.flatMap(({ received }) => received.map(({ id }) => Number(id)));
      expect(new Set(ids).size).toBe(ids.length);
      expect([...ids].sort((a, b) => a - b)).toEqual(ids);
    });

    it('loses nothing where sending is what finds out', async () => {
      const { server, client } = await openClient();
      Object.assign(server.connection.socket, {
        send: () => {
          throw new Error('broken pipe');
        },
      });
      const answers = Promise.all([client.request('tool.list', {}), client.request('tool.list', { query: 'b' })]);
      await server.clock.pass(1_000);
      await server.connection.accept();
      expect(server.connection.of('tool.list').map(({ params }) => params)).toEqual([{}, { query: 'b' }]);
      for (const request of server.connection.of('tool.list')) server.connection.respond(request, { tools: [] });
      await answers;
    });

    it('keeps requests until there is one', async () => {
      const { server, client } = await openClient();
      await server.connection.close(4503);
      const answer = client.request('tool.list', {});
      await server.clock.pass(1_000);
      await server.connection.accept();
      server.connection.respond(server.connection.last('tool.list'), { tools: [] });
      expect(await answer).toEqual({ tools: [] });
    });

    it('notifies nobody', async () => {
      const { server, client } = await openClient();
      await server.connection.close(1006);
      expect(() => client.notify('billing.seen')).toThrow(ConnectionLostError);
    });

    it('comes back when a draining server said', async () => {
      const { server, client } = await openClient();
      const told: unknown[] = [];
      client.on('draining', (value) => told.push(value));
      server.connection.notify('server.draining', { reconnect_in_ms: 4_000 });
      await server.clock.pass(1_000);
      await server.connection.close(4503, 'draining');
      await server.clock.pass(2_999);
      expect(server.connections).toHaveLength(1);
      await server.clock.pass(1);
      expect(server.connections).toHaveLength(2);
      expect(told).toEqual([{ reconnectInMs: 4_000 }]);
    });

    it.each([4400, 4401, 4403, 4409, 4429])('stays away after %i, and fails what was asked', async (code) => {
      const { server, client } = await openClient();
      const answer = client.request('tool.list', {});
      answer.catch(() => undefined);
      await server.connection.close(code, 'why');
      await expect(answer).rejects.toMatchObject({ name: 'ConnectionLostError', closeCode: code });
      await server.clock.pass(600_000);
      expect([client.state, server.connections.length, server.clock.pending]).toEqual(['closed', 1, 0]);
    });

    it('tells everybody why it has stopped for good', async () => {
      const { server, client } = await openClient();
      await server.connection.close(4429, 'the rate limit was ignored');
      const why = expect.objectContaining({ name: 'ConnectionLostError', closeCode: 4429 }) as Error;
      expect(() => client.subscribe(['a'])).toThrow(why);
      expect(() => client.offerTools([])).toThrow(why);
      expect(() => client.notify('billing.seen')).toThrow(why);
      await expect(client.request('tool.list')).rejects.toEqual(why);
      await expect(client.executeTool('echo')).rejects.toEqual(why);
      await expect(client.connect()).rejects.toEqual(why);
    });

    it('comes back after 4401 with a fresh token, once', async () => {
      const server = new FakeServer();
      let count = 0;
      const client = new Client(server.platform, { url: OPTIONS.url, name: 'test', token: () => `t${++count}` });
      const connected = client.connect();
      await settled();
      await server.connection.accept();
      await connected;
      await server.connection.close(4401, 'expired');
      server.refuse(401);
      await server.clock.pass(1_000);
      expect(client.state).toBe('closed');
      expect(count).toBe(2);
    });

    it('does not go on with fresh tokens that are accepted and taken back at once', async () => {
      const server = new FakeServer();
      let count = 0;
      const client = new Client(server.platform, { url: OPTIONS.url, name: 'test', token: () => `t${++count}` });
      const connected = client.connect();
      for (let i = 0; i < 5 && client.state !== 'closed'; i++) {
        await settled();
        await server.connection.accept();
        await server.connection.close(4401, 'not yet valid');
        await server.clock.pass(1_000);
      }
      await connected;
      expect([client.state, count, server.connections.length]).toEqual(['closed', 2, 2]);
      await expect(client.request('tool.list')).rejects.toMatchObject({ closeCode: 4401 });
    });

    it('is closed with its connection where it is not to come back', async () => {
      const { server, client } = await openClient({ reconnect: false });
      await server.connection.close(1006);
      expect(client.state).toBe('closed');
    });
  });

  describe('closing', () => {
    it('ends in good form, and fails what was asked', async () => {
      const { server, client } = await openClient();
      const answer = client.request('tool.list', {});
      await client.close();
      expect(server.connection.closedByClient).toEqual({ code: 1000, reason: '' });
      await expect(answer).rejects.toBeInstanceOf(ClientClosedError);
      await expect(client.request('tool.list', {})).rejects.toBeInstanceOf(ClientClosedError);
      expect(server.clock.pending).toBe(0);
    });

    it('cancels the tools that run', async () => {
      const { server, client } = await openClient();
      client.executeTool('slow').catch(() => undefined);
      client.request('tool.list', {}).catch(() => undefined);
      const { id } = server.connection.last('tool.execute');
      await client.close();
      expect(server.connection.of('tool.cancel').map(({ params }) => params)).toEqual([{ request_id: id }]);
    });

    it('sends what waited for its batch first', async () => {
      const { server, client } = await openClient({ batching: true });
      client.notify('billing.seen', { id: 1 });
      await client.close();
      expect(server.connection.last('billing.seen')).toBeDefined();
    });

    it('is what `await using` does', async () => {
      const { server, client } = await openClient();
      await client[Symbol.asyncDispose]();
      expect([client.state, server.connection.closedByClient?.code]).toEqual(['closed', 1000]);
    });

    it('does not wait for ever', async () => {
      const { server, client } = await openClient();
      server.connection.answersClose = false;
      const closed = client.close();
      await server.clock.pass(2_000);
      await closed;
      expect(server.connection.isTerminated).toBe(true);
    });

    it('can be done twice, and while there is no connection', async () => {
      const { server, client } = await openClient();
      await server.connection.close(1006);
      await client.close();
      await client.close();
      await server.clock.pass(100_000);
      expect([server.connections.length, server.clock.pending]).toEqual([1, 0]);
    });
  });
});
