import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { beforeEach, describe, expect, it } from 'vitest';

import type { Config } from '../config/config.js';
import { loadConfig } from '../config/load-config.js';
import { TrafficMeter } from '../connection/traffic-meter.js';
import { RateLimiter } from './rate-limiter.js';

function configOf(env: Record<string, string>): Config {
  const loaded = loadConfig(env, () => '');
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

const peer = (address: string, id: string, tenant: string) => ({ address, identity: { principal: { id, tenant, scopes: [] } } });

/** How many messages pass at one moment. */
function passed(limiter: RateLimiter, from: ReturnType<typeof peer>, now: number, most = 10_000): number {
  let count = 0;
  while (count < most && limiter.admit(from, now) === undefined) count++;
  return count;
}

describe('RateLimiter', () => {
  let limiter: RateLimiter;
  beforeEach(() => {
    limiter = new RateLimiter(configOf({ MCPW_WEBSOCKET_RATE_LIMIT_RATE: '1', MCPW_WEBSOCKET_RATE_LIMIT_BURST: '10' }), new TrafficMeter());
  });

  it('refuses by the bucket that is empty, and names it', () => {
    const connections = Array.from({ length: 30 }, () => peer('192.0.2.1', 'key:1', 't'));
    const counts = connections.map((one) => passed(limiter, one, 0));
    expect(counts.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 10));
    expect(counts.slice(10).every((count) => count === 0)).toBe(true);
    expect(limiter.admit(connections[0] as never, 0)?.data).toMatchObject({ scope: 'connection', retry_after_ms: 1000 });
    expect(limiter.admit(connections[20] as never, 0)?.data).toMatchObject({ scope: 'ip', retry_after_ms: 100 });
    expect(passed(limiter, peer('192.0.2.2', 'key:1', 't'), 0)).toBe(0);
    expect(limiter.admit(peer('192.0.2.2', 'key:1', 't'), 0)?.data).toMatchObject({ scope: 'user' });
    expect(passed(limiter, peer('192.0.2.3', 'key:2', 't'), 0)).toBe(10);
  });

  it('gives no second bucket beside one that a connection still has, however long it was full', () => {
    const first = peer('192.0.2.1', 'key:1', 't');
    passed(limiter, first, 0, 1);
    for (const now of [1e6, 2e6, 3e6]) limiter.sweep(now);
    const others = Array.from({ length: 20 }, () => peer('192.0.2.1', 'key:1', 't'));
    const all = [first, ...others].reduce((sum, one) => sum + passed(limiter, one, 3e6), 0);
    expect(all).toBe(100);
  });

  it('keeps what is not full, and in time forgets what nobody has', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    for (let i = 0; i < 50_000; i++) limiter.admit(peer(`198.51.${i >> 8}.${i & 255}`, `key:${i}`, 't'), 0);
    limiter.sweep(1);
    expect(limiter.size).toBeGreaterThan(100_000);
    limiter.sweep(1e9);
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      collect();
      limiter.sweep(1e9);
      expect(limiter.size).toBeLessThan(1000);
    });
  });

  it('tells who goes on in spite of refusals', () => {
    const abuser = peer('192.0.2.9', 'key:9', 't');
    passed(limiter, abuser, 0);
    expect(limiter.isIgnored(abuser, 0)).toBe(false);
    for (let i = 0; i < 100; i++) limiter.admit(abuser, 0);
    expect(limiter.isIgnored(abuser, 0)).toBe(true);
  });
});
