// PROTOCOL.md §8: the buckets of connection, IP, user and tenant.
// That the methods of a team's own module count too: test/extending/billing.spec.ts. Handshakes: connecting.spec.ts.
import { describe, expect, it } from 'vitest';

import { createKey } from '../support/keys.js';
import { ENCODINGS, type Encoding } from '../support/message.js';
import { sharedServer, startServer, type TestServer } from '../support/start-server.js';
import type { Answer, TestClient } from '../support/test-client.js';

/** Refills so slowly that a test sees only the burst. */
const SLOWLY = 0.01;

type Limits = Readonly<Record<string, number | boolean>>;

/** All buckets but the connection's are off, and that one is large, unless given otherwise. */
function limited(limits: Limits): Promise<TestServer> {
  const off = { per_ip: false, per_user: false, per_tenant: false };
  const options = { config: { websocket: { rate_limit: { ...off, rate: SLOWLY, burst: 1000, ...limits } } } };
  // All tests are at one address.
  return limits['per_ip'] === true ? startServer(options) : sharedServer(options);
}

async function member(server: TestServer, encoding: Encoding, tenant = 'default'): Promise<TestClient> {
  return server.client({ key: (await createKey(server, { tenant })).key, encoding });
}

const create = (client: TestClient, count: number, name = 'x'): Promise<Answer[]> =>
  Promise.all(Array.from({ length: count }, () => client.request('context.create', { name })));

const refused = (answers: readonly Answer[]): Answer[] => answers.filter(({ error }) => error?.code === 4002);

/** Of the connections of most tests: who has said `initialize` may send as many as `LEFT`. */
const BURST = 8;
const LEFT = BURST - 1;

describe.each(ENCODINGS)('the bucket of the connection in %s', (encoding) => {
  it('a message costs a token; past the burst 4002 names scope and retry_after_ms, and nothing runs', async () => {
    const server = await limited({ burst: BURST });
    const { key } = await createKey(server, { tenant: encoding });
    const [client, witness] = [await server.client({ key, encoding }), await server.client({ key, encoding })];
    const answers = await create(client, LEFT + 3);
    expect(refused(answers)).toHaveLength(3);
    for (const { error } of refused(answers))
      expect(error).toMatchObject({
        message: expect.stringMatching(/\w/),
        data: { scope: 'connection', retry_after_ms: expect.any(Number) },
      });
    expect((await witness.call('context.list')).contexts).toHaveLength(LEFT);
  });

  it('retry_after_ms says when there is a token again', async () => {
    const server = await limited({ rate: 2, burst: 2 });
    const client = await member(server, encoding);
    const [, refusal] = await create(client, 2);
    const { retry_after_ms: waitMs } = refusal?.error?.data as { retry_after_ms: number };
    expect(waitMs).toBeGreaterThan(100);
    expect(waitMs).toBeLessThanOrEqual(500);
    await new Promise((resolve) => setTimeout(resolve, waitMs + 20));
    await client.call('context.create', { name: 'y' });
  });

  it('each connection has its own', async () => {
    const server = await limited({ burst: BURST });
    const { key } = await createKey(server);
    const [first, second] = [await server.client({ key, encoding }), await server.client({ key, encoding })];
    expect(refused(await create(first, LEFT + 1))).toHaveLength(1);
    expect(refused(await create(second, LEFT))).toHaveLength(0);
  });

  it('a batch costs one for each member: those that are past the limit are refused, the others run', async () => {
    const server = await limited({ burst: BURST });
    const client = await member(server, encoding);
    const answers = await client.batch(Array.from({ length: LEFT + 3 }, () => ['context.create', { name: 'x' }] as const));
    expect(answers.map(({ error }) => error?.code)).toEqual([...Array<undefined>(LEFT).fill(undefined), 4002, 4002, 4002]);
  });

  it('messages that cannot be read, pings of both kinds, notifications and unknown methods cost as well', async () => {
    const server = await limited({ burst: BURST });
    const client = await member(server, encoding);
    client.send(encoding === 'json' ? '{' : Buffer.alloc(24));
    client.sendJson({ id: 'p', type: 4 });
    client.notify('context.list', {});
    await client.request('tool.nope');
    client.sendJson({ id: 'nope', type: 0, method: 'context.get', params: { context_id: 'none' } });
    await client.settle();
    expect(refused(await create(client, 3))).toHaveLength(2);
  });

  it('who ignores it is closed with 4429', async () => {
    const server = await limited({ burst: BURST });
    const client = await member(server, encoding);
    for (let i = 0; i < 20 * BURST; i++) client.begin('context.list');
    expect(await client.closed).toMatchObject({ code: 4429, reason: expect.stringMatching(/\w/) });
    expect(client.messages.filter(({ error }) => error?.code === 4002).length).toBeGreaterThan(20);
    await member(server, encoding);
  });
});

describe.each(ENCODINGS)('the buckets that connections share, in %s', (encoding) => {
  const own = { user: 'one principal', ip: 'one address', tenant: 'one tenant' } as const;

  it.each(['user', 'ip', 'tenant'] as const)('%s: all its connections together', async (scope) => {
    const server = await limited({ [`per_${scope}`]: true, [`${scope}_rate`]: SLOWLY, [`${scope}_burst`]: 6 });
    const { key } = await createKey(server, { tenant: `${own[scope].replaceAll(' ', '-')}-${encoding}` });
    const clients = [await server.client({ key, encoding }), await server.client({ key, encoding })];
    const answers = (await Promise.all(clients.map((client) => create(client, 4)))).flat();
    expect(refused(answers)).toHaveLength(4);
    for (const { error } of refused(answers)) expect(error?.data).toEqual({ scope, retry_after_ms: expect.any(Number) });
  });

  it.each([
    ['user', 'another principal of the tenant', 'default'],
    ['tenant', 'another tenant', 'elsewhere'],
  ] as const)('%s: %s is not touched', async (scope, _, tenant) => {
    const server = await limited({ [`per_${scope}`]: true, [`${scope}_rate`]: SLOWLY, [`${scope}_burst`]: 6 });
    const [loud, quiet] = [await member(server, encoding, `default-${encoding}`), await member(server, encoding, `${tenant}-${encoding}`)];
    expect(refused(await create(loud, 7))).toHaveLength(2);
    expect(refused(await create(quiet, 5))).toHaveLength(0);
  });

  it('a message that one bucket refuses costs the others nothing', async () => {
    const server = await limited({ burst: 4, per_user: true, user_rate: SLOWLY, user_burst: 6 });
    const { key } = await createKey(server);
    const [first, second] = [await server.client({ key, encoding }), await server.client({ key, encoding })];
    const scopes = async (client: TestClient): Promise<unknown[]> =>
      refused(await create(client, 6)).map(({ error }) => (error?.data as { scope: string }).scope);
    expect(await scopes(first)).toEqual(['connection', 'connection', 'connection']);
    expect(await scopes(second)).toEqual(['user', 'user', 'user', 'user', 'user']);
  });
});

describe('unless set', () => {
  it.each([
    ['ip', 10],
    ['user', 10],
    ['tenant', 100],
  ] as const)('%s has %i times the rate and the burst of the connection', async (scope, times) => {
    // The rate shows as the time until there is a token again.
    const server = await limited({ rate: 0.01, burst: 1, [`per_${scope}`]: true });
    const { key } = await createKey(server);
    const clients = await Promise.all(Array.from({ length: times + 1 }, () => server.connect({ key })));
    const answers = await Promise.all(clients.map((client) => client.request('initialize', { name: 'x', version: '1' })));
    // What comes back meanwhile is one token, if any.
    const refusals = refused(answers);
    expect(times + 1 - refusals.length).toBeOneOf(scope === 'tenant' ? [100, 101] : [10, 11]);
    const more = await server.connect({ key });
    const { error } = await more.request('initialize', { name: 'x', version: '1' });
    const { scope: named, retry_after_ms: waitMs } = (error ?? refusals[0]?.error)?.data as { scope: string; retry_after_ms: number };
    expect(named).toBe(scope);
    expect(waitMs).toBeLessThanOrEqual(100_000 / times);
  });
});

describe.each(ENCODINGS)('in %s', (encoding) => {
  it('initialize tells the connection’s own', async () => {
    const server = await limited({ rate: 2, burst: 2 });
    expect((await (await server.connect({ encoding })).initialize()).limits).toMatchObject({ rate: 2, burst: 2 });
  });

  it('with rate_limit.enabled: false nothing is refused', async () => {
    const server = await limited({ enabled: false, burst: 1 });
    const client = await server.client({ encoding });
    expect(refused(await create(client, 300))).toHaveLength(0);
  });
});
