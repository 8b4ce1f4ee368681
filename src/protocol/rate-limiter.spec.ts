import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { beforeEach, describe, expect, it } from 'vitest';

import type { Config } from '../config/config.js';
import { loadConfig } from '../config/load-config.js';
import { TrafficMeter } from '../connection/traffic-meter.js';
import type { Rate } from '../limits/limit.js';
import type { LimitStore } from '../limits/limit-store.js';
import { RateLimiter } from './rate-limiter.js';

function configOf(env: Record<string, string>): Config {
  const loaded = loadConfig(env, () => '');
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

const peer = (address: string, id: string, tenant: string) => ({ address, identity: { principal: { id, tenant, scopes: [] } } });

/** Limits that a test sets. */
class FakeLimits implements Pick<LimitStore, 'ofKey' | 'ofTenant' | 'onChanged'> {
  private readonly rates = new Map<string, Rate>();
  private changed: () => void = () => undefined;

  set(target: string, rate: Rate | undefined): void {
    if (rate === undefined) this.rates.delete(target);
    else this.rates.set(target, rate);
    this.changed();
  }

  ofKey = (id: string): Rate | undefined => this.rates.get(`key:${id}`);
  ofTenant = (tenant: string): Rate | undefined => this.rates.get(`tenant:${tenant}`);
  onChanged(listener: Parameters<LimitStore['onChanged']>[0]): () => void {
    this.changed = listener as () => void;
    return () => undefined;
  }
}

/** How many messages pass at one moment. */
function passed(limiter: RateLimiter, from: ReturnType<typeof peer>, now: number, most = 10_000): number {
  let count = 0;
  while (count < most && limiter.admit(from, now) === undefined) count++;
  return count;
}

describe('RateLimiter', () => {
  let limiter: RateLimiter;
  let limits: FakeLimits;
  const make = (env: Record<string, string> = {}): RateLimiter => {
    limits = new FakeLimits();
    const config = configOf({ MCPW_WEBSOCKET_RATE_LIMIT_RATE: '1', MCPW_WEBSOCKET_RATE_LIMIT_BURST: '10', ...env });
    return new RateLimiter(config, new TrafficMeter(), limits as never);
  };
  beforeEach(() => {
    limiter = make();
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

  it('keeps no more buckets than it may, whoever many come at once', () => {
    for (let i = 0; i < 210_000; i++) limiter.admit(peer(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, 'key:1', 't'), 0);
    expect(limiter.size).toBeLessThanOrEqual(200_000);
  });

  it('counts an IPv6 network as one address', () => {
    const network = Array.from({ length: 20 }, (_, i) => peer(`2001:db8::${i.toString(16)}`, `key:${i}`, `t${i}`));
    expect(network.reduce((sum, one) => sum + passed(limiter, one, 0), 0)).toBe(100);
    expect(passed(limiter, peer('2001:db8:0:1::1', 'key:x', 'tx'), 0)).toBe(10);
  });

  it('takes a changed limit at the next message, of open connections too, and what was taken stays taken', () => {
    const [one, other] = [peer('192.0.2.1', 'key:1', 't'), peer('192.0.2.2', 'key:2', 't')];
    expect(passed(limiter, one, 0)).toBe(10);
    limits.set('key:1', { rate: 1, burst: 25 });
    expect(passed(limiter, one, 0)).toBe(15);
    expect(limiter.ofConnectionOf(one.identity.principal)).toEqual({ rate: 1, burst: 25 });
    expect(passed(limiter, other, 0)).toBe(10);
    limits.set('tenant:t', { rate: 1, burst: 3 });
    expect(passed(limiter, peer('192.0.2.3', 'key:3', 't'), 0)).toBe(3);
    expect(limiter.admit(peer('192.0.2.4', 'key:4', 't'), 0)?.data).toMatchObject({ scope: 'tenant' });
    limits.set('tenant:t', undefined);
    limits.set('key:1', undefined);
    expect(passed(limiter, peer('192.0.2.5', 'key:5', 't'), 0)).toBe(10);
    expect(limiter.admit(one, 0)?.data).toMatchObject({ scope: 'connection' });
  });

  it('has the limit of a tenant and of a key where the configuration limits neither', () => {
    limiter = make({ MCPW_WEBSOCKET_RATE_LIMIT_PER_USER: 'false', MCPW_WEBSOCKET_RATE_LIMIT_PER_TENANT: 'false' });
    const one = peer('192.0.2.1', 'key:1', 't');
    limiter.admit(one, 0);
    limits.set('tenant:t', { rate: 1, burst: 3 });
    expect(passed(limiter, one, 0)).toBe(3);
  });

  it('tells who goes on in spite of refusals', () => {
    const abuser = peer('192.0.2.9', 'key:9', 't');
    passed(limiter, abuser, 0);
    expect(limiter.isIgnored(abuser, 0)).toBe(false);
    for (let i = 0; i < 100; i++) limiter.admit(abuser, 0);
    expect(limiter.isIgnored(abuser, 0)).toBe(true);
  });
});
