// The guide's "Rate Limiting".
import { describe, expect, it } from 'vitest';

import { createKey } from '../support/keys.js';
import { ENCODINGS } from '../support/message.js';
import { sharedServer, startServer, type TestServer } from '../support/start-server.js';
import type { Answer, TestClient } from '../support/test-client.js';

/** Sends so many requests at once. */
async function ask(client: TestClient, count: number): Promise<Answer[]> {
  return Promise.all(Array.from({ length: count }, () => client.request('tool.list', { limit: 1 })));
}

const refusals = (answers: readonly Answer[]): Answer[] => answers.filter(({ error }) => error?.code === 4002);

function limited(rateLimit: Record<string, unknown>): Promise<TestServer> {
  return sharedServer({ config: { websocket: { rate_limit: rateLimit } } });
}

/** A connection's own limit is out of the way; `bucket` holds ten messages and hardly fills. */
const only = (bucket: string): Record<string, unknown> => ({
  rate: 1_000,
  burst: 1_000,
  [`${bucket}_rate`]: 0.001,
  [`${bucket}_burst`]: 10,
});

describe.each(ENCODINGS)('the default limits, in %s', (encoding) => {
  it('a connection has 100 messages at once, and 1000 a minute', async () => {
    const client = await (await sharedServer({})).client({ encoding }); // initialize was the first
    const answers = await ask(client, 150);
    const refused = refusals(answers);
    // Some came in while the 150 were on their way: 16.67 a second.
    expect(answers.length - refused.length).toBeGreaterThanOrEqual(99);
    expect(answers.length - refused.length).toBeLessThan(120);
    expect(refused[0]?.error?.data).toMatchObject({ scope: 'connection', retry_after_ms: expect.any(Number) });
    const { retry_after_ms: waitMs } = refusals(await ask(client, 30)).at(-1)?.error?.data ?? {};
    // One message comes in every 60 ms.
    expect(waitMs).toBeGreaterThan(0);
    expect(waitMs).toBeLessThanOrEqual(60);
    await new Promise((resolve) => setTimeout(resolve, waitMs + 5));
    expect((await client.request('tool.list', { limit: 1 })).error).toBeUndefined();
  });
});

describe.each(ENCODINGS)('limits as set, in %s', (encoding) => {
  it('rate and burst are what the deployment sets', async () => {
    const client = await (await limited({ rate: 0.01, burst: 5 })).client({ encoding });
    const answers = await ask(client, 10);
    expect(answers.map(({ error }) => error?.code)).toEqual([...Array<undefined>(4), ...Array<number>(6).fill(4002)]);
    expect(answers.at(-1)?.error?.data.retry_after_ms).toBeGreaterThan(90_000);
  });

  it.each(['ip', 'user', 'tenant'])('all connections of one %s are limited together', async (bucket) => {
    const buckets = { per_ip: bucket === 'ip', per_user: bucket === 'user', per_tenant: bucket === 'tenant' };
    const rateLimit = { ...only(bucket), ...buckets };
    // All tests are at one address.
    const server = bucket === 'ip' ? await startServer({ config: { websocket: { rate_limit: rateLimit } } }) : await limited(rateLimit);
    const keyOf = async (): Promise<string> => (await createKey(server, { tenant: `together-${encoding}` })).key;
    // The same key twice is one user; two keys of a tenant are not.
    const first = await keyOf();
    const keys = [first, bucket === 'user' ? first : await keyOf()];
    const [one, other] = await Promise.all(keys.map((key) => server.client({ key, encoding })));
    await ask(one as TestClient, 6);
    const [refused] = refusals(await ask(other as TestClient, 6));
    expect(refused?.error?.data.scope).toBe(bucket);
  });

  it.each(['per_ip', 'per_user', 'per_tenant'])('%s: false lifts that limit', async (setting) => {
    const client = await (await limited({ ...only(setting.slice('per_'.length)), [setting]: false })).client({ encoding });
    expect(refusals(await ask(client, 40))).toEqual([]);
  });

  it('a tenant’s traffic costs another tenant nothing', async () => {
    const server = await limited({ ...only('tenant'), per_ip: false });
    const [one, other] = await Promise.all(
      ['one', 'other'].map(async (name) => {
        const { key } = await createKey(server, { tenant: `${name}-${encoding}` });
        return server.client({ key, encoding });
      }),
    );
    expect(refusals(await ask(one as TestClient, 20)).length).toBeGreaterThan(0);
    expect(refusals(await ask(other as TestClient, 5))).toEqual([]);
  });

  it('nothing is limited where that is switched off', async () => {
    const client = await (await limited({ enabled: false, rate: 0.01, burst: 1 })).client({ encoding });
    expect(refusals(await ask(client, 300))).toEqual([]);
  });
});
