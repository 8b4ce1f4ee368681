// The guide's "Performance Optimizations" and "Performance Tuning", as far as a running server shows them.
import { describe, expect, it } from 'vitest';

import { ENCODINGS, type Encoding } from '../support/message.js';
import { memoryBytes, spied, SPIED } from '../support/socket-spy.js';
import { sharedServer, startServer, type TestServer } from '../support/start-server.js';
import type { TestClient } from '../support/test-client.js';

function batching(settings: Record<string, unknown>): Promise<TestServer> {
  return sharedServer({ config: { websocket: { batching: settings } } });
}

/** How many envelopes each message holds that answers six requests which came at once. */
async function batchSizes(server: TestServer, encoding: Encoding): Promise<number[]> {
  const client = await server.client({ encoding }, { capabilities: { batch: true } });
  const sizes: number[] = [];
  let known = client.messages.length;
  client.socket.on('message', () => {
    sizes.push(client.messages.length - known); // the client has taken it apart by then
    known = client.messages.length;
  });
  await sixAtOnce(client);
  return sizes;
}

async function sixAtOnce(client: TestClient): Promise<void> {
  await client.batch(Array.from({ length: 6 }, () => ['tool.list', { limit: 1 }] as const));
}

describe.each(ENCODINGS)('message batching in %s', (encoding) => {
  it('answers of one moment share a message', async () => {
    expect(await batchSizes(await batching({ enabled: true }), encoding)).toEqual([6]);
  });

  it('the size of batches is what is set', async () => {
    expect(await batchSizes(await batching({ max_messages: 2 }), encoding)).toEqual([2, 2, 2]);
  });

  it('nothing is sent in batches where that is switched off', async () => {
    expect(await batchSizes(await batching({ enabled: false }), encoding)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('messages wait for others as long as the flush interval says', async () => {
    const answersIn = async (setting: string): Promise<number> => {
      const client = await (await batching({ flush_interval: setting })).client({ encoding }, { capabilities: { batch: true } });
      const startMs = performance.now();
      await client.call('tool.list', { limit: 1 });
      return performance.now() - startMs;
    };
    expect(await answersIn('400ms')).toBeGreaterThan(390);
    expect(await answersIn('0')).toBeLessThan(390);
  });
});

describe.each(ENCODINGS)('both directions in %s', (encoding) => {
  it('the server asks an agent to run a tool that it registered', async () => {
    const server = await sharedServer({});
    const name = `double_${encoding}`;
    const [worker, asker] = [await server.client({ encoding }, { capabilities: { tools: true } }), await server.client({ encoding })];
    await worker.call('tool.register', { tools: [{ name, description: 'Doubles', inputSchema: { type: 'object' } }] });
    const result = asker.call('tool.execute', { name, arguments: { n: 21 } });
    const asked = await worker.nextRequest('tool.execute');
    expect(asked.params).toMatchObject({ name, arguments: { n: 21 } });
    worker.respond(asked.id ?? '', {
      tool: name,
      status: 'completed',
      result: { content: [{ type: 'text', text: '42' }] },
      duration_ms: 1,
    });
    expect(await result).toMatchObject({ status: 'completed', result: { content: [{ type: 'text', text: '42' }] } });
  });
});

describe('sockets', () => {
  it('have TCP_NODELAY set: an answer does not wait for the one before to be acknowledged', async () => {
    const server = await startServer({ nodeArgs: SPIED });
    await server.client();
    expect(spied(server, 'upgrade')).toMatchObject([{ noDelay: true }]);
  });

  it('hundreds of idle connections cost little memory each', async () => {
    const server = await startServer({ nodeArgs: SPIED });
    const open = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) await server.client();
    };
    await open(50); // what is made once is not the connections'
    const before = await memoryBytes(server);
    await open(300);
    expect((await memoryBytes(server)) - before).toBeLessThan(300 * 24 * 1024);
  });
});
