// The client in Chromium, on a page of another origin than the server's, which allows it.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { eventually } from '../support/deadline.js';
import { createKey } from '../support/keys.js';
import { startServer, type TestServer } from '../support/start-server.js';
import { PageServer, TestBrowser, type BrowserClient } from './browser-page.js';
import { open, UNLIMITED } from './opened-clients.js';
import { UnreliableNetwork } from './unreliable-network.js';

/** What the functions that run in the page find there. */
declare const globalThis: {
  mcpw: BrowserClient;
  client: InstanceType<BrowserClient['Client']>;
  heard: number[];
  asked: number;
  answered: number;
  isOver: boolean;
  states: string[];
};

let pages: PageServer;
let browser: TestBrowser;
let server: TestServer;
let page: Page;

beforeAll(async () => {
  pages = await PageServer.start();
  browser = await TestBrowser.launch();
  server = await startServer({ config: { websocket: { ...UNLIMITED.websocket, security: { allowed_origins: [pages.origin] } } } });
});
afterAll(async () => {
  await browser?.close();
  await pages?.stop();
});

beforeEach(async () => {
  page = await browser.open(pages.origin);
});
afterEach(() => page.close());

const WAYS = [
  { encoding: 'json' },
  { encoding: 'json', security: true, batching: true },
  { encoding: 'binary' },
  { encoding: 'binary', compression: false },
  { encoding: 'binary', security: 'sign', batching: true },
  { encoding: 'binary', security: true },
  { encoding: 'binary', security: true, batching: true },
] as const;

describe.each(WAYS)('in Chromium, with %o', (way) => {
  it('runs tools, keeps contexts, hears events, and offers a tool', async () => {
    const options = { ...way, url: server.wsUrl, key: server.adminKey, name: 'page' };
    const seen = await page.evaluate(async (given) => {
      const client = await globalThis.mcpw.connect(given);
      globalThis.client = client;
      const events = client.subscribe<{ n: number }>(['browser.*']);
      await events.ready;
      const echoed = await client.executeTool('echo', { text: 'äöü 😀', large: 'again and again '.repeat(4000) });
      const context = await client.request('context.create', { name: 'c', content: 'first' });
      await client.request('context.update', { context_id: context.id, content: 'second' });
      const { items } = await client.request('context.get', { context_id: context.id });
      await Promise.all(Array.from({ length: 40 }, (_, n) => client.request('event.publish', { event: 'browser.said', data: { n } })));
      const heard: number[] = [];
      for await (const { data } of events) if (heard.push(data.n) === 40) break;
      const missing = await client.request('context.get', { context_id: 'missing' }).catch((error: Error) => error.name);
      await client.offerTools([
        {
          name: 'in_page',
          description: 'runs in a page',
          inputSchema: { type: 'object' },
          run: ({ n }: { n: number }) => ({ doubled: n * 2 }),
        },
      ]).ready;
      const { text, large } = echoed.result?.structured as { text: string; large: string };
      return {
        text,
        large: large.length,
        items: items.map(({ content }) => content),
        heard: heard.sort((a, b) => a - b),
        missing,
        compression: client.session.compression,
      };
    }, options);
    expect(seen).toEqual({
      text: 'äöü 😀',
      large: 64_000,
      items: ['first', 'second'],
      heard: Array.from({ length: 40 }, (_, n) => n),
      missing: 'not_found',
      compression: way.encoding === 'binary' && !('compression' in way) ? 'gzip' : undefined,
    });
    const agent = await open(server);
    expect(await agent.executeTool('in_page', { n: 21 })).toMatchObject({ status: 'completed', result: { structured: { doubled: 42 } } });
    await page.evaluate(() => globalThis.client.close());
  });
});

describe.each([
  { encoding: 'json', security: false },
  { encoding: 'binary', security: true, batching: true },
] as const)('in Chromium, with %o, when the server is killed', (way) => {
  it('each change runs once, and no event is lost or doubled', async () => {
    const options = { ...way, url: server.wsUrl, key: server.adminKey, name: 'page', reconnect: { baseMs: 50, maxMs: 400 } };
    const event = `browser.killed.${way.encoding}`;
    await page.evaluate(
      async (given) => {
        const client = (globalThis.client = await globalThis.mcpw.connect(given.options));
        Object.assign(globalThis, { heard: [], asked: 0, answered: 0, isOver: false, states: [] });
        client.on('state', ({ state }) => globalThis.states.push(state));
        const events = client.subscribe<{ n: number }>([given.event]);
        await events.ready;
        void (async () => {
          for await (const { data } of events) globalThis.heard.push(data.n);
        })();
        const work = async (): Promise<void> => {
          while (!globalThis.isOver) {
            await client.request('event.publish', { event: given.event, data: { n: globalThis.asked++ } });
            globalThis.answered++;
          }
        };
        for (let i = 0; i < 10; i++) void work();
      },
      { options, event },
    );
    const answered = (): Promise<number> => page.evaluate(() => globalThis.answered);
    await eventually('answers', async () => ((await answered()) >= 50 ? true : undefined));
    await server.restart('SIGKILL');
    const before = await answered();
    await eventually('more answers', async () => ((await answered()) >= before + 50 ? true : undefined), 20_000);
    const asked = await page.evaluate(() => ((globalThis.isOver = true), globalThis.asked));
    await eventually('all answers', async () => ((await answered()) === asked ? true : undefined));
    const heard = await eventually('all events', async () => {
      const numbers = await page.evaluate(() => globalThis.heard);
      return numbers.length >= asked ? numbers : undefined;
    });
    expect([...heard].sort((a, b) => a - b)).toEqual(Array.from({ length: asked }, (_, n) => n));
    expect(await page.evaluate(() => globalThis.states)).toEqual(expect.arrayContaining(['reconnecting', 'open']));
  });
});

describe('in Chromium', () => {
  it('a dead link is found out by pings of our own, which browsers have not', async () => {
    const network = await UnreliableNetwork.to(Number(new URL(server.url).port));
    try {
      const options = {
        url: network.wsUrl,
        key: server.adminKey,
        name: 'page',
        idleMs: 200,
        pongTimeoutMs: 200,
        reconnect: { baseMs: 20 },
      };
      await page.evaluate(async (given) => {
        globalThis.states = [];
        globalThis.client = await globalThis.mcpw.connect(given);
        globalThis.client.on('state', ({ state }) => globalThis.states.push(state));
      }, options);
      // An idle link that lives is kept.
      await new Promise((resolve) => setTimeout(resolve, 1_000)); // the page's clock is real
      expect(await page.evaluate(() => globalThis.states)).toEqual([]);
      network.fallSilent();
      await eventually('the link to be found dead', async () =>
        (await page.evaluate(() => globalThis.states)).length > 0 ? true : undefined,
      );
      network.recover();
      const answer = await page.evaluate(() => globalThis.client.executeTool('echo', { n: 1 }));
      expect(answer.status).toBe('completed');
    } finally {
      await network.close();
    }
  });

  it('a client whose key is revoked stops', async () => {
    const { key, id } = await createKey(server);
    await page.evaluate(async (given) => void (globalThis.client = await globalThis.mcpw.connect(given)), {
      url: server.wsUrl,
      key,
      name: 'page',
    });
    await server.rest('DELETE', `/api/v1/keys/${id}`);
    await eventually('end of the client', async () =>
      (await page.evaluate(() => globalThis.client.state)) === 'closed' ? true : undefined,
    );
    const error = await page.evaluate(() =>
      globalThis.client.executeTool('echo').catch((reason: Error & { closeCode?: number }) => [reason.name, reason.closeCode]),
    );
    expect(error).toEqual(['ConnectionLostError', 4401]);
  });

  it('a ticket is enough', async () => {
    const { body } = await server.rest('POST', '/api/v1/websocket/tickets');
    const { ticket } = body as { ticket: string };
    const status = await page.evaluate(
      async (given) => {
        const client = await globalThis.mcpw.connect(given);
        const answer = await client.executeTool('echo', {});
        await client.close();
        return answer.status;
      },
      { url: server.wsUrl, ticket, name: 'page', encoding: 'binary' as const, security: true },
    );
    expect(status).toBe('completed');
  });

  it('a page of an origin that is not allowed does not get in', async () => {
    const elsewhere = await PageServer.start();
    const other = await browser.open(elsewhere.origin);
    try {
      const options = { url: server.wsUrl, key: server.adminKey, name: 'page', maxWaitMs: 1_000 };
      const outcome = await other.evaluate(
        (given) =>
          globalThis.mcpw.connect(given).then(
            () => 'in',
            (error: Error) => error.name,
          ),
        options,
      );
      expect(outcome).toBe('ConnectionLostError');
    } finally {
      await other.close();
      await elsewhere.stop();
    }
  });
});
