// PROTOCOL.md §5, events: patterns, filters, cursors, order, slow subscribers, retention, and what the server itself tells.
// Subscriptions that go on after a lost connection: sessions.spec.ts.
import { resolve } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../support/deadline.js';
import { createKey } from '../support/keys.js';
import { ENCODINGS, NOTIFICATION, type Encoding } from '../support/message.js';
import { sharedServer, startServer, type TestServer } from '../support/start-server.js';
import type { TestClient } from '../support/test-client.js';

const TOOL_SERVER = resolve(import.meta.dirname, '../support/fixtures/tool-server.js');
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const UNLIMITED = { rate_limit: { enabled: false } };

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ main: TOOL_SERVER, config: { websocket: UNLIMITED } });
});

let tenants = 0;
const fresh = (encoding: Encoding): string => `events-${encoding}-${++tenants}`;

/** A client of a tenant; of one of the test's own, unless it is named. */
async function member(encoding: Encoding, tenant = fresh(encoding), on = server): Promise<TestClient> {
  const { key } = await createKey(on, { tenant });
  return on.client({ key, encoding });
}

const publish = (client: TestClient, event: string, data: unknown = {}): Promise<{ cursor: string }> =>
  client.call('event.publish', { event, data }) as Promise<{ cursor: string }>;

/** Names of the next `count` events. */
async function names(client: TestClient, count: number): Promise<string[]> {
  const found: string[] = [];
  while (found.length < count) found.push((await client.next('event')).params.event as string);
  return found;
}

/** What has come so far and was not said to be expected, once all that was sent before is handled. */
async function eventsOf(client: TestClient): Promise<unknown[]> {
  await client.call('tool.list');
  await client.settle();
  return client.messages.filter(({ method }) => method === 'event').map(({ params }) => params);
}

describe.each(ENCODINGS)('event.subscribe in %s', (encoding) => {
  it('answers with subscription_id, subscribed, cursor and status; the event comes after the answer', async () => {
    const client = await member(encoding);
    const answer = await client.call('event.subscribe', { events: ['job.done', 'job.*', 'job.done'] });
    expect(answer).toEqual({
      subscription_id: expect.any(String),
      subscribed: ['job.done', 'job.*'],
      cursor: expect.any(String),
      status: 'active',
    });
    const { cursor } = await publish(client, 'job.done', { n: 1, text: 'ünï🌍', list: [null, 1.5] });
    expect((await client.next('event')).params).toEqual({
      subscription_id: answer.subscription_id,
      event: 'job.done',
      cursor,
      data: { n: 1, text: 'ünï🌍', list: [null, 1.5] },
      timestamp: expect.stringMatching(TIME),
    });
    expect(await eventsOf(client)).toHaveLength(1);
  });

  it('in a pattern * is one part and ** the rest', async () => {
    const client = await member(encoding);
    const all = ['a', 'a.b', 'a.c', 'a.b.c', 'a.b.c.d', 'b.b', 'x.a.b'];
    const expected: Record<string, string[]> = {
      a: ['a'],
      'a.b': ['a.b'],
      'a.*': ['a.b', 'a.c'],
      'a.**': ['a.b', 'a.c', 'a.b.c', 'a.b.c.d'],
      '*': ['a'],
      '*.b': ['a.b', 'b.b'],
      'a.*.c': ['a.b.c'],
      '*.*': ['a.b', 'a.c', 'b.b'],
      '**': all,
      'a.*.**': ['a.b.c', 'a.b.c.d'],
    };
    const ids = new Map<string, string>();
    for (const pattern of Object.keys(expected))
      ids.set((await client.call('event.subscribe', { events: [pattern] })).subscription_id, pattern);
    for (const name of all) await publish(client, name);
    const total = Object.values(expected).flat().length;
    const heard: Record<string, string[]> = Object.fromEntries(Object.keys(expected).map((pattern) => [pattern, []]));
    for (let i = 0; i < total; i++) {
      const { params } = await client.next('event');
      heard[ids.get(params.subscription_id) as string]?.push(params.event);
    }
    expect(heard).toEqual(expected);
    expect(await eventsOf(client)).toHaveLength(total);
  });

  it('a malformed pattern or name of an event is 4005, naming it', async () => {
    const client = await member(encoding);
    for (const pattern of [
      '',
      '.',
      'a..b',
      '.a',
      'a.',
      'a b',
      'a*',
      '**.a',
      'a.**.b',
      'a\u0000',
      'a\n',
      'x'.repeat(257),
      Array(40).fill('a').join('.'),
    ]) {
      const { error } = await client.request('event.subscribe', { events: ['fine', pattern] });
      expect(error, JSON.stringify(pattern)).toMatchObject({ code: 4005, data: { errors: [{ path: '/events/1' }] } });
      const published = await client.request('event.publish', { event: pattern, data: 1 });
      expect(published.error, JSON.stringify(pattern)).toMatchObject({ code: 4005, data: { errors: [{ path: '/event' }] } });
    }
    expect((await client.request('event.publish', { event: 'a.*', data: 1 })).error).toMatchObject({ code: 4005 });
    for (const events of [[], 'a', [1], Array(101).fill('a')])
      expect((await client.request('event.subscribe', { events })).error).toMatchObject({ code: 4005 });
    expect(await client.call('event.unsubscribe')).toMatchObject({ unsubscribed: [] });
  });

  it('a filter is a MongoDB-style match on data', async () => {
    const client = await member(encoding);
    const data = [
      { n: 1, tags: ['red', 'blue'], who: { name: 'ann' } },
      { n: 2, tags: [], who: { name: 'bob' }, extra: null },
      { n: 3, who: { name: 'cy' }, list: [{ v: 1 }, { v: 5 }] },
    ];
    const filters: [object, number[]][] = [
      [{}, [1, 2, 3]],
      [{ n: 2 }, [2]],
      [{ n: { $eq: 2 } }, [2]],
      [{ n: { $ne: 2 } }, [1, 3]],
      [{ n: { $in: [1, 3, '2'] } }, [1, 3]],
      [{ n: { $nin: [1, 3] } }, [2]],
      [{ n: { $gt: 1, $lt: 3 } }, [2]],
      [{ n: { $gte: 2 } }, [2, 3]],
      [{ n: { $lte: 1 } }, [1]],
      [{ tags: 'red' }, [1]],
      [{ extra: { $exists: true } }, [2]],
      [{ tags: { $exists: false } }, [3]],
      [{ 'who.name': 'cy' }, [3]],
      [{ 'list.v': 5 }, [3]],
      [{ $or: [{ n: 1 }, { 'who.name': 'bob' }] }, [1, 2]],
      [{ $and: [{ n: { $gt: 1 } }, { 'who.name': { $ne: 'cy' } }] }, [2]],
      [{ $not: { n: 1 } }, [2, 3]],
      [{ n: { $not: { $gt: 1 } } }, [1]],
      [{ who: { name: 'ann' } }, [1]],
      [{ 'who.constructor': { $exists: true } }, []],
      [{ '__proto__.x': { $exists: true } }, []],
      [{ 'tags.length': { $exists: true } }, []],
    ];
    const ids: string[] = [];
    for (const [filter] of filters) ids.push((await client.call('event.subscribe', { events: ['f'], filter })).subscription_id);
    for (const one of data) await publish(client, 'f', one);
    const total = filters.flatMap(([, expected]) => expected).length;
    const heard = filters.map((): number[] => []);
    for (let i = 0; i < total; i++) {
      const { params } = await client.next('event');
      heard[ids.indexOf(params.subscription_id)]?.push(params.data.n);
    }
    expect(heard).toEqual(filters.map(([, expected]) => expected));
    expect(await eventsOf(client)).toHaveLength(total);
  });

  it('a filter with an unknown operator, a regular expression or too much in it is 4005', async () => {
    const client = await member(encoding);
    const nested = (depth: number): object => (depth === 0 ? { a: 1 } : { $not: nested(depth - 1) });
    const wrong = [
      { a: { $regex: 'x' } },
      { $where: '1' },
      { a: { $size: 1 } },
      { $or: [] },
      { $or: {} },
      { a: { $in: 1 } },
      { a: { $gt: {} } },
      { a: { $exists: 1 } },
      nested(30),
      Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k${i}`, i])),
    ];
    for (const filter of wrong) {
      const { error } = await client.request('event.subscribe', { events: ['a'], filter });
      expect(error, JSON.stringify(filter).slice(0, 80)).toMatchObject({
        code: 4005,
        data: { errors: [{ path: expect.stringMatching(/^\/filter/) }] },
      });
    }
  });
});

describe.each(ENCODINGS)('cursors in %s', (encoding) => {
  it('rise in the order of the log, which is the order of delivery', async () => {
    const client = await member(encoding);
    await client.call('event.subscribe', { events: ['order.*'] });
    const cursors = (await Promise.all(Array.from({ length: 200 }, (_, n) => publish(client, `order.n${n}`)))).map(({ cursor }) => cursor);
    const heard: string[] = [];
    for (let i = 0; i < 200; i++) heard.push((await client.next('event')).params.cursor);
    expect(heard).toEqual([...cursors].sort());
    expect(new Set(heard).size).toBe(200);
  });

  it('since a cursor, earliest, or latest: what comes after, all, or only what is new', async () => {
    const client = await member(encoding);
    const { cursor: first } = await publish(client, 'past.one');
    const { cursor: second } = await publish(client, 'past.two');
    const later = await member(encoding, (await client.call('context.create', { name: 'x' })).tenant_id);
    await later.call('event.subscribe', { events: ['past.*'], since: first });
    expect(await names(later, 1)).toEqual(['past.two']);
    await later.call('event.unsubscribe');
    const { cursor } = await later.call('event.subscribe', { events: ['past.*'], since: 'earliest' });
    expect(cursor < first).toBe(true);
    expect(await names(later, 2)).toEqual(['past.one', 'past.two']);
    await later.call('event.unsubscribe');
    for (const since of ['latest', undefined, second]) await later.call('event.subscribe', { events: ['past.*'], since });
    await publish(client, 'past.three');
    expect(await names(later, 3)).toEqual(['past.three', 'past.three', 'past.three']);
    expect(await eventsOf(later)).toHaveLength(6);
  });

  it('the past and the present meet without a gap and without anything twice', async () => {
    const client = await member(encoding);
    const publisher = await member(encoding, (await client.call('context.create', { name: 'x' })).tenant_id);
    const published: string[] = [];
    const publishing = (async () => {
      for (let n = 0; n < 400; n++) published.push((await publish(publisher, 'flow', { n })).cursor);
    })();
    await eventually('some events', () => (published.length > 50 ? true : undefined));
    const { subscription_id: id } = await client.call('event.subscribe', { events: ['flow'], since: 'earliest' });
    const heard: number[] = [];
    for (let i = 0; i < 400; i++) heard.push((await client.next('event')).params.data.n);
    await publishing;
    expect(heard).toEqual(Array.from({ length: 400 }, (_, n) => n));
    expect((await eventsOf(client)).filter((params) => (params as { subscription_id: string }).subscription_id === id)).toHaveLength(400);
  });

  it('a cursor that is none, or is beyond the end of the log, is 4005', async () => {
    const client = await member(encoding);
    for (const since of ['x', '', '1', `1${'v'.repeat(13)}`, '1000000000zzzz', 'EARLIEST'])
      expect((await client.request('event.subscribe', { events: ['a'], since })).error, since).toMatchObject({ code: 4005 });
    const { subscription_id: id } = await client.call('event.subscribe', { events: ['a'] });
    expect((await client.request('session.ack', { cursors: { [id]: 'x' } })).error).toMatchObject({ code: 4005 });
  });

  it('session.ack answers {}, and takes ids that are not there', async () => {
    const client = await member(encoding);
    const { subscription_id: id } = await client.call('event.subscribe', { events: ['a'] });
    const { cursor } = await publish(client, 'a');
    expect(await client.call('session.ack', { cursors: { [id]: cursor, gone: cursor } })).toEqual({});
    expect((await client.request('session.ack', { cursors: { [id]: 5 } })).error).toMatchObject({ code: 4005 });
    expect((await client.request('session.ack', {})).error).toMatchObject({ code: 4005 });
  });
});

describe.each(ENCODINGS)('event.unsubscribe in %s', (encoding) => {
  it('ends one subscription by its id, patterns by their names, or all', async () => {
    const client = await member(encoding);
    const first = await client.call('event.subscribe', { events: ['a', 'b'] });
    const second = await client.call('event.subscribe', { events: ['b', 'c'] });
    await client.call('event.subscribe', { events: ['d'] });
    expect(await client.call('event.unsubscribe', { events: ['b', 'never'] })).toEqual({ unsubscribed: ['b'], status: 'success' });
    for (const name of ['a', 'b', 'c']) await publish(client, name);
    expect(await names(client, 2)).toEqual(['a', 'c']);
    expect(await client.call('event.unsubscribe', { subscription_id: first.subscription_id })).toEqual({
      unsubscribed: ['a'],
      status: 'success',
    });
    for (const name of ['a', 'c']) await publish(client, name);
    expect((await client.next('event')).params).toMatchObject({ event: 'c', subscription_id: second.subscription_id });
    const rest = await client.call('event.unsubscribe', {});
    expect({ ...rest, unsubscribed: rest.unsubscribed.sort() }).toEqual({ unsubscribed: ['c', 'd'], status: 'success' });
    for (const name of ['a', 'b', 'c', 'd']) await publish(client, name);
    expect(await eventsOf(client)).toHaveLength(3);
    expect(await client.call('event.unsubscribe')).toEqual({ unsubscribed: [], status: 'success' });
  });

  it('leaves the subscriptions of another connection alone, though it is of the same principal', async () => {
    const { key } = await createKey(server, { tenant: fresh(encoding) });
    const [one, two] = [await server.client({ key, encoding }), await server.client({ key, encoding })];
    const { subscription_id: id } = await one.call('event.subscribe', { events: ['kept'] });
    expect(await two.call('event.unsubscribe', { subscription_id: id })).toEqual({ unsubscribed: [], status: 'success' });
    expect(await two.call('event.unsubscribe', { events: ['kept'] })).toMatchObject({ unsubscribed: [] });
    expect(await two.call('event.unsubscribe')).toMatchObject({ unsubscribed: [] });
    await two.close();
    await publish(one, 'kept');
    expect(await names(one, 1)).toEqual(['kept']);
  });
});

describe.each(ENCODINGS)('event.publish in %s', (encoding) => {
  it('takes any data, and nothing but JSON', async () => {
    const client = await member(encoding);
    await client.call('event.subscribe', { events: ['any'] });
    for (const data of [null, false, 0, '', [], { a: { b: [1] } }, 'text']) {
      await publish(client, 'any', data);
      expect((await client.next('event')).params.data).toEqual(data);
    }
    expect((await client.request('event.publish', { event: 'any' })).error).toMatchObject({
      code: 4005,
      data: { errors: [{ path: '/data' }] },
    });
    await publish(client, 'any', JSON.parse('{"__proto__":{"x":1},"constructor":1}'));
    expect(JSON.stringify((await client.next('event')).params.data)).toBe('{"__proto__":{"x":1},"constructor":1}');
  });

  it('refuses the names that are the server’s own: 4005', async () => {
    const client = await member(encoding);
    for (const event of ['context.created', 'context.x', 'tool.executed', 'agent.connected', 'server.draining'])
      expect((await client.request('event.publish', { event, data: {} })).error, event).toMatchObject({
        code: 4005,
        data: { errors: [{ path: '/event' }] },
      });
    await publish(client, 'contextual', {});
  });

  it('with an idempotency key publishes once', async () => {
    const client = await member(encoding);
    await client.call('event.subscribe', { events: ['once'] });
    const meta = { idempotency_key: `publish-${encoding}` };
    const first = await client.call('event.publish', { event: 'once', data: 1 }, meta);
    expect(await client.call('event.publish', { event: 'once', data: 1 }, meta)).toEqual(first);
    await names(client, 1);
    expect(await eventsOf(client)).toHaveLength(1);
  });
});

describe.each(ENCODINGS)('tenants in %s', (encoding) => {
  it('no event crosses tenants, live or from the log, whatever the pattern', async () => {
    const [one, two] = [await member(encoding), await member(encoding)];
    await publish(one, 'secret.past');
    await two.call('event.subscribe', { events: ['**'], since: 'earliest' });
    await publish(one, 'secret.present');
    await one.call('tool.execute', { name: 'echo' });
    await publish(two, 'own');
    expect(await names(two, 1)).toEqual(['own']);
    expect((await eventsOf(two)).filter((params) => (params as { event: string }).event.startsWith('secret'))).toEqual([]);
  });

  it('a cursor of another tenant’s event shows nothing of it', async () => {
    const [one, two] = [await member(encoding), await member(encoding)];
    const { cursor } = await publish(one, 'a');
    await publish(one, 'b');
    await two.call('event.subscribe', { events: ['**'], since: cursor });
    expect(await eventsOf(two)).toEqual([]);
  });
});

describe.each(ENCODINGS)('the server’s own events in %s', (encoding) => {
  it('tool.executed, tool.failed, agent.connected and agent.disconnected are passing: no cursor, and not in the log', async () => {
    const tenant = fresh(encoding);
    const listener = await member(encoding, tenant);
    await listener.call('event.subscribe', { events: ['tool.*', 'agent.*'] });
    const agent = await member(encoding, tenant);
    const session = (await listener.next('event')).params;
    expect(session).toMatchObject({
      event: 'agent.connected',
      data: { session_id: expect.any(String), principal_id: expect.stringMatching(/^key:/) },
    });
    expect(session).not.toHaveProperty('cursor');
    await agent.call('tool.execute', { name: 'echo', arguments: { secret: 'text' } });
    const executed = (await listener.next('event')).params;
    expect(executed).toMatchObject({ event: 'tool.executed', data: { tool: 'echo', session_id: session.data.session_id } });
    expect(JSON.stringify(executed)).not.toContain('secret');
    await agent.call('tool.execute', { name: 'test_refuse' });
    expect((await listener.next('event')).params).toMatchObject({ event: 'tool.failed', data: { tool: 'test_refuse' } });
    agent.terminate();
    expect((await listener.next('event')).params).toMatchObject({ event: 'agent.disconnected', data: session.data });
    await listener.call('event.unsubscribe');
    await listener.call('event.subscribe', { events: ['tool.*', 'agent.*'], since: 'earliest' });
    const before = listener.messages.length;
    await eventsOf(listener);
    expect(listener.messages.slice(before).filter(({ method }) => method === 'event')).toEqual([]);
  });

  it('context.*, tool.registered and tool.unregistered are in the log', async () => {
    const tenant = fresh(encoding);
    const { key } = await createKey(server, { tenant });
    const agent = await server.client({ key, encoding });
    const { id } = await agent.call('context.create', { name: 'x' });
    await agent.call('tool.register', { tools: [{ name: 'offered', description: 'x', inputSchema: { type: 'object' } }] });
    await agent.call('tool.unregister', { names: ['offered'] });
    await agent.call('context.delete', { id });
    const listener = await member(encoding, tenant);
    await listener.call('event.subscribe', { events: ['**'], since: 'earliest' });
    expect(await names(listener, 4)).toEqual(['context.created', 'tool.registered', 'tool.unregistered', 'context.deleted']);
  });
});

describe.each(ENCODINGS)('a subscriber that reads slowly, in %s', (encoding) => {
  const COUNT = 600;
  const PADDING = 'x'.repeat(50_000);

  it('is not cut off and costs no memory: the server stops pushing, and goes on from the log', { timeout: 60_000 }, async () => {
    const slow = await sharedServer({ config: { websocket: { ...UNLIMITED, send_queue_size: '1MB', send_queue_age: '60s' } } });
    const tenant = fresh(encoding);
    const [reader, publisher, quick] = [
      await member(encoding, tenant, slow),
      await member('json', tenant, slow),
      await member(encoding, tenant, slow),
    ];
    const memory = async (): Promise<number> => (await slow.rest('GET', '/api/v1/websocket/stats')).body.memory.rss_bytes;
    await reader.call('event.subscribe', { events: ['bulk'] });
    await quick.call('event.subscribe', { events: ['bulk'], filter: { n: { $lt: 0 } } });
    const before = await memory();
    reader.socket.pause();
    // 30 MB for a connection that may have 1 MB unsent.
    for (let n = 0; n < COUNT; n += 20)
      await Promise.all(Array.from({ length: 20 }, (_, i) => publish(publisher, 'bulk', { n: n + i, PADDING })));
    expect((await memory()) - before).toBeLessThan(120e6);
    expect(reader.isOpen).toBe(true);
    reader.socket.resume();
    const heard: number[] = [];
    while (heard.length < COUNT) heard.push((await reader.next('event')).params.data.n);
    expect([...new Set(heard)].sort((a, b) => a - b)).toEqual(Array.from({ length: COUNT }, (_, n) => n));
    await publish(publisher, 'bulk', { n: COUNT });
    expect((await reader.next('event')).params.data.n).toBe(COUNT);
  });

  it('is not cut off while it makes progress, however long it takes', { timeout: 60_000 }, async () => {
    const slow = await sharedServer({ config: { websocket: { ...UNLIMITED, send_queue_age: '2s' } } });
    const tenant = fresh(encoding);
    const [reader, publisher] = [await member(encoding, tenant, slow), await member('json', tenant, slow)];
    await reader.call('event.subscribe', { events: ['bulk'] });
    // A megabyte each 300 ms: together far longer than the oldest message may wait, but never that long without one.
    const begin = Date.now();
    let sip = 0;
    reader.socket.on('message', () => {
      if (++sip % 20 === 0) reader.socket.pause();
    });
    const sips = setInterval(() => reader.socket.resume(), 300);
    for (let n = 0; n < COUNT; n += 20)
      await Promise.all(Array.from({ length: 20 }, (_, i) => publish(publisher, 'bulk', { n: n + i, PADDING })));
    for (let n = 0; n < COUNT; n++) expect((await reader.next('event', 30_000)).params.data.n).toBe(n);
    clearInterval(sips);
    expect(Date.now() - begin).toBeGreaterThan(4000);
    expect(reader.isOpen).toBe(true);
  });
});

describe.each(ENCODINGS)('retention in %s', (encoding) => {
  it('what the log no longer holds is announced with event.gap', async () => {
    const short = await sharedServer({ config: { websocket: UNLIMITED, events: { retention_count: 10, sweep_interval: '50ms' } } });
    const tenant = fresh(encoding);
    const join = (): Promise<TestClient> => member(encoding, tenant, short);
    const [publisher, watcher, late] = [await join(), await join(), await join()];
    const other = await member(encoding, fresh(encoding), short);
    const { cursor: othersFirst } = await publish(other, 'kept');
    const cursors: string[] = [];
    for (let n = 0; n < 30; n++) cursors.push((await publish(publisher, 'many', { n })).cursor);
    await eventually('the sweep', async () =>
      (await watcher.call('event.subscribe', { events: ['none'], since: 'earliest' })).cursor === cursors[19] ? true : undefined,
    );
    const since = cursors[2] as string;
    const { subscription_id: id } = await late.call('event.subscribe', { events: ['many'], since });
    expect((await late.next('event.gap')).params).toEqual({ subscription_id: id, from: since, to: cursors[19] });
    for (let n = 20; n < 30; n++) expect((await late.next('event')).params).toMatchObject({ cursor: cursors[n], data: { n } });
    const [first] = late.messages.filter(({ type }) => type === NOTIFICATION);
    expect(first?.method).toBe('event.gap');
    await other.call('event.subscribe', { events: ['kept'], since: 'earliest' });
    expect((await other.next('event')).params.cursor).toBe(othersFirst);
  });

  it('by age: what is older than retention goes', async () => {
    const short = await sharedServer({ config: { websocket: UNLIMITED, events: { retention: '1s', sweep_interval: '100ms' } } });
    const client = await member(encoding, undefined, short);
    const { cursor } = await publish(client, 'old');
    await eventually('the end of the event', async () => {
      const answer = await client.call('event.subscribe', { events: ['x'], since: 'earliest' });
      return answer.cursor >= cursor ? true : undefined;
    });
  });
});
