import { resolve } from 'node:path';

import { afterEach, beforeAll, describe, expect, it } from 'vitest';

import { startServer, type TestServer } from '../support/start-server.js';
import type { TestClient } from '../support/test-client.js';

const SLOW_SERVER = resolve(import.meta.dirname, '../support/fixtures/slow-server.js');
const HEALTH = '/api/v1/websocket/health';

describe('GET /api/v1/websocket/health', () => {
  let server: TestServer;
  const clients: TestClient[] = [];
  const health = () => server.rest('GET', HEALTH, undefined, null);
  const connect = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) clients.push(await server.client());
  };

  beforeAll(async () => {
    server = await startServer({ config: { websocket: { max_connections: 10, rate_limit: { burst: 30, rate: 0.1 } } } });
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
  });

  it('answers anybody, in the shape of the guide', async () => {
    await connect(1);
    expect(await health()).toMatchObject({
      status: 200,
      body: {
        status: 'healthy',
        checks: {
          connections: { status: 'healthy', active: 1, max: 10, utilization: 0.1 },
          rate_limiter: { status: 'healthy', error_rate: 0 },
        },
      },
    });
  });

  it('is degraded when nine connections in ten are taken, and answers 503', async () => {
    await connect(9);
    expect(await health()).toMatchObject({
      status: 503,
      body: { status: 'degraded', checks: { connections: { status: 'degraded', utilization: 0.9 } } },
    });
  });

  it('is unhealthy when the server is full, and answers 503', async () => {
    await connect(10);
    expect(await health()).toMatchObject({
      status: 503,
      body: { status: 'unhealthy', checks: { connections: { status: 'unhealthy', active: 10 } } },
    });
    await expect(server.connect()).rejects.toMatchObject({ status: 503 });
  });

  it('stays healthy when the rate limiter refuses much of the traffic: an agent alone is no reason to wake anybody', async () => {
    await connect(1);
    const [client] = clients as [TestClient];
    const answers = await Promise.all(Array.from({ length: 60 }, () => client.request('tool.list')));
    const refused = answers.filter(({ error }) => error?.code === 4002).length;
    expect(refused).toBeGreaterThan(25);
    expect(await health()).toMatchObject({ status: 200, body: { checks: { rate_limiter: { status: 'healthy', error_rate: 0 } } } });
  });
});

describe('health of a server with a handler that throws', () => {
  it('is not healthy when much of the traffic fails by the server’s own fault, and tells the share', async () => {
    const server = await startServer({ main: SLOW_SERVER });
    const client = await server.client();
    await Promise.all(Array.from({ length: 30 }, () => client.request('test.crash')));
    const { status, body } = await server.rest('GET', HEALTH, undefined, null);
    expect(status).toBe(503);
    expect(body.checks.rate_limiter.status).not.toBe('healthy');
    expect(body.checks.rate_limiter.error_rate).toBeGreaterThan(0.1);
  });
});

describe('health of a server whose WebSocket side is disabled', () => {
  it('is healthy, since that is on purpose, and tells so', async () => {
    const server = await startServer({ env: { WEBSOCKET_ENABLED: 'false' } });
    expect(await server.rest('GET', HEALTH, undefined, null)).toMatchObject({
      status: 200,
      body: { status: 'healthy', checks: { connections: { status: 'healthy', disabled: true } } },
    });
    expect((await server.rest('GET', '/health/ready', undefined, null)).status).toBe(200);
  });
});

describe('the probes', () => {
  it('say that the process lives and that it is ready, to anybody', async () => {
    const server = await startServer();
    expect(await server.rest('GET', '/health/live', undefined, null)).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await server.rest('GET', '/health/ready', undefined, null)).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  it('readiness fails as soon as a drain begins, while the process still lives', async () => {
    const server = await startServer({ main: SLOW_SERVER, config: { websocket: { drain_spread: '0', drain_timeout: '60s' } } });
    const client = await server.client();
    const { id, answer } = client.begin('test.slow', { ms: 60_000, value: 'holds the drain' });
    await client.settle();
    server.process.signal('SIGTERM');
    await client.next('server.draining');
    expect((await server.rest('GET', '/health/ready', undefined, null)).status).toBe(503);
    expect((await server.rest('GET', '/health/live', undefined, null)).status).toBe(200);
    expect((await server.rest('GET', HEALTH, undefined, null)).body.status).toBe('unhealthy');
    expect(await client.call('tool.cancel', { request_id: id })).toEqual({ cancelled: true });
    expect((await answer).error).toMatchObject({ code: 4006 });
    expect((await client.closed).code).toBe(4503);
    expect((await server.process.exited).code).toBe(0);
  });
});
