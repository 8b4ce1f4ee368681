// Searches that are made to be slow, of what was stored to make them so: they end soon, and no other tenant waits for them.
import { beforeAll, describe, expect, it } from 'vitest';

import { within } from '../../support/deadline.js';
import { createKey } from '../../support/keys.js';
import { startServer, type TestServer } from '../../support/start-server.js';
import type { TestClient } from '../../support/test-client.js';

/** For another tenant's answer, on a machine that has other things to do. */
const SOON_MS = 5_000;
/** Characters: nearly the most that a message takes. */
const LARGE = 1_000_000;
/** They take a search seconds, however fast the machine: each would have to be read to its end. */
const LARGE_ITEMS = 60;

const SLOW = `"${'beta alpha '.repeat(10)}gamma beta"`;

let server: TestServer;
let attacker: TestClient;
let victim: TestClient;

const clientOf = async (tenant: string): Promise<TestClient> => server.client({ key: (await createKey(server, { tenant })).key });

async function store(client: TestClient, id: string, texts: readonly string[]): Promise<void> {
  await client.call('context.create', { id, name: id, max_tokens: 100_000_000 });
  for (const content of texts) await client.call('context.update', { context_id: id, content });
}

beforeAll(async () => {
  server = await startServer({ config: { websocket: { rate_limit: { enabled: false } }, contexts: { max_tokens: 100_000_000 } } });
  attacker = await clientOf('attacker');
  victim = await clientOf('victim');
  await store(victim, 'notes', ['the beta of alpha', 'alpha beta, then gamma']);
  await store(
    attacker,
    'repeated',
    Array.from({ length: 40 }, (_, i) => `${'delta '.repeat(3_000)}${i}`),
  );
  await store(
    attacker,
    'large',
    Array.from({ length: LARGE_ITEMS }, () => 'beta alpha gamma '.repeat(LARGE / 17)),
  );
}, 180_000);

const expectOthersServed = async (): Promise<void> => {
  const listed = await within('list of another tenant', victim.call('context.list'), SOON_MS);
  expect(listed.contexts).toMatchObject([{ id: 'notes' }]);
  const found = await within('search of another tenant', victim.call('context.search', { query: '"alpha beta"' }), SOON_MS);
  expect(found.matches).toMatchObject([{ context_id: 'notes', snippet: 'alpha beta, then gamma' }]);
};

describe('a search of words that come thousands of times in each item', () => {
  it.each([
    ['of one of them', 'delta'],
    ['that says it again and again', 'delta '.repeat(32)],
    ['of what begins so', 'd* de* del* delt* delta*'],
  ])('%s is answered, with the words around', async (_, query) => {
    const { matches } = await within('matches', attacker.call('context.search', { query }), SOON_MS);
    expect(matches).toHaveLength(20);
    expect(matches[0].snippet.length).toBeLessThan(500);
  });
});

describe('a search that would take seconds', () => {
  it('is refused within its time, with what to do', async () => {
    const { error } = await within('refusal', attacker.request('context.search', { query: SLOW }), SOON_MS);
    expect(error).toMatchObject({ code: 4014, message: expect.stringContaining('search for rarer words') });
  });

  it('many times over keeps no other tenant waiting, nor does it once the attacker has left', async () => {
    const searcher = await clientOf('attacker');
    const calls = Array.from({ length: 99 }, () => ['context.search', { query: SLOW }] as const);
    const answers = searcher.batch(calls).catch(() => undefined);
    for (let i = 0; i < 3; i++) await expectOthersServed();
    searcher.terminate();
    await answers;
    await expectOthersServed();
    // Those that waited are not run: the attacker's own next search has nothing before it but the one that runs.
    await within('next search', attacker.call('context.search', { query: 'delta' }), SOON_MS);
  });

  it('too many times at once is refused with when to come back, and to no other tenant', async () => {
    const searchers = await Promise.all(Array.from({ length: 3 }, () => clientOf('attacker')));
    const asked = searchers.flatMap((searcher) =>
      Array.from({ length: 50 }, () => searcher.begin('context.search', { query: SLOW }).answer),
    );
    const refused = asked.map(async (answer) => ((await answer).error?.code === 4016 ? answer : Promise.reject(new Error('not refused'))));
    const { error } = await within('refusal', Promise.any(refused), SOON_MS);
    expect(error).toMatchObject({ data: { retry_after_ms: 1_000 } });
    await expectOthersServed();
    for (const searcher of searchers) searcher.terminate();
    await Promise.allSettled(refused);
  });
});

describe('a server with searches waiting', () => {
  it('ends on SIGTERM', async () => {
    const searcher = await clientOf('attacker');
    for (let i = 0; i < 50; i++) searcher.begin('context.search', { query: SLOW });
    await searcher.settle();
    searcher.terminate();
    expect(await server.stop('SIGTERM')).toMatchObject({ code: 0 });
  });
});
