// PROTOCOL.md §8 and the REST routes of limits, by somebody who wants more than their share.
import { METHOD_NUMBERS } from '@mcpw/protocol';
import { beforeAll, describe, expect, it } from 'vitest';

import { demoCommand } from '../federation/support/demo.js';
import { McpHttp } from '../mcp/support/mcp-http.js';
import { McpSocket } from '../mcp/support/mcp-socket.js';
import { frame } from '../support/binary-wire.js';
import { eventually, within } from '../support/deadline.js';
import { HandshakeRefused } from '../support/handshake.js';
import { signJwt } from '../support/jwt.js';
import { createKey, type TestKey } from '../support/keys.js';
import { BATCH, REQUEST } from '../support/message.js';
import { memoryBytes, SPIED } from '../support/socket-spy.js';
import { startServer, type TestServer } from '../support/start-server.js';
import type { Answer, TestClient } from '../support/test-client.js';
import { forgedKey } from './support/forged-key.js';

const LIMITS = '/api/v1/limits';
const SECRET = 'a-secret-of-the-issuer-0123456789abcdef';
/** Hardly fills while a test runs. */
const SLOW = 0.001;

async function askAtOnce(client: TestClient, count: number, method = 'tool.list', params: object = { limit: 1 }): Promise<Answer[]> {
  return Promise.all(Array.from({ length: count }, () => client.request(method, params)));
}

const passed = (answers: readonly Answer[]): number => answers.filter(({ error }) => error === undefined).length;
const scopeOf = (answers: readonly Answer[]): unknown => answers.find(({ error }) => error?.code === 4002)?.error?.data.scope;

/** Every bucket of the configuration is out of the way. */
const WIDE = Object.fromEntries(
  ['', 'ip_', 'user_', 'tenant_'].flatMap((name) => [
    [`${name}rate`, 100_000],
    [`${name}burst`, 100_000],
  ]),
);

describe('limits that an admin sets', () => {
  let server: TestServer;
  let acme: TestKey;
  let acmeAdmin: TestKey;
  beforeAll(async () => {
    server = await startServer({
      config: { websocket: { rate_limit: { ...WIDE, handshakes_per_minute: 100_000 } }, mcpServers: { demo: demoCommand() } },
    });
    acme = await createKey(server, { tenant: 'acme' });
    acmeAdmin = await createKey(server, { tenant: 'acme', scopes: ['admin'] });
  });

  const set = async (path: string, rate: number, burst: number, key?: string): Promise<number> =>
    (await server.rest('PUT', `${LIMITS}/${path}`, { rate, burst }, key)).status;
  const remove = async (path: string, key?: string): Promise<number> =>
    (await server.rest('DELETE', `${LIMITS}/${path}`, undefined, key)).status;

  it.each([
    ['tenant', () => 'tenants/acme'],
    ['user', () => `keys/${acme.id}`],
  ])('of a %s are in force at once, on connections that are open', async (scope, path) => {
    const client = await server.client({ key: acme.key });
    expect(passed(await askAtOnce(client, 50))).toBe(50);
    expect(await set(path(), SLOW, 10)).toBe(200);
    const answers = await askAtOnce(client, 50);
    expect(passed(answers)).toBe(10);
    // A key's limit is each of its connections' as well.
    expect(['connection', scope]).toContain(scopeOf(answers));
    expect(passed(await askAtOnce(await server.client(), 50))).toBe(50);
    expect(await remove(path())).toBe(204);
    expect(passed(await askAtOnce(client, 50))).toBe(50);
  });

  it('of a tool are in force at once, for all of its tenant and for no other', async () => {
    const [one, other] = [await server.client({ key: acme.key }), await server.client({ key: acmeAdmin.key })];
    const elsewhere = await server.client();
    const echo = { name: 'echo', arguments: {} };
    expect(await set('tools/echo?tenant=acme', SLOW, 5)).toBe(200);
    const answers = [...(await askAtOnce(one, 4, 'tool.execute', echo)), ...(await askAtOnce(other, 4, 'tool.execute', echo))];
    expect(passed(answers)).toBe(5);
    expect(scopeOf(answers)).toBe('tool');
    expect(answers.find(({ error }) => error)?.error?.data.retry_after_ms).toBeGreaterThan(100_000);
    expect(passed(await askAtOnce(elsewhere, 20, 'tool.execute', echo))).toBe(20);
    expect(passed(await askAtOnce(one, 5, 'tool.execute', { name: 'context_search', arguments: { query: 'x' } }))).toBe(5);
    expect(await remove('tools/echo?tenant=acme')).toBe(204);
    expect(passed(await askAtOnce(one, 20, 'tool.execute', echo))).toBe(20);
    const { body } = await server.rest('GET', '/api/v1/websocket/stats');
    expect(body.rate_limit.refused.tool).toBe(3);
  });

  it.each(['echo', 'demo.echo'])('of the tool %s hold whichever protocol it is called by, for all calls together', async (name) => {
    const { key } = acme;
    const params = { name, arguments: { text: 'x' } };
    const [json, binary] = [await server.client({ key }), await server.client({ key, encoding: 'binary' })];
    const http = new McpHttp(server, { key });
    const [session, older] = [await http.open(), await http.open({}, '2025-03-26')];
    const socket = await McpSocket.open(server, {}, undefined, { key });
    const member = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
    const ways: readonly (() => Promise<unknown>)[] = [
      () => json.request('tool.execute', params),
      () => binary.request('tool.execute', params),
      () => json.batch([['tool.execute', params]]),
      async () => (await http.modern('tools/call', params)).body as unknown,
      async () => (await session.request('tools/call', params)).body as unknown,
      async () => (await http.send([member], older.headers)).body as unknown,
      () => socket.request('tools/call', params),
      () => socket.modern('tools/call', params),
    ];
    /** Whether each was told of the limit. */
    const callEach = async (): Promise<boolean[]> => {
      const refused: boolean[] = [];
      for (const way of ways) refused.push(JSON.stringify(await way()).includes(`the rate limit of tool ${name} is reached`));
      return refused;
    };
    const path = `tools/${name}?tenant=acme`;
    // Each takes from the one bucket, and each is refused when it is empty.
    expect(await set(path, SLOW, ways.length)).toBe(200);
    expect(await callEach()).toEqual(ways.map(() => false));
    expect(await callEach()).toEqual(ways.map(() => true));
    expect(await remove(path)).toBe(204);
    expect(await callEach()).toEqual(ways.map(() => false));
  });

  it('outlive the server, and are told to clients', async () => {
    await set(`keys/${acme.id}`, 7, 70);
    await set('tenants/acme', 8, 80);
    await server.restart();
    const { body } = await server.rest('GET', LIMITS);
    expect(body.limits).toMatchObject([
      { scope: 'key', tenant: 'acme', name: acme.id, rate: 7, burst: 70 },
      { scope: 'tenant', tenant: 'acme', rate: 8, burst: 80 },
    ]);
    const session = await (await server.connect({ key: acme.key })).initialize();
    expect(session.limits).toMatchObject({ rate: 7, burst: 70 });
    expect((await (await server.connect()).initialize()).limits).toMatchObject({ rate: 100_000, burst: 100_000 });
    await remove(`keys/${acme.id}`);
    await remove('tenants/acme');
  });

  it('of a tenant are not for its own admins to raise, nor another tenant’s keys and tools', async () => {
    const other = await createKey(server, { tenant: 'other' });
    expect(await set('tenants/acme', 1e6, 1e6, acmeAdmin.key)).toBe(403);
    expect(await set('tenants/other', 1, 1, acmeAdmin.key)).toBe(403);
    expect(await set('tools/echo?tenant=other', 1, 1, acmeAdmin.key)).toBe(403);
    // Another tenant's key is as if it were not there.
    const foreign = await server.rest('PUT', `${LIMITS}/keys/${other.id}`, { rate: 1, burst: 1 }, acmeAdmin.key);
    const absent = await server.rest('PUT', `${LIMITS}/keys/AAAAAAAAAAAA`, { rate: 1, burst: 1 }, acmeAdmin.key);
    expect([foreign.status, absent.status]).toEqual([404, 404]);
    expect(JSON.stringify(foreign.body)).toBe(JSON.stringify(absent.body).replace('AAAAAAAAAAAA', other.id));
    expect(await set(`keys/${acme.id}`, 5, 50, acmeAdmin.key)).toBe(200);
    expect(await set('tools/echo', 5, 50, acmeAdmin.key)).toBe(200);
    await set(`keys/${other.id}`, 1, 1);
    const { body } = await server.rest('GET', LIMITS, undefined, acmeAdmin.key);
    expect(new Set(body.limits.map(({ tenant }: { tenant: string }) => tenant))).toEqual(new Set(['acme']));
    expect(await remove(`keys/${other.id}`, acmeAdmin.key)).toBe(404);
    for (const path of [`keys/${acme.id}`, 'tools/echo?tenant=acme', `keys/${other.id}`]) await remove(path);
  });

  it.each([
    [{ rate: 0, burst: 1 }],
    [{ rate: -1, burst: 1 }],
    [{ rate: 1, burst: 0 }],
    [{ rate: 1, burst: 1.5 }],
    [{ rate: 1 }],
    [{ rate: 1, burst: 1, odd: 1 }],
    [{ rate: '1', burst: 1 }],
  ])('are refused where they are none: %j', async (body) => {
    expect((await server.rest('PUT', `${LIMITS}/tenants/acme`, body)).status).toBe(400);
  });

  it('need the scope admin', async () => {
    expect(await set('tenants/acme', 1, 1, acme.key)).toBe(403);
    expect((await server.rest('GET', LIMITS, undefined, acme.key)).status).toBe(403);
    expect((await server.rest('GET', LIMITS, undefined, null)).status).toBe(401);
  });
});

describe('a batch', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ config: { websocket: { rate_limit: { ...WIDE, rate: SLOW, burst: 31 } } } });
  });

  it.each(['json', 'binary'] as const)('costs a token for each of its members, in %s', async (encoding) => {
    const client = await server.client({ encoding });
    const calls = Array.from({ length: 40 }, () => ['tool.list', { limit: 1 }] as const);
    expect(passed(await client.batch(calls))).toBe(30);
    expect(passed(await client.batch(calls))).toBe(0);
  });

  it.each([
    ['requests', { id: 1, method: 'tools/list' }],
    ['notifications', { method: 'notifications/initialized' }],
    ['answers', { id: 1, result: {} }],
    ['requests of unknown methods', { id: 1, method: 'no/such' }],
  ])('costs a token for each of its members in the revision of MCP that has batches: %s', async (_, member) => {
    const { id, key } = await createKey(server);
    // Of all connections of the key: a client of HTTP may use several.
    await server.rest('PUT', `${LIMITS}/keys/${id}`, { rate: SLOW, burst: 21 });
    const http = new McpHttp(server, { key });
    const { headers } = await http.open({}, '2025-03-26'); // the first token
    const batch = (count: number) => http.send(Array<object>(count).fill({ jsonrpc: '2.0', ...member }), headers);
    expect((await batch(10)).status).toBeLessThan(300);
    const last = { jsonrpc: '2.0', id: 'last', method: 'tools/list' };
    const { body } = await http.send([...Array<object>(9).fill({ jsonrpc: '2.0', ...member }), last, last], headers);
    expect((body as Answer[]).filter((answer) => (answer.id as unknown) === 'last').map(({ error }) => error?.code)).toEqual([
      undefined,
      4002,
    ]);
    expect((await batch(1)).status).toBe(429);
  });
});

describe('who goes on in spite of refusals', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ config: { websocket: { rate_limit: { rate: SLOW, burst: 10, per_ip: false } } } });
  });

  it.each<[string, 'json' | 'binary', (client: TestClient) => void]>([
    ['requests', 'json', (client) => void client.begin('tool.list').answer.catch(() => undefined)],
    ['requests in frames', 'binary', (client) => void client.begin('tool.list').answer.catch(() => undefined)],
    ['notifications', 'json', (client) => client.notify('session.ack', { cursors: {} })],
    ['pings of the protocol', 'json', (client) => client.sendJson({ id: 'x', type: 4 })],
    ['pings of the WebSocket', 'json', (client) => client.socket.ping()],
    ['pongs of the WebSocket', 'json', (client) => client.socket.pong()],
    ['messages that are none', 'json', (client) => client.send('nonsense')],
    ['requests that have come before', 'json', (client) => client.sendJson({ id: 'again', type: 0, method: 'tool.list' })],
    [
      'frames that have come before',
      'binary',
      (client) => client.send(frame({ type: REQUEST, id: 1, method: METHOD_NUMBERS['tool.list'] })),
    ],
    [
      'batches of frames that have come before',
      'binary',
      (client) => {
        const members = Array<Buffer>(20).fill(frame({ type: REQUEST, id: 1, method: METHOD_NUMBERS['tool.list'] }));
        client.send(frame({ type: BATCH, id: 1, flags: 0x0004, payload: Buffer.concat(members) }));
      },
    ],
    ['requests of another time', 'json', (client) => client.sendJson({ id: 'late', type: 0, method: 'tool.list', ts: 1 })],
    ['unknown methods', 'json', (client) => void client.begin('no.such').answer.catch(() => undefined)],
  ])('is closed with 4429: %s', async (_, encoding, send) => {
    const client = await server.client({ encoding, key: (await createKey(server, { tenant: `t${Math.random()}`.replace('0.', '') })).key });
    for (let i = 0; i < 500; i++) send(client);
    const { code, reason } = await within('close', client.closed);
    expect(code).toBe(4429);
    expect(reason).toMatch(/rate limit/);
  });

  it('is closed with 4429 where it speaks MCP: messages that are no JSON', async () => {
    const { key } = await createKey(server, { tenant: 'nonsense' });
    const socket = await McpSocket.connect(server, { key });
    for (let i = 0; i < 500; i++) socket.send('nonsense');
    expect((await socket.end()).code).toBe(4429);
  });

  it('is in the audit log', async () => {
    const { body } = await server.rest('GET', '/api/v1/audit?action=close&outcome=4429');
    expect(body.records.length).toBeGreaterThanOrEqual(8);
    expect(body.records[0].principal).toMatch(/^key:/);
  });
});

describe('a flood of pings whose pongs are never read', () => {
  it('costs the server no memory', async () => {
    const server = await startServer({ nodeArgs: SPIED, config: { websocket: { rate_limit: { enabled: false } } } });
    const client = await server.client();
    const socket = (client.socket as unknown as { _socket: { pause(): void; writableLength: number } })._socket;
    socket.pause();
    const payload = Buffer.alloc(125);
    const flood = async (count: number): Promise<void> => {
      for (let sent = 0; sent < count; sent += 1_000) {
        for (let i = 0; i < 1_000; i++) client.socket.ping(payload);
        await eventually('sent pings', () => (socket.writableLength < 1_000_000 ? true : undefined), 20_000, 1);
      }
    };
    await flood(100_000);
    const before = await memoryBytes(server);
    await flood(200_000);
    // 200,000 pongs are 25 MB.
    expect((await memoryBytes(server)) - before).toBeLessThan(10_000_000);
    client.terminate();
  });
});

describe('one address', () => {
  let server: TestServer;
  const from = (address: string, key = server.adminKey) => ({ key, headers: { 'x-forwarded-for': address } });
  beforeAll(async () => {
    server = await startServer({
      config: {
        websocket: { rate_limit: { handshakes_per_minute: 60 }, security: { trusted_proxies: ['127.0.0.1'] } },
        auth: { jwt: { secret: SECRET } },
      },
    });
  });

  it('has so many handshakes a minute: then 429 with Retry-After, and other addresses do not notice', async () => {
    let refused: HandshakeRefused | undefined;
    for (let i = 0; i < 70 && refused === undefined; i++) {
      await server.connect(from('192.0.2.7')).catch((error: unknown) => (refused = error as HandshakeRefused));
    }
    expect(refused?.status).toBe(429);
    expect(refused?.body.error.code).toBe(4002);
    expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(0);
    await server.connect(from('192.0.2.8'));
  });

  it('is not the one that a client put before a trusted proxy’s own', async () => {
    await server.connect(from('203.0.113.5, 192.0.2.44'));
    await expect(server.connect(from('198.51.100.9', 'wrong'))).rejects.toMatchObject({ status: 401 });
    const { body } = await server.rest('GET', '/api/v1/audit?action=authenticate');
    const addresses = body.records.map(({ address }: { address: string }) => address);
    expect(addresses).toContain('192.0.2.44');
    expect(addresses).toContain('198.51.100.9');
    expect(addresses).not.toContain('203.0.113.5');
  });

  it('that guesses credentials is slowed, while right ones of the same address still pass', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 30; i++) {
      await server.connect(from('192.0.2.9', `guess-${i}`)).catch((error: unknown) => statuses.push((error as HandshakeRefused).status));
    }
    expect(statuses.slice(0, 20)).toEqual(Array<number>(20).fill(401));
    expect(statuses.slice(21)).toEqual(Array<number>(9).fill(429));
    await server.connect(from('192.0.2.9'));
    const { headers } = from('192.0.2.9');
    await server.connect({ jwt: await signJwt(SECRET, { sub: 'u', tenant: 'acme' }), headers });
    expect((await server.rest('GET', '/api/v1/keys', undefined, 'guess-x', headers)).status).toBe(429);
    const inBand = await server.connect({ anonymous: true, headers });
    expect((await inBand.request('initialize', { name: 'x', version: '1', token: 'guess-y' })).error?.code).toBe(4002);
  });

  it('is not what slows who guesses the secret of one key from many: the key itself is', async () => {
    const { key, id } = await createKey(server);
    // A right form and a wrong secret: another key's secret, with a checksum that fits.
    const wrong = forgedKey(id, (await createKey(server)).key);
    const statuses: number[] = [];
    for (let i = 0; i < 20; i++) {
      await server.connect(from(`192.0.2.${100 + i}`, wrong)).catch((error: unknown) => statuses.push((error as HandshakeRefused).status));
    }
    expect(statuses.slice(0, 10)).toEqual(Array<number>(10).fill(401));
    expect(statuses.slice(11)).toEqual(Array<number>(9).fill(429));
    await server.connect(from('192.0.2.200', key));
  });
});

describe('X-Forwarded-For', () => {
  it('is not believed of who is no trusted proxy: nobody gets another address by it', async () => {
    const server = await startServer({ config: { websocket: { rate_limit: { handshakes_per_minute: 15 } } } });
    let refused = 0;
    for (let i = 0; i < 40; i++) {
      await server
        .connect({ key: server.adminKey, headers: { 'x-forwarded-for': `198.51.100.${i}` } })
        .catch((error: unknown) => (refused += (error as HandshakeRefused).status === 429 ? 1 : 0));
    }
    expect(refused).toBeGreaterThan(20);
  });
});
