import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Config } from '../config/config.js';
import type { ConnectionRegistry } from '../connection/connection-registry.js';
import { TrafficMeter } from '../connection/traffic-meter.js';
import type { Database } from '../storage/database.js';
import { ConnectionsCheck } from './connections.check.js';
import { ErrorRateCheck } from './error-rate.check.js';
import { STORAGE_TIMEOUT_MS, StorageCheck } from './storage.check.js';

describe('ConnectionsCheck', () => {
  const check = (active: number, { enabled = true, ready = true } = {}) =>
    new ConnectionsCheck({ size: active } as ConnectionRegistry, { isReady: () => ready, reason: undefined }, {
      websocket: { enabled, maxConnections: 1000 },
    } as Config).read();

  it('reads the numbers of the guide', () => {
    expect(check(45)).toEqual({ status: 'healthy', active: 45, max: 1000, utilization: 0.045 });
  });

  it.each([
    [0, 'healthy'],
    [899, 'healthy'],
    [900, 'degraded'],
    [999, 'degraded'],
    [1000, 'unhealthy'],
  ])('with %i of 1000 connections is %s', (active, status) => {
    expect(check(active).status).toBe(status);
  });

  it('is unhealthy where no connection would be accepted', () => {
    expect(check(0, { ready: false }).status).toBe('unhealthy');
    expect(check(0, { enabled: false, ready: false }).status).toBe('unhealthy');
  });

  it('is healthy, and says so, where there are to be none', () => {
    expect(check(0, { enabled: false })).toEqual({ status: 'healthy', active: 0, max: 1000, utilization: 0, disabled: true });
  });
});

describe('ErrorRateCheck', () => {
  let meter: TrafficMeter;
  let check: ErrorRateCheck;
  const traffic = (received: number, failed: number): void => {
    for (let i = 0; i < received; i++) meter.received(10);
    for (let i = 0; i < failed; i++) meter.failed('server_error');
  };
  beforeEach(() => {
    meter = new TrafficMeter();
    check = new ErrorRateCheck(meter);
  });

  it('is healthy without traffic', () => {
    expect(check.read()).toEqual({ status: 'healthy', error_rate: 0 });
  });

  it.each([
    [1000, 1, 'healthy', 0.001],
    [100, 10, 'degraded', 0.1],
    [100, 50, 'unhealthy', 0.5],
  ])('of %i messages with %i that failed is %s', (received, failed, status, errorRate) => {
    traffic(received, failed);
    expect(check.read()).toEqual({ status, error_rate: errorRate });
  });

  it('says nothing about a handful of messages', () => {
    traffic(10, 10);
    expect(check.read()).toEqual({ status: 'healthy', error_rate: 1 });
  });

  it('never exceeds 1, though a batch is one message received and many that failed', () => {
    traffic(20, 2000);
    expect(check.read()).toEqual({ status: 'unhealthy', error_rate: 1 });
  });

  it('does not count what callers cause', () => {
    traffic(100, 0);
    for (let i = 0; i < 90; i++) {
      for (const scope of ['connection', 'ip', 'user', 'tenant', 'tool', 'handshake'] as const) meter.refusedByRate(scope);
      for (const name of ['rate_limited', 'invalid_params', 'not_found', 'timed_out', 'unavailable'] as const) meter.failed(name);
    }
    expect(check.read()).toEqual({ status: 'healthy', error_rate: 0 });
  });

  describe('with time', () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    it('forgets what is older than a minute', () => {
      check.onModuleInit();
      traffic(100, 100);
      vi.advanceTimersByTime(55_000);
      expect(check.read().status).toBe('unhealthy');
      vi.advanceTimersByTime(10_000);
      expect(check.read()).toEqual({ status: 'healthy', error_rate: 0 });
      check.onModuleDestroy();
      expect(vi.getTimerCount()).toBe(0);
    });
  });
});

describe('StorageCheck', () => {
  const read = (answer: () => Promise<void>) => new StorageCheck({ check: answer } as Database).read();

  it('is healthy while the database answers', async () => {
    expect(await read(async () => undefined)).toEqual({ status: 'healthy' });
  });

  it('is unhealthy where the database fails, and does not say how', async () => {
    expect(await read(() => Promise.reject(new Error('disk I/O error')))).toEqual({ status: 'unhealthy' });
  });

  it('is unhealthy where the database does not answer in time', async () => {
    vi.useFakeTimers();
    try {
      const reading = read(() => new Promise(() => undefined));
      await vi.advanceTimersByTimeAsync(STORAGE_TIMEOUT_MS);
      expect(await reading).toEqual({ status: 'unhealthy' });
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
