// Token buckets of connection, IP, user and tenant (PROTOCOL.md §8). Each connection holds its four; shared ones are dropped
// by a sweep once they are full again, for then forgetting them changes nothing.
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

import { Config } from '../config/config.js';
import { TokenBucket } from '../connection/token-bucket.js';
import { TrafficMeter, type RateScope } from '../connection/traffic-meter.js';
import { Failure } from '../extension/failure.js';
import type { Principal } from '../extension/principal.js';

const SWEEP_MS = 30_000;
/** A peer that has been refused this many bursts, and more, is not listening: 4429. */
const IGNORED_BURSTS = 10;

/** What is limited: a connection, or what stands for one where there is none. */
export interface LimitedPeer {
  readonly address: string;
  readonly identity: { readonly principal: Principal } | undefined;
}

interface Buckets {
  readonly all: readonly TokenBucket[];
  readonly scopes: readonly RateScope[];
  /** Empties as refusals go unheeded. */
  readonly patience: TokenBucket;
}

@Injectable()
export class RateLimiter implements OnApplicationBootstrap, OnModuleDestroy {
  /** A bucket that is full again is held weakly: found as long as a connection has it, so that nobody gets a second one beside it. */
  private readonly shared = new Map<string, TokenBucket | WeakRef<TokenBucket>>();
  private readonly ofConnection = new WeakMap<LimitedPeer, Buckets>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(Config) private readonly config: Config,
    private readonly meter: TrafficMeter,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.sweep(performance.now()), SWEEP_MS);
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Looks the connection's buckets up again, as when it has learned who it is. */
  identify(connection: LimitedPeer): void {
    this.ofConnection.delete(connection);
  }

  /**
   * Takes a token of each bucket, or of none.
   * @param now of the performance clock, ms
   * @returns why not; undefined where it may pass
   */
  admit(connection: LimitedPeer, now: number): Failure | undefined {
    if (!this.config.websocket.rateLimit.enabled) return undefined;
    const buckets = this.ofConnection.get(connection) ?? this.open(connection, now);
    const { all } = buckets;
    for (let i = 0; i < all.length; i++) {
      if (!(all[i] as TokenBucket).has(now)) return this.refuse(buckets, i, now);
    }
    for (let i = 0; i < all.length; i++) (all[i] as TokenBucket).take();
    return undefined;
  }

  /** Whether the peer has gone on in spite of many refusals. */
  isIgnored(connection: LimitedPeer, now: number): boolean {
    const patience = this.ofConnection.get(connection)?.patience;
    return patience !== undefined && !patience.has(now);
  }

  /** Shared buckets that are kept now. */
  get size(): number {
    return this.shared.size;
  }

  sweep(now: number): void {
    for (const [key, held] of this.shared) {
      if (held instanceof TokenBucket) {
        if (held.isFull(now)) this.shared.set(key, new WeakRef(held));
      } else if (held.deref() === undefined) this.shared.delete(key);
    }
  }

  private refuse({ all, scopes, patience }: Buckets, index: number, now: number): Failure {
    const scope = scopes[index] as RateScope;
    if (patience.has(now)) patience.take();
    this.meter.refusedByRate(scope);
    const retryAfterMs = (all[index] as TokenBucket).waitMs();
    return new Failure('rate_limited', `the ${scope}'s rate limit is reached`, { retry_after_ms: retryAfterMs, scope });
  }

  private open(connection: LimitedPeer, now: number): Buckets {
    const limits = this.config.websocket.rateLimit;
    const all = [new TokenBucket(limits.rate, limits.burst, now)];
    const scopes: RateScope[] = ['connection'];
    const share = (isOn: boolean, scope: RateScope, key: string | undefined, rate: number, burst: number): void => {
      if (!isOn || key === undefined) return;
      all.push(this.sharedBucket(`${scope}:${key}`, rate, burst, now));
      scopes.push(scope);
    };
    const principal = connection.identity?.principal;
    share(limits.perIp, 'ip', connection.address, limits.ipRate, limits.ipBurst);
    share(limits.perUser, 'user', principal?.id, limits.userRate, limits.userBurst);
    share(limits.perTenant, 'tenant', principal?.tenant, limits.tenantRate, limits.tenantBurst);
    const buckets = { all, scopes, patience: new TokenBucket(limits.rate, limits.burst * IGNORED_BURSTS, now) };
    this.ofConnection.set(connection, buckets);
    return buckets;
  }

  private sharedBucket(key: string, rate: number, burst: number, now: number): TokenBucket {
    const known = this.shared.get(key);
    const bucket = (known instanceof WeakRef ? known.deref() : known) ?? new TokenBucket(rate, burst, now);
    this.shared.set(key, bucket);
    return bucket;
  }
}
