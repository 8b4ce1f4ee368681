// Events through the client: what comes, in which order, how often, and what of it a slow consumer gets.
import type { Client, EventGap, Subscription } from '@mcpw/client';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { within } from '../support/deadline.js';
import { startServer, type TestServer } from '../support/start-server.js';
import { inState, open, UNLIMITED } from './opened-clients.js';
import { UnreliableNetwork } from './unreliable-network.js';

interface Counted {
  n: number;
}

let server: TestServer;
let events = 0;

beforeAll(async () => {
  server = await startServer({ config: UNLIMITED });
});

/** The name of an event that no other test uses. */
function newEvent(): string {
  return `test${++events}.counted`;
}

async function publish(client: Client, event: string, numbers: readonly number[]): Promise<void> {
  for (const n of numbers) await client.request('event.publish', { event, data: { n } });
}

/** The next numbers. */
async function take(subscription: Subscription<Counted>, count: number): Promise<number[]> {
  const numbers: number[] = [];
  while (numbers.length < count) {
    const { value } = await within('event', subscription.next());
    if (value === undefined) throw new Error('the subscription has ended');
    numbers.push(value.data.n);
  }
  return numbers;
}

/** What the server has of the client's subscriptions, which end with the question. */
async function subscribedTo(client: Client): Promise<string[]> {
  const answer: unknown = await client.request('event.unsubscribe' as never, {} as never);
  return (answer as { unsubscribed: string[] }).unsubscribed;
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe.each(['json', 'binary'] as const)('in %s', (encoding) => {
  let client: Client;

  beforeEach(async () => {
    client = await open(server, { encoding });
  });

  it('patterns and a filter say what comes, and since says from where on', async () => {
    const event = newEvent();
    await publish(client, event, range(1, 6));
    const even = client.subscribe<Counted>([event.replace('counted', '*')], { filter: { n: { $in: [2, 4, 6] } }, since: 'earliest' });
    expect(await take(even, 3)).toEqual([2, 4, 6]);
    // The consumer has asked for what comes after 4, and with that is done with it.
    const { cursor } = even;
    const later = client.subscribe<Counted>([event], { since: cursor ?? '' });
    expect(await take(later, 2)).toEqual([5, 6]);
  });

  it('a loop that is left takes its subscription with it', async () => {
    const event = newEvent();
    const subscription = client.subscribe<Counted>([event]);
    await subscription.ready;
    await publish(client, event, range(1, 3));
    for await (const { data } of subscription) if (data.n === 2) break;
    expect(await subscribedTo(client)).toEqual([]);
  });

  it('a pattern that is none is refused by name', async () => {
    const subscription = client.subscribe(['not a pattern!']);
    await expect(subscription.next()).rejects.toMatchObject({ code: 4005, name: 'invalid_params' });
  });

  it('a slow consumer gets all there is, in order, without it piling up here', async () => {
    const event = newEvent();
    const subscription = client.subscribe<Counted>([event], { buffer: 10 });
    await subscription.ready;
    const publisher = await open(server, { encoding, batching: true });
    for (const at of range(0, 19)) {
      await Promise.all(range(at * 25 + 1, at * 25 + 25).map((n) => publisher.request('event.publish', { event, data: { n } })));
    }
    expect((await take(subscription, 500)).sort((a, b) => a - b)).toEqual(range(1, 500));
  });

  describe('over a network that fails', () => {
    let network: UnreliableNetwork;
    let away: Client;

    beforeEach(async () => {
      network = await UnreliableNetwork.to(Number(new URL(server.url).port));
      away = await open(server, { encoding, url: network.wsUrl, reconnect: { baseMs: 20 }, idleMs: 200, pongTimeoutMs: 200 });
    });
    afterEach(() => network.close());

    it('events come once each and in order, however often it is cut', async () => {
      const event = newEvent();
      const subscription = away.subscribe<Counted>([event]);
      await subscription.ready;
      const heard = take(subscription, 200);
      for (const at of range(0, 19)) {
        await publish(client, event, range(at * 10 + 1, at * 10 + 10));
        if (at % 4 === 1) network.cut();
      }
      expect(await heard).toEqual(range(1, 200));
      expect(network.connections).toBeGreaterThan(3);
    });

    it('a link that is dead is found out, and what came meanwhile is made up for', async () => {
      const event = newEvent();
      const subscription = away.subscribe<Counted>([event]);
      await subscription.ready;
      network.fallSilent();
      await publish(client, event, range(1, 5));
      network.recover();
      await within('the link to be found dead', inState(away, 'reconnecting'));
      expect(await take(subscription, 5)).toEqual(range(1, 5));
      expect(away.session.resumed).toBe(true);
    });

    it('a session that is resumed has its subscriptions, each once', async () => {
      const event = newEvent();
      const subscription = away.subscribe<Counted>([event]);
      await subscription.ready;
      const session = away.session.session_id;
      network.cut();
      await within('loss', inState(away, 'reconnecting'));
      await publish(client, event, [1]);
      await within('return', inState(away, 'open'));
      expect(away.session).toMatchObject({ session_id: session, resumed: true });
      await publish(client, event, [2]);
      expect(await take(subscription, 2)).toEqual([1, 2]);
      expect(await subscribedTo(away)).toEqual([event]);
    });
  });
});

describe('a log that does not keep all', () => {
  it('a gap is told where it is, and the rest comes', async () => {
    const event = newEvent();
    const short = await startServer({
      config: { ...UNLIMITED, events: { retention_count: 5, sweep_interval: '20ms' } },
    });
    const client = await open(short, { url: short.wsUrl, key: short.adminKey });
    const first = client.subscribe<Counted>([event]);
    await first.ready;
    await publish(client, event, [0]);
    await first.next();
    void first.next();
    await publish(client, event, range(1, 40));
    const cursor = first.cursor ?? '';
    const gaps: EventGap[] = [];
    await expect
      .poll(
        async () => {
          const again = client.subscribe<Counted>([event], { since: cursor, onGap: (gap) => gaps.push(gap) });
          const { value } = await within('event', again.next());
          again.close();
          return gaps.length > 0 && value !== undefined && value.data.n > 1;
        },
        { timeout: 10_000, interval: 100 },
      )
      .toBe(true);
    expect(gaps[0]).toMatchObject({ from: expect.any(String), to: expect.any(String) });
  });

  it('a session that can no longer be resumed goes on with new subscriptions, where it was', async () => {
    const event = newEvent();
    const forgetful = await startServer({ config: { ...UNLIMITED, sessions: { resume_window: '0' } } });
    const network = await UnreliableNetwork.to(Number(new URL(forgetful.url).port));
    try {
      const publisher = await open(forgetful, { url: forgetful.wsUrl, key: forgetful.adminKey });
      const client = await open(forgetful, { url: network.wsUrl, key: forgetful.adminKey, reconnect: { baseMs: 20 } });
      const session = client.session.session_id;
      const subscription = client.subscribe<Counted>([event]);
      await subscription.ready;
      await publish(publisher, event, range(1, 3));
      const heard = take(subscription, 9);
      network.cut();
      await within('loss', inState(client, 'reconnecting'));
      await publish(publisher, event, range(4, 6));
      await within('return', inState(client, 'open'));
      expect(client.session.resumed).toBe(false);
      expect(client.session.session_id).not.toBe(session);
      await publish(publisher, event, range(7, 9));
      expect(await heard).toEqual(range(1, 9));
    } finally {
      await network.close();
    }
  });
});
