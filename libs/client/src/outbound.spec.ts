import { describe, expect, it } from 'vitest';

import type { ClientOptions } from './client-options.js';
import type { Limits } from './method-map.js';
import { sessionOf } from './testing/fake-server.js';
import { openClient } from './testing/open-client.js';

async function open(
  options: Partial<ClientOptions>,
  limits: Partial<Limits> = {},
): Promise<Awaited<ReturnType<typeof openClient>> & { ask: (count: number) => void }> {
  const opened = await openClient({ maxWaiting: 10_000, ...options }, { limits: { ...sessionOf().limits, ...limits } });
  const ask = (count: number): void => {
    for (let i = 0; i < count; i++) void opened.client.request('tool.list', { query: `q${i}` }).catch(() => undefined);
  };
  return { ...opened, ask };
}

describe('Outbound', () => {
  it('sends at once, one message each, unless told to batch', async () => {
    const { server, ask } = await open({});
    ask(3);
    expect(server.connection.of('tool.list')).toHaveLength(3);
    expect(server.connection.raw).toHaveLength(4);
  });

  it('sends together what one turn asks, in order', async () => {
    const { server, ask, client } = await open({ batching: true });
    ask(3);
    expect(server.connection.raw).toHaveLength(1);
    await server.endTurn();
    expect(server.connection.raw).toHaveLength(2);
    expect(server.connection.of('tool.list').map(({ params }) => params)).toEqual([{ query: 'q0' }, { query: 'q1' }, { query: 'q2' }]);
    void client.request('tool.list', {}).catch(() => undefined);
    await server.endTurn();
    expect(String(server.connection.raw[2])).toMatch(/"type":0/);
  });

  it('makes no batch larger than the server takes: by count', async () => {
    const { server, ask } = await open({ batching: true }, { max_batch: 4 });
    ask(10);
    await server.endTurn();
    expect(server.connection.raw.slice(1).map((text) => String(text).match(/tool\.list/g)?.length)).toEqual([4, 4, 2]);
  });

  it('makes no batch larger than the server takes: by bytes', async () => {
    const { server, ask } = await open({ batching: true }, { max_message_size: 1_500 });
    ask(20);
    await server.endTurn();
    expect(server.connection.of('tool.list')).toHaveLength(20);
    for (const text of server.connection.raw.slice(1)) expect(String(text).length).toBeLessThan(1_500);
  });

  it("keeps to the server's rate, of which initialize had its part", async () => {
    const { server, ask } = await open({}, { rate: 10, burst: 5 });
    ask(8);
    expect(server.connection.of('tool.list')).toHaveLength(4);
    await server.clock.pass(99);
    expect(server.connection.of('tool.list')).toHaveLength(4);
    await server.clock.pass(1);
    expect(server.connection.of('tool.list')).toHaveLength(5);
    await server.clock.pass(300);
    expect(server.connection.of('tool.list')).toHaveLength(8);
  });

  it('sends as fast as it is asked where that is switched off', async () => {
    const { server, ask } = await open({ rateLimit: false }, { rate: 10, burst: 5 });
    ask(50);
    expect(server.connection.of('tool.list')).toHaveLength(50);
  });

  it.each([true, false])('goes on one after the other at the server’s rate once it was refused, rateLimit %s', async (rateLimit) => {
    const { server, ask } = await open({ rateLimit }, { rate: 10, burst: 50 });
    ask(30);
    const { connection } = server;
    const refuse = (from: number): void => {
      for (const request of connection.of('tool.list').slice(from)) {
        connection.refuse(request, { code: 4002, message: 'no', data: { retry_after_ms: 5, scope: 'user' } });
      }
    };
    expect(connection.of('tool.list')).toHaveLength(30);
    refuse(10);
    await server.clock.pass(99);
    expect(connection.of('tool.list')).toHaveLength(30);
    await server.clock.pass(1);
    expect(connection.of('tool.list')).toHaveLength(31);
    await server.clock.pass(50);
    refuse(30);
    await server.clock.pass(1_000);
    expect(connection.of('tool.list')).toHaveLength(41);
    expect(
      connection
        .of('tool.list')
        .slice(30)
        .map(({ params }) => params?.['query']),
    ).toEqual([10, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19].map((n) => `q${n}`));
  });

  it('is quiet for as long as the server says when the rate is reached all the same', async () => {
    const { server, client, ask } = await open({});
    const answer = client.request('tool.list', {});
    server.connection.refuse(server.connection.last('tool.list'), {
      code: 4002,
      message: 'no',
      data: { retry_after_ms: 400, scope: 'tenant' },
    });
    ask(2);
    await server.clock.pass(399);
    expect(server.connection.of('tool.list')).toHaveLength(1);
    await server.clock.pass(1);
    expect(server.connection.of('tool.list')).toHaveLength(4);
    server.connection.respond(
      server.connection.of('tool.list').find(({ params }) => Object.keys(params ?? {}).length === 0)!,
      { tools: [] },
    );
    server.connection.respond(server.connection.of('tool.list')[1]!, { tools: [] });
    await expect(answer).resolves.toEqual({ tools: [] });
  });

  it('leaves the server room for one more than it asks: to cancel, and to be asked itself', async () => {
    const { server, client, ask } = await open({}, { max_in_flight: 4 });
    const controller = new AbortController();
    void client.executeTool('slow', {}, { signal: controller.signal }).catch(() => undefined);
    ask(5);
    expect(server.connection.of('tool.list')).toHaveLength(2);
    server.connection.ask('s1', 'tool.execute', { name: 'nothing' });
    await server.clock.pass(0);
    expect(server.connection.received.at(-1)).toMatchObject({ type: 3, id: 's1', error: { code: 4009 } });
    controller.abort();
    expect(server.connection.of('tool.cancel')).toHaveLength(1);
    expect(server.connection.of('tool.list')).toHaveLength(3);
  });
});
