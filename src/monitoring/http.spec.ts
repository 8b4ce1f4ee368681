// The HTTP answers of the module's controllers, on Fastify.
import { Module } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { TerminusModule } from '@nestjs/terminus';
import { Test } from '@nestjs/testing';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { HttpAuthGuard } from '../auth/http-auth.guard.js';
import { Config } from '../config/config.js';
import { ConnectionRegistry } from '../connection/connection-registry.js';
import { Readiness } from '../connection/readiness.js';
import { TrafficMeter } from '../connection/traffic-meter.js';
import { Failure } from '../extension/failure.js';
import { Database } from '../storage/database.js';
import { ConnectionsCheck } from './connections.check.js';
import { EventLoopDelay } from './event-loop-delay.js';
import { HEALTH_CHECKS, type HealthCheck } from './health-check.js';
import { MetricsController } from './metrics.controller.js';
import { ProbesController } from './probes.controller.js';
import { ErrorRateCheck } from './error-rate.check.js';
import { ServerHealth } from './server-health.js';
import { ServerStats } from './server-stats.js';
import { StatusController } from './status.controller.js';
import { StorageCheck } from './storage.check.js';
import { TrafficMetrics } from './traffic-metrics.js';

const world = { active: 0, isReady: true, databaseFails: false };
const config = {
  host: '127.0.0.1',
  websocket: { enabled: true, maxConnections: 10 },
};
const guard = {
  canActivate: () => {
    throw new Failure('authentication_failed', 'who are you');
  },
};

@Module({
  providers: [
    { provide: Config, useValue: config },
    { provide: HttpAuthGuard, useValue: guard },
  ],
  exports: [Config, HttpAuthGuard],
})
class Surroundings {}

const prometheus = {
  ...PrometheusModule.register({ path: 'api/v1/websocket/metrics', controller: MetricsController }),
  imports: [Surroundings],
};

describe('monitoring over HTTP', () => {
  let app: NestFastifyApplication;
  let meter: TrafficMeter;

  beforeEach(async () => {
    Object.assign(world, { active: 0, isReady: true, databaseFails: false });
    const module = await Test.createTestingModule({
      imports: [Surroundings, TerminusModule.forRoot({ logger: false }), prometheus],
      controllers: [StatusController, ProbesController],
      providers: [
        TrafficMeter,
        {
          provide: ConnectionRegistry,
          useValue: {
            get size() {
              return world.active;
            },
            countByState: () => [1, world.active - 1, 0, 0],
          },
        },
        { provide: Readiness, useValue: { isReady: () => world.isReady, reason: 'draining' } },
        {
          provide: Database,
          useValue: { check: async () => (world.databaseFails ? Promise.reject(new Error('secret path')) : undefined) },
        },
        ConnectionsCheck,
        ErrorRateCheck,
        StorageCheck,
        {
          provide: HEALTH_CHECKS,
          useFactory: (...checks: HealthCheck[]) => checks,
          inject: [ConnectionsCheck, ErrorRateCheck, StorageCheck],
        },
        ServerHealth,
        ServerStats,
        EventLoopDelay,
        TrafficMetrics,
      ],
    })
      .overrideGuard(HttpAuthGuard)
      .useValue(guard)
      .compile();
    app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    meter = app.get(TrafficMeter);
    meter.registerMethods(['tool.list']);
  });
  afterEach(() => app.close());

  const get = (url: string, headers: Record<string, string> = {}) => app.inject({ method: 'GET', url, headers });

  describe('GET /api/v1/websocket/health', () => {
    const health = () => get('/api/v1/websocket/health');

    it('answers in the shape of the guide', async () => {
      world.active = 2;
      const answer = await health();
      expect(answer.statusCode).toBe(200);
      expect(answer.json()).toEqual({
        status: 'healthy',
        checks: {
          connections: { status: 'healthy', active: 2, max: 10, utilization: 0.2 },
          rate_limiter: { status: 'healthy', error_rate: 0 },
        },
      });
    });

    it('answers 503 while degraded', async () => {
      world.active = 9;
      const answer = await health();
      expect(answer.statusCode).toBe(503);
      expect(answer.json()).toMatchObject({ status: 'degraded', checks: { connections: { status: 'degraded' } } });
    });

    it('answers 503 while unhealthy, with the worst of the checks as its status', async () => {
      world.active = 9;
      world.databaseFails = true;
      const answer = await health();
      expect(answer.statusCode).toBe(503);
      expect(answer.json()).toMatchObject({
        status: 'unhealthy',
        checks: { connections: { status: 'degraded' }, storage: { status: 'unhealthy' } },
      });
      expect(answer.body).not.toContain('secret');
    });

    it('fails by what fails by the server’s own fault', async () => {
      for (let i = 0; i < 100; i++) {
        meter.received(1);
        meter.failed('server_error');
      }
      expect((await health()).json()).toMatchObject({
        status: 'unhealthy',
        checks: { rate_limiter: { status: 'unhealthy', error_rate: 1 } },
      });
    });
  });

  describe('GET /api/v1/websocket/metrics', () => {
    const metrics = (headers?: Record<string, string>) => get('/api/v1/websocket/metrics', headers);

    it('exposes the six metrics of the guide by their names', async () => {
      meter.connectionOpened();
      meter.connectionOpened();
      meter.connectionClosed(4999);
      meter.received(10);
      meter.sent(3, 30);
      meter.failed('rate_limited');
      meter.handled(0, 700);
      const answer = await metrics();
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
      expect(answer.body.split('\n')).toEqual(
        expect.arrayContaining([
          '# TYPE websocket_connections_total counter',
          'websocket_connections_total 2',
          'websocket_connections_active 1',
          'websocket_messages_sent 3',
          'websocket_messages_received 1',
          '# TYPE websocket_message_latency histogram',
          'websocket_message_latency_bucket{le="0.0005",method="tool.list"} 0',
          'websocket_message_latency_bucket{le="0.001",method="tool.list"} 1',
          'websocket_message_latency_bucket{le="+Inf",method="tool.list"} 1',
          'websocket_message_latency_sum{method="tool.list"} 0.0007',
          'websocket_message_latency_count{method="tool.list"} 1',
          'websocket_errors_total{type="rate_limited"} 1',
          'websocket_errors_total{type="server_error"} 0',
          'websocket_connections_closed_total{code="other"} 1',
        ]),
      );
      expect(answer.body).not.toContain('4999');
    });

    it('exposes the process and the event loop as well', async () => {
      const { body } = await metrics();
      expect(body).toMatch(/^process_resident_memory_bytes \d/m);
      expect(body).toMatch(/^nodejs_eventloop_lag_seconds /m);
    });
  });

  it('GET /api/v1/websocket/stats asks who is calling', async () => {
    const answer = await get('/api/v1/websocket/stats');
    expect(answer.statusCode).not.toBe(200);
    expect(answer.body).not.toContain('connections');
  });

  it('ServerStats reports connections by state, messages, errors by code, latency and the process', () => {
    world.active = 3;
    meter.connectionOpened();
    meter.connectionClosed(1000);
    meter.received(10);
    meter.failed('not_found');
    meter.handled(0, 700);
    expect(app.get(ServerStats).report()).toMatchObject({
      uptime_seconds: expect.any(Number),
      connections: { total: 1, active: 3, max: 10, by_state: { connecting: 1, connected: 2, closing: 0 }, closed: { '1000': 1 } },
      messages: { received: 1, sent: 0, received_bytes: 10, sent_bytes: 0, handled: 1 },
      errors: { total: 1, by_code: { '4009': 1 } },
      rate_limit: { refused: { connection: 0 } },
      methods: { 'tool.list': { count: 1, mean_ms: 0.7, p50_ms: 1 } },
      event_loop: { delay_ms: { mean: expect.any(Number) }, utilization: expect.any(Number) },
      memory: { rss_bytes: expect.any(Number), heap_used_bytes: expect.any(Number) },
    });
  });

  describe('the probes', () => {
    it('live answers while the process runs', async () => {
      Object.assign(world, { isReady: false, databaseFails: true });
      const answer = await get('/health/live');
      expect([answer.statusCode, answer.json().status]).toEqual([200, 'ok']);
    });

    it('ready answers 200 while connections are accepted and the database answers', async () => {
      const answer = await get('/health/ready');
      expect([answer.statusCode, answer.json().status]).toEqual([200, 'ok']);
    });

    it.each([
      [{ isReady: false }, 'server'],
      [{ databaseFails: true }, 'storage'],
    ])('ready answers 503 with %o', async (change, failing) => {
      Object.assign(world, change);
      const answer = await get('/health/ready');
      expect(answer.statusCode).toBe(503);
      expect(Object.keys(answer.json().error)).toEqual([failing]);
    });
  });
});
