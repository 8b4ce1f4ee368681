// PROTOCOL.md §1, §2 and §7: pings and pongs, and connections that give no sign of life or take nothing.
import { resolve } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { within } from '../support/deadline.js';
import { ENCODINGS } from '../support/message.js';
import { sharedServer, type TestServer } from '../support/start-server.js';
import type { TestClient } from '../support/test-client.js';

const SLOW_SERVER = resolve(import.meta.dirname, '../support/fixtures/slow-server.js');
const UNLIMITED = { rate_limit: { enabled: false } };
/** Half a megabyte of few tokens. */
const LARGE = ' '.repeat(500_000);

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

describe.each(ENCODINGS)('keep-alive in %s', (encoding) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await sharedServer({
      main: SLOW_SERVER,
      config: { websocket: { ...UNLIMITED, ping_interval: '200ms', pong_timeout: '400ms', max_in_flight: 1 } },
    });
  });

  it('a peer without a pong in time is closed with 4508; one that answers stays', async () => {
    const begin = Date.now();
    const [silent, alive] = [await server.client({ encoding, autoPong: false }), await server.client({ encoding })];
    expect(await within('close', silent.closed)).toMatchObject({ code: 4508, reason: expect.stringContaining('400') });
    expect(Date.now() - begin).toBeGreaterThan(500);
    await pause(800);
    await alive.call('tool.list');
  });

  it('whatever a peer sends is a sign of life', async () => {
    const client = await server.client({ encoding, autoPong: false });
    for (let i = 0; i < 15; i++) {
      await pause(100);
      await client.call('tool.list');
    }
    expect(client.isOpen).toBe(true);
  });

  it('a peer that the server itself does not read for a while is not taken for dead', async () => {
    const client = await server.client({ encoding });
    const answers = [1, 2].map((value) => client.request('test.slow', { ms: 1200, value }));
    expect((await Promise.all(answers)).map(({ result }) => result?.value)).toEqual([1, 2]);
    expect(client.isOpen).toBe(true);
  });

  it('a ping message is answered with a pong of its id and the time', async () => {
    const client = await server.client({ encoding });
    const id = encoding === 'json' ? 'ping-1' : 77;
    const pong = client.answerTo(id, 'ping');
    client.send(client.ping(id));
    const { type, result } = await pong;
    expect(type).toBe(5);
    expect(Math.abs(Date.parse(result.timestamp) - Date.now())).toBeLessThan(5000);
  });
});

/** A client that has asked for `megabytes` and reads none of them. */
async function hoarder(server: TestServer, encoding: 'json' | 'binary', megabytes: number): Promise<TestClient> {
  const client = await server.client({ encoding });
  const { id } = await client.call('context.create', { name: 'large', content: LARGE });
  client.socket.pause();
  for (let i = 0; i < megabytes * 2; i++) client.begin('context.get', { id });
  return client;
}

describe.each(ENCODINGS)('the send queue in %s', (encoding) => {
  it('a peer that does not read its answers is not read either, and gets them all when it goes on', { timeout: 60_000 }, async () => {
    const server = await sharedServer({ config: { websocket: UNLIMITED } });
    const client = await hoarder(server, encoding, 20);
    await pause(1000);
    expect(client.isOpen).toBe(true);
    client.socket.resume();
    await expect.poll(() => client.messages.length, { timeout: 30_000 }).toBe(42);
  });

  it('what waits in it for a slow peer is what was answered, whatever others are answered meanwhile', async () => {
    const server = await sharedServer({ config: { websocket: UNLIMITED } });
    const textOf = (who: string, n: number): string => `${who} ${n} `.repeat(n % 3 === 0 ? 2_000 : 30);
    const echoed = async (client: TestClient, who: string, n: number): Promise<boolean> => {
      const { result } = await client.call('tool.execute', { name: 'echo', arguments: { text: textOf(who, n) } });
      return result.structured.text === textOf(who, n) && JSON.parse(result.content[0].text).text === textOf(who, n);
    };
    const slow = await Promise.all(['one', 'two', 'three'].map(async (who) => ({ who, client: await server.client({ encoding }) })));
    for (const { client } of slow) client.socket.pause();
    const waiting = slow.flatMap(({ who, client }) => Array.from({ length: 40 }, (_, n) => echoed(client, who, n)));
    const quick = await server.client({ encoding });
    for (let n = 0; n < 30; n++) expect(await echoed(quick, 'quick', n)).toBe(true);
    for (const { client } of slow) client.socket.resume();
    expect((await Promise.all(waiting)).filter((isSame) => !isSame)).toEqual([]);
  });

  it('past its bytes it is closed with 4513', async () => {
    const server = await sharedServer({ config: { websocket: { ...UNLIMITED, send_queue_size: '600KB' } } });
    const [agent, caller] = [await server.client({ encoding }), await server.client({ encoding })];
    await agent.call('tool.register', {
      tools: [{ name: `hoard_${encoding}`, description: 'Takes nothing.', inputSchema: { type: 'object' } }],
    });
    agent.socket.pause();
    const answers = Array.from({ length: 30 }, () => caller.request('tool.execute', { name: `hoard_${encoding}`, arguments: { LARGE } }));
    for (const { error } of await Promise.all(answers)) expect(error?.code).toBeOneOf([4016, 4009]);
    agent.socket.resume();
    expect(await agent.closed).toMatchObject({ code: 4513, reason: expect.stringMatching(/\w/) });
    await caller.call('tool.list');
  });

  it('an answer of more than may wait is refused with 4015, which the log tells, and the connection stays', async () => {
    const server = await sharedServer({ config: { websocket: { ...UNLIMITED, send_queue_size: '600KB' } } });
    const client = await server.client({ encoding });
    const echo = (length: number) => client.request('tool.execute', { name: 'echo', arguments: { text: 'x'.repeat(length) } });
    const { error } = await echo(400_000);
    expect(error).toMatchObject({
      code: 4015,
      message: expect.stringMatching(/^the answer of 80\d{4} bytes exceeds send_queue_size \d+$/),
    });
    const [line] = await server.printed(/^.*exceeds send_queue_size.*$/m);
    expect(JSON.parse(line)).toMatchObject({ level: 40, method: 'tool.execute' });
    expect((await echo(200_000)).result?.status).toBe('completed');
  });

  it('when its oldest message waits too long it is closed with 4513', async () => {
    const server = await sharedServer({ config: { websocket: { ...UNLIMITED, send_queue_age: '500ms' } } });
    const client = await hoarder(server, encoding, 20);
    await pause(2500);
    client.socket.resume();
    expect(await client.closed).toMatchObject({ code: 4513, reason: expect.stringContaining('500') });
  });
});
