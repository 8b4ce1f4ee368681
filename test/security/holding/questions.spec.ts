// Searches, filters, patterns and lists that are made to be slow do not hold the event loop.
import { beforeAll, describe, expect, it } from 'vitest';

import { createKey } from '../../support/keys.js';
import type { TestServer } from '../../support/start-server.js';
import type { Answer, TestClient } from '../../support/test-client.js';
import { fill, ROOM } from '../support/attack-messages.js';
import { expectNoHold, startWatchedServer } from '../support/event-loop.js';

let server: TestServer;
beforeAll(async () => {
  server = await startWatchedServer();
});

/** Words of the refusal, or that it is answered: an attack that is turned away sooner than it thinks would show nothing. */
type Question = readonly [name: string, outcome: RegExp | 'answered', ask: () => Promise<Answer>];

const patterns = (count: number): string[] => Array.from({ length: count }, (_, i) => `*.a${i}.*.b.**`);

describe('a question', () => {
  const ask = async (method: string, params: object): Promise<Answer> => (await server.client()).request(method, params);
  const subscribe = (filter: unknown, events = ['**']): Promise<Answer> => ask('event.subscribe', { events, filter });

  const cases: readonly Question[] = [
    ['context.search for ten thousand words', /1024 characters/, () => ask('context.search', { query: 'word '.repeat(10_000) })],
    ['context.search for too many words', /more than 32/, () => ask('context.search', { query: '"a* NEAR(" OR '.repeat(60) })],
    ['context.search in the syntax of the index', 'answered', () => ask('context.search', { query: '"a* NEAR(" OR '.repeat(8) })],
    ['tool.list for a megabyte', /256 characters/, () => ask('tool.list', { query: fill('echo ') })],
    ['tool.list for as much as may be', 'answered', () => ask('tool.list', { query: 'echo '.repeat(51) })],
    ['context.list for a prefix of wildcards', 'answered', () => ask('context.list', { name_prefix: '%_*?['.repeat(50) })],
    [
      'event.subscribe with a filter that is too wide',
      /more than 256 conditions/,
      () => subscribe({ $or: Array.from({ length: 13_000 }, (_, i) => ({ a: i })) }),
    ],
    [
      'event.subscribe with a filter as wide as can be',
      'answered',
      () => subscribe({ $or: Array.from({ length: 127 }, (_, i) => ({ a: i })) }),
    ],
    ['event.subscribe with a filter that is too deep', /nested more than 8 deep/, () => subscribe(deepFilter(50))],
    ['event.subscribe with a filter as deep as can be', 'answered', () => subscribe(deepFilter(7))],
    ['event.subscribe with ten thousand patterns', /more than 100 items/, () => subscribe(undefined, patterns(10_000))],
    ['event.subscribe with as many patterns as may be', 'answered', () => subscribe(undefined, patterns(100))],
    [
      'context.update with a patch of many names',
      /exceed 65536/,
      async () => {
        const { id } = (await ask('context.create', { name: 'x' })).result as { id: string };
        return ask('context.update', { id, metadata: Object.fromEntries(Array.from({ length: 8_000 }, (_, i) => [`m${i}`, i])) });
      },
    ],
    [
      'context.create with a text that no tokenizer likes',
      'answered',
      () => ask('context.create', { name: 'x', content: 'a'.repeat(ROOM - 1_000) }),
    ],
    ['context.create with ten thousand items', /more than 1000 items/, () => ask('context.create', { name: 'x', content: items(10_000) })],
    ['context.create with as many items as may be', 'answered', () => ask('context.create', { name: 'x', content: items(1_000) })],
  ];
  it.each(cases)('a question holds up nobody: %s', async (_, outcome, question) => {
    await expectNoHold(server, async () => {
      const { error } = await question();
      if (outcome === 'answered') expect(error).toBeUndefined();
      else expect(error).toMatchObject({ code: 4005, message: expect.stringMatching(outcome) as string });
    });
  });

  it('patterns and an event that fit each other in every way', async () => {
    const client = await subscriber('patterns');
    // Each place is the word or any: at each both branches of the tree fit.
    const events = Array.from({ length: 4_096 }, (_, i) => [...i.toString(2).padStart(12, '0')].map((bit) => '*a'[Number(bit)]).join('.'));
    for (let at = 0; at < events.length; at += 100) await client.call('event.subscribe', { events: events.slice(at, at + 100) });
    const event = new Array(12).fill('a').join('.');
    await expectNoHold(server, () => client.call('event.publish', { event, data: {} }));
    expect((await client.next('event')).params.event).toBe(event);
  });

  /** Each a filter that is looked at to its end. */
  const filters: readonly (readonly [string, object])[] = [
    ['of many paths', Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`a.b.c.z${i}`, null]))],
    ['of many alternatives', { $or: Array.from({ length: 48 }, (_, i) => ({ 'a.b.c': { $in: [i + 1, `${i}`] } })) }],
    ['of many values', { 'a.b': { $in: Array.from({ length: 250 }, () => ({})) } }],
  ];
  const lists = (of: () => unknown): unknown[] => Array.from({ length: 100 }, () => ({ b: Array.from({ length: 100 }, of) }));
  it.each(filters)('filters %s, and events of lists within lists', async (name, filter) => {
    const client = await subscriber(name.replaceAll(' ', '-'));
    for (let i = 0; i < 50; i++) await client.call('event.subscribe', { events: ['x.y'], filter });
    for (const leaf of [() => ({ c: 0 }), () => ({}), () => 0])
      await expectNoHold(server, () => client.call('event.publish', { event: 'x.y', data: { a: lists(leaf) } }));
  });

  async function subscriber(tenant: string): Promise<TestClient> {
    return server.client({ key: (await createKey(server, { tenant })).key });
  }
});

function deepFilter(depth: number): object {
  return depth === 0 ? { a: 1 } : { $not: deepFilter(depth - 1) };
}

function items(count: number): object[] {
  return Array.from({ length: count }, () => ({ role: 'user', content: 'x' }));
}
