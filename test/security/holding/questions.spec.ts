// Searches, filters, patterns and lists that are made to be slow do not hold the event loop.
import { beforeAll, describe, it } from 'vitest';

import { createKey } from '../../support/keys.js';
import type { TestServer } from '../../support/start-server.js';
import type { TestClient } from '../../support/test-client.js';
import { fill, ROOM, sendTexts, text } from '../support/attack-messages.js';
import { expectNoHold, startWatchedServer, type Attack } from '../support/event-loop.js';

let server: TestServer;
beforeAll(async () => {
  server = await startWatchedServer();
});

async function ask(client: TestClient, method: string, params: object): Promise<void> {
  await client.request(method, params);
}

describe('a question', () => {
  const cases: readonly Attack[] = [
    ['context.search for ten thousand words', async () => ask(await server.client(), 'context.search', { query: 'word '.repeat(10_000) })],
    [
      'context.search in the syntax of the index',
      async () => ask(await server.client(), 'context.search', { query: '"a* NEAR(" OR '.repeat(60) }),
    ],
    ['tool.list for a megabyte', async () => ask(await server.client(), 'tool.list', { query: fill('echo ') })],
    ['context.list for a prefix of wildcards', async () => ask(await server.client(), 'context.list', { name_prefix: '%_*?['.repeat(50) })],
    [
      'event.subscribe with a filter as wide as can be',
      async () =>
        ask(await server.client(), 'event.subscribe', {
          events: ['**'],
          filter: { $or: Array.from({ length: 13_000 }, (_, i) => ({ a: i })) },
        }),
    ],
    [
      'event.subscribe with a filter as deep as can be',
      async () => sendTexts(server, text('1', 'event.subscribe', `{"events":["**"],"filter":${'{"$not":'.repeat(60)}{}${'}'.repeat(60)}}`)),
    ],
    [
      'event.subscribe with ten thousand patterns',
      async () => ask(await server.client(), 'event.subscribe', { events: Array.from({ length: 10_000 }, (_, i) => `**.a${i}.**.b.**`) }),
    ],
    [
      'context.update with a patch of many names',
      async () => {
        const client = await server.client();
        const { id } = await client.call('context.create', { name: 'x' });
        await ask(client, 'context.update', { id, metadata: Object.fromEntries(Array.from({ length: 8_000 }, (_, i) => [`m${i}`, i])) });
      },
    ],
    [
      'context.create with a text that no tokenizer likes',
      async () => ask(await server.client(), 'context.create', { name: 'x', content: 'a'.repeat(ROOM - 1_000) }),
    ],
    [
      'context.create with ten thousand items',
      async () =>
        ask(await server.client(), 'context.create', {
          name: 'x',
          content: Array.from({ length: 10_000 }, () => ({ role: 'user', content: 'x' })),
        }),
    ],
  ];
  it.each(cases)('a question holds up nobody: %s', (_, attack) => expectNoHold(server, attack));

  it('patterns and events that fit each other in every way', async () => {
    const { key } = await createKey(server, { tenant: 'patterns' });
    const client = await server.client({ key });
    const events = Array.from({ length: 1_000 }, (_, i) => `**.a.**.a.**.a.**.b${i}`);
    for (let i = 0; i < 8; i++) await client.request('event.subscribe', { events });
    const event = new Array(60).fill('a').join('.');
    await expectNoHold(server, () => client.request('event.publish', { event: event.slice(0, 200), data: {} }));
  });

  it('filters and an event that fit each other in no way', async () => {
    const { key } = await createKey(server, { tenant: 'filters' });
    const client = await server.client({ key });
    const filter = { $or: Array.from({ length: 90 }, (_, i) => ({ 'a.b.c.d.e.f.g.h': { $in: [i, `${i}`, null, true] } })) };
    for (let i = 0; i < 60; i++) await client.request('event.subscribe', { events: ['x.y'], filter });
    const list = (depth: number): unknown =>
      depth === 0 ? 0 : Array.from({ length: 3 }, () => ({ ['abcdefgh'.at(-depth) ?? 'a']: list(depth - 1) }));
    await expectNoHold(server, () => client.request('event.publish', { event: 'x.y', data: { a: list(7) } }));
  });
});
