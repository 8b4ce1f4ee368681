// Token buckets of connection, IP, user and tenant (PROTOCOL.md §8). Each connection holds its four; shared ones are dropped
// by a sweep once they are full again, for then forgetting them changes nothing. Tools' buckets: limits/tool-rate-limits.ts.
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { normalizeIp } from '@nestjs/throttler';

import { Config } from '../config/config.js';
import { TrafficMeter, type RateScope } from '../connection/traffic-meter.js';
import { Failure } from '../extension/failure.js';
import type { Principal } from '../extension/principal.js';
import type { Rate } from '../limits/limit.js';
import { LimitStore } from '../limits/limit-store.js';
import { TokenBucket } from '../limits/token-bucket.js';

const SWEEP_MS = 30_000;
/** A peer that has been refused this many bursts, and more, is not listening: 4429. */
const IGNORED_BURSTS = 10;
/** Shared buckets at once; past it the oldest are forgotten, and begin full again. */
const MAX_SHARED = 200_000;
const FORGOTTEN_AT_ONCE = 2_000;
const KEY_PRINCIPAL = 'key:';

/** What is limited: a connection, or what stands for one where there is none. */
export interface LimitedPeer {
  readonly address: string;
  readonly identity: { readonly principal: Principal } | undefined;
}

/** Those of one connection. No lists: each connection has one of these for as long as it is there. */
interface Buckets {
  readonly own: TokenBucket;
  readonly ip: TokenBucket | undefined;
  readonly user: TokenBucket | undefined;
  readonly tenant: TokenBucket | undefined;
  /** Empties as refusals go unheeded; made at the first refusal. */
  patience: TokenBucket | undefined;
  /** Of the limits that they were made with. */
  readonly generation: number;
}

@Injectable()
export class RateLimiter implements OnApplicationBootstrap, OnModuleDestroy {
  /** A bucket that is full again is held weakly: found as long as a connection has it, so that nobody gets a second one beside it. */
  private readonly shared = new Map<string, TokenBucket | WeakRef<TokenBucket>>();
  private readonly ofConnection = new WeakMap<LimitedPeer, Buckets>();
  /** How often somebody was refused: only then can a patience be at its end. */
  refusals = 0;
  private timer: NodeJS.Timeout | undefined;
  /** Rises when a limit changes: every connection looks its buckets up again at its next message. */
  private generation = 0;
  private readonly stopListening: () => void;

  constructor(
    @Inject(Config) private readonly config: Config,
    private readonly meter: TrafficMeter,
    private readonly limits: LimitStore,
  ) {
    this.stopListening = limits.onChanged(() => this.generation++);
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.sweep(performance.now()), SWEEP_MS);
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
    this.stopListening();
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
    let buckets = this.ofConnection.get(connection);
    if (buckets === undefined || buckets.generation !== this.generation) buckets = this.open(connection, now, buckets);
    const { own, ip, user, tenant } = buckets;
    if (!own.has(now)) return this.refuse(connection, buckets, 'connection', own, now);
    if (ip !== undefined && !ip.has(now)) return this.refuse(connection, buckets, 'ip', ip, now);
    if (user !== undefined && !user.has(now)) return this.refuse(connection, buckets, 'user', user, now);
    if (tenant !== undefined && !tenant.has(now)) return this.refuse(connection, buckets, 'tenant', tenant, now);
    own.take();
    ip?.take();
    user?.take();
    tenant?.take();
    return undefined;
  }

  /** Whether the peer has gone on in spite of many refusals. */
  isIgnored(connection: LimitedPeer, now: number): boolean {
    const patience = this.ofConnection.get(connection)?.patience;
    return patience !== undefined && !patience.has(now);
  }

  /** What one connection of this principal may do: its key's own limit, where it has one. */
  ofConnectionOf(principal: Principal | undefined): Rate {
    return this.ownLimit(principal) ?? this.config.websocket.rateLimit;
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

  private refuse(connection: LimitedPeer, buckets: Buckets, scope: RateScope, empty: TokenBucket, now: number): Failure {
    this.refusals++;
    const patience = (buckets.patience ??= this.patienceWith(connection, now));
    if (patience.has(now)) patience.take();
    this.meter.refusedByRate(scope);
    return new Failure('rate_limited', `the ${scope}'s rate limit is reached`, { retry_after_ms: empty.waitMs(), scope });
  }

  private patienceWith(connection: LimitedPeer, now: number, before?: TokenBucket): TokenBucket {
    const { rate, burst } = this.ofConnectionOf(connection.identity?.principal);
    return adjusted(before, rate, burst * IGNORED_BURSTS, now);
  }

  /** @param before those of this connection with other limits: what was taken of them stays taken */
  private open(connection: LimitedPeer, now: number, before?: Buckets): Buckets {
    const { rateLimit } = this.config.websocket;
    const principal = connection.identity?.principal;
    const { rate, burst } = this.ofConnectionOf(principal);
    const share = (scope: RateScope, key: string | undefined, isOn: boolean, limit: Rate): TokenBucket | undefined =>
      isOn && key !== undefined ? this.sharedBucket(`${scope}:${key}`, limit, now) : undefined;
    const ofKey = this.ownLimit(principal);
    const ofTenant = principal && this.limits.ofTenant(principal.tenant);
    const buckets: Buckets = {
      own: adjusted(before?.own, rate, burst, now),
      ip: share('ip', normalizeIp(connection.address), rateLimit.perIp, { rate: rateLimit.ipRate, burst: rateLimit.ipBurst }),
      user: share(
        'user',
        principal?.id,
        rateLimit.perUser || ofKey !== undefined,
        ofKey ?? { rate: rateLimit.userRate, burst: rateLimit.userBurst },
      ),
      tenant: share(
        'tenant',
        principal?.tenant,
        rateLimit.perTenant || ofTenant !== undefined,
        ofTenant ?? { rate: rateLimit.tenantRate, burst: rateLimit.tenantBurst },
      ),
      patience: before?.patience && this.patienceWith(connection, now, before.patience),
      generation: this.generation,
    };
    this.ofConnection.set(connection, buckets);
    return buckets;
  }

  private ownLimit(principal: Principal | undefined): Rate | undefined {
    return principal?.id.startsWith(KEY_PRINCIPAL) === true ? this.limits.ofKey(principal.id.slice(KEY_PRINCIPAL.length)) : undefined;
  }

  private sharedBucket(key: string, { rate, burst }: Rate, now: number): TokenBucket {
    const known = this.shared.get(key);
    const bucket = adjusted(known instanceof WeakRef ? known.deref() : known, rate, burst, now);
    if (known === undefined && this.shared.size >= MAX_SHARED) this.forgetOldest();
    this.shared.set(key, bucket);
    return bucket;
  }

  /** Many at a time: a map's first entry is found only behind the places of all that went before it. */
  private forgetOldest(): void {
    let forgotten = 0;
    for (const key of this.shared.keys()) {
      if (forgotten++ === FORGOTTEN_AT_ONCE) return;
      this.shared.delete(key);
    }
  }
}

function adjusted(bucket: TokenBucket | undefined, rate: number, burst: number, now: number): TokenBucket {
  if (bucket === undefined) return new TokenBucket(rate, burst, now);
  bucket.setLimits(rate, burst);
  return bucket;
}
