import { get } from 'node:http';

import { beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../support/deadline.js';
import { ALL_SCOPES, createKey } from '../support/keys.js';
import { sharedServer, startServer, type TestServer } from '../support/start-server.js';

const METRICS = '/api/v1/websocket/metrics';
const STATS = '/api/v1/websocket/stats';

/** The value of one series. */
function valueOf(exposition: string, series: string): number {
  const line = exposition.split('\n').find((text) => text.startsWith(`${series} `));
  if (line === undefined) throw new Error(`no ${series} in\n${exposition}`);
  return Number(line.slice(series.length + 1));
}

describe('GET /api/v1/websocket/metrics', () => {
  let server: TestServer;
  const metrics = async (): Promise<string> => (await server.rest('GET', METRICS, undefined, null)).body as string;

  beforeAll(async () => {
    server = await sharedServer({});
  });

  it('websocket_connections_total and websocket_connections_active follow connections that come and go', async () => {
    const before = await metrics();
    const [one] = await Promise.all([server.client(), server.client()]);
    const during = await metrics();
    expect(valueOf(during, 'websocket_connections_total') - valueOf(before, 'websocket_connections_total')).toBe(2);
    expect(valueOf(during, 'websocket_connections_active') - valueOf(before, 'websocket_connections_active')).toBe(2);
    await one.close();
    const after = await eventually('one connection less', async () => {
      const now = await metrics();
      return valueOf(now, 'websocket_connections_active') === valueOf(during, 'websocket_connections_active') - 1 ? now : undefined;
    });
    expect(valueOf(after, 'websocket_connections_total')).toBe(valueOf(during, 'websocket_connections_total'));
  });

  it('websocket_messages_received, websocket_messages_sent and websocket_message_latency follow requests', async () => {
    const client = await server.client();
    const before = await metrics();
    for (let i = 0; i < 5; i++) await client.call('tool.list');
    const after = await metrics();
    for (const name of ['websocket_messages_received', 'websocket_messages_sent'])
      expect(valueOf(after, name) - valueOf(before, name)).toBe(5);
    expect(valueOf(after, 'websocket_message_latency_count{method="tool.list"}')).toBe(5);
    expect(valueOf(after, 'websocket_message_latency_bucket{le="+Inf",method="tool.list"}')).toBe(5);
    expect(valueOf(after, 'websocket_message_latency_sum{method="tool.list"}')).toBeGreaterThan(0);
  });

  it('websocket_errors_total counts errors by type', async () => {
    const client = await server.client();
    await client.request('context.get', { context_id: 'none' });
    await client.request('context.get', { context_id: 'none' });
    expect(valueOf(await metrics(), 'websocket_errors_total{type="not_found"}')).toBe(2);
  });

  it('labels never hold what a client sent', async () => {
    const client = await server.connect();
    await client.initialize({ name: 'marker-agent-name' });
    await client.request('marker.method');
    await client.request('tool.execute', { name: 'marker_tool' });
    await client.close(4999, 'marker-reason');
    await eventually('the close', async () =>
      valueOf(await metrics(), 'websocket_connections_closed_total{code="other"}') > 0 ? true : undefined,
    );
    const exposition = await metrics();
    expect(exposition).not.toContain('marker');
    expect(exposition).not.toContain('"4999"');
  });

  it('tells of the process and the event loop', async () => {
    const exposition = await metrics();
    expect(valueOf(exposition, 'process_resident_memory_bytes')).toBeGreaterThan(1e7);
    expect(exposition).toContain('nodejs_eventloop_lag_seconds');
  });
});

describe('who may read the metrics', () => {
  const status = async (server: TestServer, key: string | null) => (await server.rest('GET', METRICS, undefined, key)).status;

  it('shows metrics to administrators only', async () => {
    const server = await startServer({ env: { HOST: '0.0.0.0' } });
    const agent = await createKey(server);
    expect([await status(server, null), await status(server, agent.key)]).toEqual([401, 403]);
    const asAdmin = await server.rest('GET', METRICS);
    expect(asAdmin.status).toBe(200);
    expect(asAdmin.body).toContain('websocket_connections_total');
  });

  it('a key with the scope metrics:read reads them and nothing else, where it is of the tenant default', async () => {
    const server = await startServer({ env: { HOST: '0.0.0.0' } });
    const scraper = await createKey(server, { scopes: ['metrics:read'] });
    const ofTenant = await createKey(server, { scopes: ['metrics:read', 'admin'], tenant: 'acme' });
    expect([await status(server, scraper.key), await status(server, ofTenant.key)]).toEqual([200, 403]);
    expect((await server.rest('GET', STATS, undefined, scraper.key)).status).toBe(403);
    expect((await server.rest('GET', '/api/v1/keys', undefined, scraper.key)).status).toBe(403);
    const client = await server.client({ key: scraper.key });
    expect((await client.request('tool.list')).error).toMatchObject({ code: 4012 });
  });

  it('all on the machine may, but not who comes by a proxy that adds nothing to the name it was asked for', async () => {
    const server = await startServer();
    const statusFor = async (headers: Record<string, string>): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        get(`${server.url}${METRICS}`, { headers }, (response) => resolve(response.resume().statusCode)).on('error', reject);
      });
    expect(await statusFor({})).toBe(200);
    expect(await statusFor({ host: 'mcp.example.com' })).toBe(401);
    expect(await statusFor({ 'x-forwarded-for': '127.0.0.1' })).toBe(401);
    expect(await statusFor({ host: 'mcp.example.com', authorization: `Bearer ${server.adminKey}` })).toBe(200);
  });

  it('anonymous callers may do what agents may, and no more', async () => {
    const server = await startServer({ env: { WEBSOCKET_AUTH_REQUIRED: 'false' } });
    const client = await server.connect({ anonymous: true });
    expect(new Set((await client.initialize()).principal.scopes)).toEqual(new Set(ALL_SCOPES));
  });
});

describe('GET /api/v1/websocket/stats', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });

  it('needs the scope admin', async () => {
    const agent = await createKey(server);
    expect((await server.rest('GET', STATS, undefined, null)).status).toBe(401);
    expect((await server.rest('GET', STATS, undefined, 'wrong')).status).toBe(401);
    expect((await server.rest('GET', STATS, undefined, agent.key)).status).toBe(403);
  });

  it('tells connections by state, messages, errors by code, latency, event loop and memory', async () => {
    const client = await server.client();
    await server.connect();
    await client.call('tool.list');
    await client.request('context.get', { context_id: 'none' });
    const { status, body } = await server.rest('GET', STATS);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      connections: { total: 2, active: 2, max: 1000, by_state: { connecting: 1, connected: 1, closing: 0 } },
      messages: { received: 3, sent: 3, handled: 3 },
      errors: { total: 1, by_code: { '4009': 1 } },
      methods: { 'tool.list': { count: 1 }, 'context.get': { count: 1 } },
    });
    expect(body.uptime_seconds).toBeGreaterThanOrEqual(0);
    expect(body.event_loop.delay_ms.p99).toBeGreaterThanOrEqual(0);
    expect(body.memory.rss_bytes).toBeGreaterThan(1e7);
  });
});

describe('GET /api/docs', () => {
  it('describes the HTTP side, and loads nothing from elsewhere', async () => {
    const server = await sharedServer({});
    const page = await server.rest('GET', '/api/docs', undefined, null);
    expect(page.status).toBe(200);
    expect(page.body).not.toMatch(/(?:src|href)=["'](?:https?:)?\/\//);
    const document = await server.rest('GET', '/api/docs/openapi.json', undefined, null);
    expect(Object.keys(document.body.paths)).toEqual(
      expect.arrayContaining(['/api/v1/keys', '/api/v1/websocket/tickets', '/api/v1/websocket/health', STATS, METRICS, '/health/ready']),
    );
  });
});
