// What the client makes of a server that dies, drains, or is cut off in the middle of calls: each runs once, no event is lost.
import type { Subscription } from '@mcpw/client';
import { describe, expect, it, vi } from 'vitest';

import { eventually, within } from '../support/deadline.js';
import { startServer, type TestServer } from '../support/start-server.js';
import { inState, open, UNLIMITED } from './opened-clients.js';
import { UnreliableNetwork } from './unreliable-network.js';

interface Counted {
  n: number;
}

const QUICK = { reconnect: { baseMs: 50, maxMs: 400 } };
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** All numbers of a subscription, as they come. */
function collect(subscription: Subscription<Counted>): number[] {
  const numbers: number[] = [];
  void (async () => {
    for await (const { data } of subscription) numbers.push(data.n);
  })().catch(() => undefined);
  return numbers;
}

/** What the log holds, read by a client of its own. */
async function logged(server: TestServer, event: string, count: number): Promise<number[]> {
  const reader = await open(server);
  const numbers = collect(reader.subscribe<Counted>([event], { since: 'earliest' }));
  await eventually('the whole log', () => (numbers.length >= count ? true : undefined));
  // What was doubled would come right after.
  await reader.request('event.publish', { event, data: { n: -1 } });
  await eventually('the end of the log', () => (numbers.includes(-1) ? true : undefined));
  return numbers.slice(0, -1);
}

/** Asks for `count` things, `width` at a time, and tells how many are answered. */
async function work(count: number, width: number, ask: (n: number) => Promise<unknown>, told: (answered: number) => void): Promise<void> {
  let next = 0;
  let answered = 0;
  const one = async (): Promise<void> => {
    while (next < count) {
      await ask(next++);
      told(++answered);
    }
  };
  await Promise.all(range(1, width).map(one));
}

// Some start the server several times.
vi.setConfig({ testTimeout: 240_000 });

describe.each([
  { encoding: 'json', security: false, batching: false },
  { encoding: 'binary', security: true, batching: true },
] as const)('a server that is killed, in $encoding, security $security', (options) => {
  /** Does the work while the server is killed and started again, `times` times, in the middle of it. */
  async function workWhileKilled(server: TestServer, count: number, times: number, ask: (n: number) => Promise<unknown>): Promise<void> {
    let answered = 0;
    let isOver = false;
    const working = work(count, 20, ask, (now) => (answered = now)).finally(() => (isOver = true));
    for (const time of range(1, times)) {
      const due = Math.floor((count * time) / (times + 1));
      await eventually(`${due} answers`, () => (answered >= due || isOver ? true : undefined), 20_000, 1);
      expect(isOver).toBe(false);
      await server.restart('SIGKILL');
    }
    await within('the rest of the answers', working, 30_000);
  }

  it('runs each change once, no consumer misses or doubles an event, and what only reads is answered whenever it is asked', async () => {
    const server = await startServer({ config: UNLIMITED });
    const client = await open(server, { ...options, ...QUICK });
    const { id } = await client.request('context.create', { name: 'kept' });
    const consumer = await open(server, { ...options, ...QUICK });
    const subscription = consumer.subscribe<Counted>(['killed.counted']);
    await subscription.ready;
    const heard = collect(subscription);
    await workWhileKilled(server, 400, 4, async (n) => {
      const [, , { tools }] = await Promise.all([
        client.request('context.update', { context_id: id, content: `item ${n}` }),
        client.request('event.publish', { event: 'killed.counted', data: { n } }),
        client.request('tool.list', {}),
      ]);
      expect(tools.length).toBeGreaterThan(0);
    });
    const { items, version } = await client.request('context.get', { context_id: id, limit: 1000 });
    expect(items.map(({ content }) => Number(content.slice(5))).sort((a, b) => a - b)).toEqual(range(0, 399));
    expect(version).toBe(401);
    await eventually('all events', () => (heard.length >= 400 ? true : undefined));
    const log = await logged(server, 'killed.counted', 400);
    expect([...log].sort((a, b) => a - b)).toEqual(range(0, 399));
    expect(heard.slice(0, 400)).toEqual(log);
  });
});

describe('a connection that is cut', () => {
  it('does not run a tool twice whose answer it took away: the second asking gets the first answer', async () => {
    const server = await startServer({ config: UNLIMITED });
    const network = await UnreliableNetwork.to(Number(new URL(server.url).port));
    try {
      const provider = await open(server);
      let runs = 0;
      let finish = (): void => undefined;
      const begun = new Promise<void>((began) => {
        provider.offerTools([
          {
            name: 'charge',
            description: 'takes money',
            inputSchema: { type: 'object' },
            run: () => {
              runs++;
              began();
              return new Promise<string>((resolve) => (finish = () => resolve(`charged ${runs} times`)));
            },
          },
        ]);
      });
      const away = await open(server, { url: network.wsUrl, ...QUICK });
      await eventually('the tool', async () =>
        (await away.request('tool.list', { query: 'charge' })).tools.length > 0 ? true : undefined,
      );
      const answer = away.executeTool('charge');
      await within('begin of the tool', begun);
      network.cut();
      await within('loss', inState(away, 'reconnecting'));
      await within('return', inState(away, 'open'));
      finish();
      expect(await answer).toMatchObject({ status: 'completed', result: { content: [{ text: 'charged 1 times' }] } });
      expect(runs).toBe(1);
    } finally {
      await network.close();
    }
  });

  it('does not run a change twice whose answer it took away', async () => {
    const server = await startServer({ config: UNLIMITED });
    const network = await UnreliableNetwork.to(Number(new URL(server.url).port));
    try {
      const away = await open(server, { url: network.wsUrl, ...QUICK, batching: true });
      const { id } = await away.request('context.create', { name: 'kept' });
      const working = work(
        400,
        10,
        (n) => away.request('context.update', { context_id: id, content: `item ${n}` }),
        (answered) => {
          if (answered % 90 === 0) void network.cutBeforeNextAnswer();
        },
      );
      await within('all answers', working, 30_000);
      const { items } = await away.request('context.get', { context_id: id, limit: 1000 });
      expect(items.map(({ content }) => Number(content.slice(5))).sort((a, b) => a - b)).toEqual(range(0, 399));
      expect(network.connections).toBeGreaterThan(3);
    } finally {
      await network.close();
    }
  });
});

describe('a server that drains', () => {
  it('finishes what is under way, and has the client back when it said', async () => {
    const server = await startServer({ config: { websocket: { ...UNLIMITED.websocket, drain_spread: '300ms', drain_timeout: '5s' } } });
    const client = await open(server, QUICK);
    const told: number[] = [];
    const closed: (string | undefined)[] = [];
    client.on('draining', ({ reconnectInMs }) => told.push(reconnectInMs));
    client.on('state', ({ state, error }) => state === 'reconnecting' && closed.push(error?.message));
    const { id } = await client.request('context.create', { name: 'kept' });
    const subscription = client.subscribe<Counted>(['drained.counted']);
    await subscription.ready;
    const heard = collect(subscription);
    let isOver = false;
    const working = work(
      Infinity,
      5,
      async (n) => {
        if (isOver && n > 100) throw new Error('over');
        await client.request('context.update', { context_id: id, content: `item ${n}` });
        await client.request('event.publish', { event: 'drained.counted', data: { n } });
      },
      () => undefined,
    ).catch(() => undefined);
    await server.restart('SIGTERM');
    await within('return', inState(client, 'open'));
    isOver = true;
    await working;
    expect(told).toEqual([expect.any(Number)]);
    expect(closed[0]).toContain('4503');
    const { items } = await client.request('context.get', { context_id: id, limit: 1_000 });
    const numbers = items.map(({ content }) => Number(content.slice(5)));
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers.length).toBeGreaterThan(10);
    const log = await logged(server, 'drained.counted', heard.length);
    await eventually('all events', () => (heard.length >= log.length ? true : undefined));
    expect(heard.slice(0, log.length)).toEqual(log);
    expect(new Set(log).size).toBe(log.length);
  });
});

describe('a session', () => {
  it('that another client took over stays with that one', async () => {
    const server = await startServer({ config: UNLIMITED });
    const network = await UnreliableNetwork.to(Number(new URL(server.url).port));
    try {
      // Two that share a session there cannot be by this package; the wire's own words do it.
      const client = await open(server, { url: network.wsUrl });
      const raw = network.fromServer.map((bytes) => bytes.toString('latin1')).join('');
      const token = /"resume_token":"([\w-]+)"/.exec(raw)?.[1];
      await server.client({}, { resume: { session_id: client.session.session_id, resume_token: token } });
      await within('end of the client', inState(client, 'closed'));
      await expect(client.executeTool('echo')).rejects.toMatchObject({ closeCode: 4409 });
    } finally {
      await network.close();
    }
  });
});
