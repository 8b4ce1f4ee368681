// The client keeps to the server's limits by itself, and obeys where it is refused all the same.
import { Client, platform } from '@mcpw/client';
import { beforeAll, describe, expect, it } from 'vitest';

import { createKey } from '../support/keys.js';
import { startServer, type TestServer } from '../support/start-server.js';
import { open } from './opened-clients.js';

const RATE = 50;
const BURST = 20;

let server: TestServer;

beforeAll(async () => {
  server = await startServer({
    config: {
      websocket: {
        max_in_flight: 4,
        max_batch: 7,
        max_message_size: '4KB',
        rate_limit: { rate: RATE, burst: BURST, user_rate: 1000, user_burst: 30, per_ip: false },
      },
    },
  });
});

/** Rate refusals that the server has counted. */
async function refusals(): Promise<number> {
  const { body } = await server.rest('GET', '/api/v1/websocket/metrics');
  const counts = [...String(body).matchAll(/^websocket_errors_total\{[^}]*rate_limited[^}]*\} (\d+)/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

describe.each([false, true])('with batching %s', (batching) => {
  it('asks for more at once than the rate allows, and is refused nothing', async () => {
    const { key } = await createKey(server);
    const before = await refusals();
    const client = await open(server, { key, batching });
    const startedAt = performance.now();
    const answers = await Promise.all(Array.from({ length: 80 }, (_, i) => client.executeTool('echo', { i })));
    expect(answers.map(({ result }) => (result?.structured as { i: number }).i)).toEqual(Array.from({ length: 80 }, (_, i) => i));
    // 80 less the burst, one of which was for initialize, at the rate.
    expect(performance.now() - startedAt).toBeGreaterThan((1000 * (80 - BURST)) / RATE);
    expect((await refusals()) - before).toBeLessThanOrEqual(2);
  });
});

describe('without a limit of its own', () => {
  it('is refused, waits for as long as the server says, and gets every answer', async () => {
    const { key } = await createKey(server);
    const before = await refusals();
    const client = await open(server, { key, rateLimit: false });
    const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => client.executeTool('echo', { i })));
    expect(answers.every(({ status }) => status === 'completed')).toBe(true);
    expect(await refusals()).toBeGreaterThan(before);
  });
});

describe.each(['json', 'binary'] as const)('against a server with the limits that it comes with, in %s', (encoding) => {
  it('without a limit of its own it gets every answer of more than twice the burst, and stays', async () => {
    const usual = await startServer();
    const client = await open(usual, { encoding, rateLimit: false });
    expect(client.session.limits.burst).toBe(100);
    const states: string[] = [];
    client.on('state', ({ state }) => states.push(state));
    const answers = await Promise.all(Array.from({ length: 220 }, (_, i) => client.executeTool('echo', { i })));
    expect(answers.map(({ result }) => (result?.structured as { i: number }).i)).toEqual(Array.from({ length: 220 }, (_, i) => i));
    expect(states).toEqual([]);
    await usual.stop();
  });
});

describe('several clients of one user', () => {
  it('share its limit, which none of them knows, and get every answer', async () => {
    const { key } = await createKey(server);
    const clients = await Promise.all(Array.from({ length: 3 }, () => open(server, { key })));
    const answers = await Promise.all(clients.flatMap((client) => Array.from({ length: 25 }, (_, i) => client.executeTool('echo', { i }))));
    expect(answers.every(({ status }) => status === 'completed')).toBe(true);
  });
});

it('a server that is full is asked again when it said, not before', async () => {
  const full = await startServer({ config: { websocket: { max_connections: 1 } } });
  await open(full);
  const waits: (number | undefined)[] = [];
  const client = new Client(platform, { url: full.wsUrl, key: full.adminKey, name: 'late' });
  const controller = new AbortController();
  client.on('state', ({ retryInMs, error }) => {
    if (error === undefined) return;
    waits.push(retryInMs);
    controller.abort(error);
  });
  await expect(client.connect(controller.signal)).rejects.toMatchObject({ status: 503, code: 4016, retryAfterMs: 5_000 });
  expect(waits[0]).toBeGreaterThanOrEqual(5_000);
  expect(waits[0]).toBeLessThanOrEqual(5_500);
});

it('a message is as large as the server takes, or refused here', async () => {
  const client = await open(server, { security: true });
  const text = (length: number): string => 'x'.repeat(length);
  expect((await client.executeTool('echo', { text: text(3_500) })).status).toBe('completed');
  await expect(client.executeTool('echo', { text: text(4_000) })).rejects.toMatchObject({ name: 'too_large' });
  expect(client.state).toBe('open');
});
