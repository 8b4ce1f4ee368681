import { describe, expect, it } from 'vitest';

import type { Client } from './client.js';
import { ClientClosedError, ConnectionLostError, McpwError } from './errors.js';
import type { ClientEvent, EventGap, SubscribeOptions, Subscription } from './subscription.js';
import { sessionOf, type FakeConnection, type FakeServer } from './testing/fake-server.js';
import { settled } from './testing/fake-clock.js';
import { openClient } from './testing/open-client.js';

/** Answers the newest `event.subscribe`. */
async function accept(connection: FakeConnection, id = 'sub-1', cursor = 'c0'): Promise<void> {
  connection.respond(connection.last('event.subscribe'), { subscription_id: id, subscribed: ['a.*'], cursor, status: 'active' });
  await settled();
}

function send(connection: FakeConnection, cursor: string | undefined, id = 'sub-1'): void {
  connection.notify('event', {
    subscription_id: id,
    event: 'a.b',
    data: cursor ?? 'passing',
    timestamp: 'now',
    ...(cursor === undefined ? {} : { cursor }),
  });
}

/** Takes all that come; the loop runs by itself. */
function consume(subscription: Subscription): { data: unknown[]; end: Promise<unknown> } {
  const data: unknown[] = [];
  const end = (async () => {
    for await (const event of subscription) data.push(event.data);
  })();
  end.catch(() => undefined);
  return { data, end };
}

async function subscribed(options: SubscribeOptions = {}): Promise<{ server: FakeServer; client: Client; subscription: Subscription }> {
  const { server, client } = await openClient();
  const subscription = client.subscribe(['a.*'], options);
  await settled();
  await accept(server.connection);
  return { server, client, subscription };
}

/** The connection breaks, and the next one is open. */
async function reconnect(server: FakeServer, isResumed: boolean): Promise<FakeConnection> {
  await server.connection.close(1006);
  await server.clock.pass(1_000);
  await server.connection.accept({ resumed: isResumed, resume_token: `token-${server.connections.length}` });
  return server.connection;
}

describe('Subscriptions', () => {
  it('wait on an open connection for as long as the server takes, also those that it is told of as it opens', async () => {
    const { server, client } = await openClient({ maxWaitMs: 5_000 });
    const subscription = client.subscribe(['a.*']);
    await settled();
    await accept(server.connection);
    const connection = await reconnect(server, false);
    await server.clock.pass(20_000);
    await accept(connection, 'sub-2');
    const { data } = consume(subscription);
    send(connection, 'c1', 'sub-2');
    await settled();
    expect(data).toEqual(['c1']);
    expect(connection.of('event.unsubscribe')).toEqual([]);
  });

  it('ask for what they are to get, and give it in order', async () => {
    const { server, subscription } = await subscribed({ filter: { n: 1 }, since: 'earliest' });
    expect(server.connection.last('event.subscribe').params).toEqual({ events: ['a.*'], filter: { n: 1 }, since: 'earliest' });
    await subscription.ready;
    const { data } = consume(subscription);
    for (const cursor of ['c1', 'c2', undefined, 'c3']) send(server.connection, cursor);
    await settled();
    expect(data).toEqual(['c1', 'c2', 'passing', 'c3']);
  });

  it('drop what came before, and nothing that passes', async () => {
    const { server, subscription } = await subscribed();
    const { data } = consume(subscription);
    for (const cursor of ['c1', 'c2', 'c1', undefined, undefined, 'c2', 'c3']) send(server.connection, cursor);
    await settled();
    expect(data).toEqual(['c1', 'c2', 'passing', 'passing', 'c3']);
  });

  it('keep events apart', async () => {
    const { server, client, subscription } = await subscribed();
    const other = client.subscribe(['b.*']);
    await accept(server.connection, 'sub-2');
    const [first, second] = [consume(subscription), consume(other)];
    send(server.connection, 'c1', 'sub-2');
    send(server.connection, 'c1', 'sub-1');
    send(server.connection, 'c2', 'sub-1');
    await settled();
    expect([first.data, second.data]).toEqual([['c1', 'c2'], ['c1']]);
  });

  it('keep events that overtake the answer to the subscribing', async () => {
    const { server, client } = await openClient();
    const { data } = consume(client.subscribe(['a.*']));
    await settled();
    send(server.connection, 'c1');
    await accept(server.connection);
    send(server.connection, 'c2');
    await settled();
    expect(data).toEqual(['c1', 'c2']);
  });

  it('fail where they are refused', async () => {
    const { server, client } = await openClient();
    const subscription = client.subscribe(['***']);
    const { end } = consume(subscription);
    await settled();
    server.connection.refuse(server.connection.last('event.subscribe'), { code: 4005, message: 'no pattern' });
    await expect(end).rejects.toBeInstanceOf(McpwError);
    await expect(subscription.ready).rejects.toThrow('no pattern');
    await server.connection.close(1006);
    await server.clock.pass(1_000);
    await server.connection.accept();
    expect(server.connection.of('event.subscribe')).toEqual([]);
  });

  it('are made again from the newest cursor on where the session was not resumed', async () => {
    const { server, subscription } = await subscribed({ since: 'earliest' });
    const { data } = consume(subscription);
    send(server.connection, 'c1');
    send(server.connection, 'c2');
    const next = await reconnect(server, false);
    expect(next.last('initialize').params?.['resume']).toEqual({
      session_id: 'session-1',
      resume_token: 'token-1',
      cursors: { 'sub-1': 'c2' },
    });
    expect(next.last('event.subscribe').params).toEqual({ events: ['a.*'], since: 'c2' });
    await accept(next, 'sub-9', 'c2');
    for (const cursor of ['c2', 'c3']) send(next, cursor, 'sub-9');
    await settled();
    expect(data).toEqual(['c1', 'c2', 'c3']);
  });

  it('are made again from where they began where nothing has come yet', async () => {
    const { server } = await subscribed();
    const next = await reconnect(server, false);
    expect(next.last('event.subscribe').params).toEqual({ events: ['a.*'], since: 'c0' });
  });

  it('go on by themselves where the session was resumed', async () => {
    const { server, subscription } = await subscribed();
    const { data } = consume(subscription);
    await server.clock.pass(5_000);
    send(server.connection, 'c1');
    const next = await reconnect(server, true);
    expect(next.of('event.subscribe')).toEqual([]);
    for (const cursor of ['c1', 'c2']) send(next, cursor);
    await settled();
    expect(data).toEqual(['c1', 'c2']);
  });

  it('are made again on a resumed session too where the server may not have had the time to keep them', async () => {
    const { server, subscription } = await subscribed();
    const { data } = consume(subscription);
    await server.clock.pass(4_999);
    send(server.connection, 'c1');
    const next = await reconnect(server, true);
    expect(next.last('event.unsubscribe').params).toEqual({ subscription_id: 'sub-1' });
    expect(next.last('event.subscribe').params).toEqual({ events: ['a.*'], since: 'c1' });
    send(next, 'c2', 'sub-1');
    await accept(next, 'sub-2', 'c1');
    send(next, 'c2', 'sub-2');
    await settled();
    expect(data).toEqual(['c1', 'c2']);
  });

  it('are made on a resumed session where the answer to the subscribing was lost, and what that left is ended', async () => {
    const { server, client } = await openClient();
    const { data } = consume(client.subscribe(['a.*']));
    await settled();
    expect(server.connection.of('event.subscribe')).toHaveLength(1);
    const next = await reconnect(server, true);
    await accept(next, 'sub-2');
    send(next, 'c1', 'sub-1');
    send(next, 'c1', 'sub-2');
    send(next, 'c2', 'sub-1');
    await settled();
    expect(data).toEqual(['c1']);
    expect(next.of('event.unsubscribe').map(({ params }) => params)).toEqual([{ subscription_id: 'sub-1' }]);
  });

  it('are asked for again where the server cannot just then, having had them before', async () => {
    const { server, subscription } = await subscribed();
    const { data } = consume(subscription);
    const next = await reconnect(server, false);
    next.refuse(next.last('event.subscribe'), { code: 4016, message: 'starting' });
    await server.clock.pass(1_000);
    expect(next.of('event.subscribe')).toHaveLength(2);
    await accept(next, 'sub-2');
    send(next, 'c1', 'sub-2');
    await settled();
    expect(data).toEqual(['c1']);
  });

  it('that wait to be asked for again leave nothing behind when the client is closed', async () => {
    const { server, client } = await subscribed();
    const next = await reconnect(server, false);
    next.refuse(next.last('event.subscribe'), { code: 4016, message: 'starting' });
    await settled();
    await client.close();
    expect(server.clock.pending).toBe(0);
  });

  it('made without a connection are made with the next one', async () => {
    const { server, client } = await openClient();
    await server.connection.close(1006);
    const subscription = client.subscribe(['a.*']);
    await server.clock.pass(1_000);
    await server.connection.accept();
    await accept(server.connection);
    await subscription.ready;
    expect(server.connection.of('event.subscribe')).toHaveLength(1);
  });

  it('end with the loop, here and on the server', async () => {
    const { server, subscription } = await subscribed();
    for (const cursor of ['c1', 'c2']) send(server.connection, cursor);
    const taken: ClientEvent[] = [];
    for await (const event of subscription) {
      taken.push(event);
      break;
    }
    expect(taken).toEqual([{ event: 'a.b', data: 'c1', cursor: 'c1', timestamp: 'now' }]);
    expect(server.connection.last('event.unsubscribe').params).toEqual({ subscription_id: 'sub-1' });
    send(server.connection, 'c3');
    expect(await subscription.next()).toEqual({ done: true, value: undefined });
    expect(server.connection.of('event.unsubscribe')).toHaveLength(1);
    const next = await reconnect(server, false);
    expect(next.of('event.subscribe')).toEqual([]);
  });

  it('that are ended before the server has answered are ended there too', async () => {
    const { server, client } = await openClient();
    const subscription = client.subscribe(['a.*']);
    await settled();
    subscription[Symbol.dispose]();
    await expect(subscription.ready).rejects.toThrow(new ClientClosedError('subscription'));
    await accept(server.connection);
    expect(server.connection.last('event.unsubscribe').params).toEqual({ subscription_id: 'sub-1' });
  });

  it('tell the server what was dealt with, now and then, and not what was only handed out', async () => {
    const { server, subscription } = await subscribed();
    for (const cursor of ['c1', 'c2', 'c3']) send(server.connection, cursor);
    await subscription.next();
    await server.clock.pass(5_000);
    expect(subscription.cursor).toBe('c0');
    expect(server.connection.of('session.ack')).toEqual([]);
    await subscription.next();
    await subscription.next();
    expect(subscription.cursor).toBe('c2');
    await server.clock.pass(4_999);
    expect(server.connection.of('session.ack')).toEqual([]);
    await server.clock.pass(1);
    expect(server.connection.of('session.ack').map(({ type, params }) => ({ type, params }))).toEqual([
      { type: 2, params: { cursors: { 'sub-1': 'c2' } } },
    ]);
    await server.clock.pass(20_000);
    expect(server.connection.of('session.ack')).toHaveLength(1);
    await subscription.return?.();
    expect(subscription.cursor).toBe('c3');
    expect(server.connection.last('session.ack').params).toEqual({ cursors: { 'sub-1': 'c3' } });
  });

  it.each([
    ['c7', 'c7'],
    ['earliest', 'earliest'],
    ['latest', undefined],
    [undefined, undefined],
  ])('since %s have a cursor to go on from before anything came: %s', async (since, before) => {
    const { server, client } = await openClient();
    const subscription = client.subscribe(['a.*'], since === undefined ? {} : { since });
    expect(subscription.cursor).toBe(before);
    await settled();
    await accept(server.connection, 'sub-1', 'c9');
    expect(subscription.cursor).toBe('c9');
    const next = await reconnect(server, false);
    await accept(next, 'sub-2', 'c12');
    expect(subscription.cursor).toBe('c9');
  });

  it('tell all that was dealt with to a server that takes only small messages', async () => {
    const { server, client } = await openClient({}, { limits: { ...sessionOf().limits, max_message_size: 400 } });
    const subscriptions = Array.from({ length: 12 }, () => client.subscribe(['a.*']));
    await settled();
    for (const [i, request] of server.connection.of('event.subscribe').entries()) {
      server.connection.respond(request, { subscription_id: `sub-${i}-of-a-long-name`, subscribed: [], cursor: 'c0', status: 'active' });
    }
    await settled();
    for (const [i, subscription] of subscriptions.entries()) {
      send(server.connection, `cursor-${i}`, `sub-${i}-of-a-long-name`);
      await subscription.next();
      void subscription.next();
    }
    await server.clock.pass(5_000);
    const acks = server.connection.of('session.ack').map(({ params }) => params?.['cursors'] as object);
    expect(acks.length).toBeGreaterThan(1);
    expect(Object.assign({}, ...acks)).toEqual(Object.fromEntries(subscriptions.map((_, i) => [`sub-${i}-of-a-long-name`, `cursor-${i}`])));
  });

  it('that the server does not have yet are not ready when the client is closed', async () => {
    const { client } = await openClient();
    const subscription = client.subscribe(['a.*']);
    const { end } = consume(subscription);
    await client.close();
    await expect(subscription.ready).rejects.toThrow(new ClientClosedError());
    await end;
  });

  it('leave to the log what a slow consumer has no room for, and lose none of it', async () => {
    const { server, subscription } = await subscribed({ buffer: 2 });
    for (const cursor of ['c1', 'c2', 'c3']) send(server.connection, cursor);
    await settled();
    expect(server.connection.last('event.unsubscribe').params).toEqual({ subscription_id: 'sub-1' });
    const taken = [await subscription.next(), await subscription.next()];
    await settled();
    expect(server.connection.last('event.subscribe').params).toEqual({ events: ['a.*'], since: 'c2' });
    await accept(server.connection, 'sub-2', 'c2');
    for (const cursor of ['c3', 'c4']) send(server.connection, cursor, 'sub-2');
    taken.push(await subscription.next(), await subscription.next());
    expect(taken.map(({ value }) => value?.data)).toEqual(['c1', 'c2', 'c3', 'c4']);
  });

  it('of a slow consumer wait for it over a new connection too', async () => {
    const { server, subscription } = await subscribed({ buffer: 1 });
    send(server.connection, 'c1');
    await settled();
    const next = await reconnect(server, true);
    expect(next.of('event.subscribe')).toEqual([]);
    await subscription.next();
    await settled();
    expect(next.last('event.subscribe').params).toEqual({ events: ['a.*'], since: 'c1' });
  });

  it('tell of a gap where the consumer comes to it, and go on after it', async () => {
    const gaps: [EventGap, number][] = [];
    const taken: unknown[] = [];
    const { server, subscription } = await subscribed({ onGap: (gap) => gaps.push([gap, taken.length]) });
    send(server.connection, 'c1');
    server.connection.notify('event.gap', { subscription_id: 'sub-1', from: 'c1', to: 'c5' });
    send(server.connection, 'c6');
    await settled();
    expect(gaps).toEqual([]);
    taken.push((await subscription.next()).value?.data);
    taken.push((await subscription.next()).value?.data);
    expect(taken).toEqual(['c1', 'c6']);
    expect(gaps).toEqual([[{ from: 'c1', to: 'c5' }, 1]]);
  });

  it('go on after a gap that was the last to come', async () => {
    const { server } = await subscribed();
    server.connection.notify('event.gap', { subscription_id: 'sub-1', from: 'c1', to: 'c5' });
    const next = await reconnect(server, false);
    expect(next.last('event.subscribe').params).toMatchObject({ since: 'c5' });
  });

  it('end when the client is closed, and fail when it had to give up', async () => {
    const first = await subscribed();
    send(first.server.connection, 'c1');
    const { data, end } = consume(first.subscription);
    await first.client.close();
    await end;
    expect(data).toEqual(['c1']);

    const second = await subscribed();
    const { end: failing } = consume(second.subscription);
    await second.server.connection.close(4401, 'revoked');
    await expect(failing).rejects.toBeInstanceOf(ConnectionLostError);
  });
});
