// Keeps subscriptions alive on the server: makes them, makes them again on a connection that did not resume them, tells the
// server what was consumed, and lets go of those whose consumer is slow until there is room again.
import { ErrorCode } from '@mcpw/protocol';

import type { CallOptions } from './calls.js';
import { ConnectionLostError, McpwError } from './errors.js';
import type { NotificationMap, ResultOf } from './method-map.js';
import type { Clock } from './platform.js';
import { LiveSubscription, type SubscribeOptions, type Subscription } from './subscription.js';

export interface SubscriptionsLink {
  request(method: 'event.subscribe' | 'event.unsubscribe', params: unknown, options: CallOptions): Promise<unknown>;
  notify(method: 'session.ack', params: object): void;
}

interface Held {
  readonly subscription: LiveSubscription;
  /** The server's name for it, where it has one. */
  id: string | undefined;
  /** When the server said that it has it. */
  madeAt: number;
  /** Counts the attempts to make it: an answer to an older one is not about this connection. */
  attempt: number;
  /** It waits for its consumer, and the server knows nothing of it. */
  isParked: boolean;
  /** The server could not, and is asked again soon. */
  stopRetry: () => void;
  acknowledged: string | undefined;
}

/** What was consumed is told at most so often. */
const ACK_MS = 5_000;
/** A server that fell in the moment after its answer may resume a session without the subscription: younger ones are made anew. */
const SETTLED_MS = 5_000;
/** The server could not just now: what it had before it will have again. */
const TRANSIENT: ReadonlySet<number> = new Set([ErrorCode.SERVER_ERROR, ErrorCode.TIMED_OUT, ErrorCode.UNAVAILABLE]);
const RETRY_MS = 1_000;
const OWN: CallOptions = { isUrgent: true, timeoutMs: Infinity };

export class Subscriptions {
  private readonly all = new Set<Held>();
  private readonly byId = new Map<string, Held>();
  /** Ids that are being let go of on this connection: what is still under way for them is not ours. */
  private readonly left = new Set<string>();
  /** Events that overtook the answer that tells their subscription's id. */
  private early: { readonly id: string; readonly deliver: (to: Held) => void }[] = [];
  private asking = 0;
  private isConnected = false;
  private lostAt = 0;
  private stopAckTimer: (() => void) | undefined;

  constructor(
    private readonly link: SubscriptionsLink,
    private readonly clock: Clock,
  ) {}

  add<T>(patterns: readonly string[], options: SubscribeOptions): Subscription<T> {
    const subscription = new LiveSubscription<T>(patterns, options, {
      consumed: () => this.acknowledgeSoon(),
      overflowed: () => this.park(held),
      drained: () => this.unpark(held),
      closed: () => this.remove(held),
    });
    const held: Held = {
      subscription: subscription as LiveSubscription,
      id: undefined,
      madeAt: 0,
      attempt: 0,
      isParked: false,
      stopRetry: () => undefined,
      acknowledged: undefined,
    };
    this.all.add(held);
    if (this.isConnected) void this.make(held);
    return subscription;
  }

  /** The newest cursors that came, by the server's ids: where a session that is resumed goes on. */
  cursors(): Record<string, string> {
    const received = [...this.byId].map(([id, { subscription }]) => [id, subscription.received] as const);
    return Object.fromEntries(received.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
  }

  connected(isResumed: boolean): void {
    this.isConnected = true;
    for (const [id, held] of this.byId) {
      if (isResumed && this.lostAt - held.madeAt >= SETTLED_MS) continue;
      this.byId.delete(id);
      held.id = undefined;
      if (isResumed) this.leave(id);
    }
    for (const held of this.all) if (held.id === undefined && !held.isParked) void this.make(held);
  }

  lost(): void {
    this.isConnected = false;
    this.lostAt = this.clock.now();
    this.early = [];
    this.left.clear();
    for (const { stopRetry } of this.all) stopRetry();
    this.stopAckTimer?.();
    this.stopAckTimer = undefined;
  }

  stop(error: Error): void {
    this.lost();
    for (const { subscription } of this.all) subscription.fail(error);
    this.all.clear();
    this.byId.clear();
  }

  event(params: NotificationMap['event']): void {
    this.route(params.subscription_id, ({ subscription }) => subscription.take(params));
  }

  gap(params: NotificationMap['event.gap']): void {
    this.route(params.subscription_id, ({ subscription }) => subscription.takeGap(params));
  }

  private route(id: string, deliver: (to: Held) => void): void {
    const held = this.byId.get(id);
    if (held !== undefined) deliver(held);
    else if (this.left.has(id)) return;
    else if (this.asking > 0) this.early.push({ id, deliver });
    else this.leave(id); // a session was resumed with a subscription whose making we never heard of
  }

  private async make(held: Held): Promise<void> {
    const { subscription } = held;
    const attempt = ++held.attempt;
    const { patterns: events, filter, since } = subscription;
    this.asking++;
    try {
      const params = { events, ...(filter === undefined ? {} : { filter }), ...(since === undefined ? {} : { since }) };
      const result = (await this.link.request('event.subscribe', params, OWN)) as ResultOf<'event.subscribe'>;
      if (this.all.has(held) && attempt === held.attempt && !held.isParked) this.made(held, result);
      else this.leave(result.subscription_id);
    } catch (error) {
      this.notMade(held, error);
    } finally {
      if (--this.asking === 0) this.settleEarly();
    }
  }

  private made(held: Held, { subscription_id: id, cursor }: ResultOf<'event.subscribe'>): void {
    held.id = id;
    held.madeAt = this.clock.now();
    this.byId.set(id, held);
    held.subscription.started(cursor);
    const mine = this.early.filter((event) => event.id === id);
    this.early = this.early.filter((event) => event.id !== id);
    for (const { deliver } of mine) deliver(held);
  }

  private notMade(held: Held, error: unknown): void {
    if (error instanceof ConnectionLostError) return; // with the next connection, then
    const { subscription, attempt } = held;
    const wasMadeBefore = subscription.received !== undefined;
    if (wasMadeBefore && error instanceof McpwError && TRANSIENT.has(error.code)) {
      held.stopRetry = this.clock.after(RETRY_MS, () => {
        if (this.isConnected && this.all.has(held) && !held.isParked && held.attempt === attempt) void this.make(held);
      });
    } else if (this.all.delete(held)) subscription.fail(error as Error);
  }

  private settleEarly(): void {
    const { early } = this;
    this.early = [];
    for (const { id, deliver } of early) this.route(id, deliver);
  }

  /** Its consumer is slow: the log keeps what follows. */
  private park(held: Held): void {
    if (held.isParked) return;
    held.isParked = true;
    this.forget(held);
  }

  private unpark(held: Held): void {
    if (!held.isParked) return;
    held.isParked = false;
    if (this.isConnected && this.all.has(held)) void this.make(held);
  }

  private remove(held: Held): void {
    held.stopRetry();
    if (this.all.delete(held)) this.forget(held);
  }

  private forget(held: Held): void {
    const { id } = held;
    if (id === undefined) return;
    this.acknowledge();
    this.byId.delete(id);
    held.id = undefined;
    this.leave(id);
  }

  private leave(id: string): void {
    if (!this.isConnected) return;
    this.left.add(id);
    this.link.request('event.unsubscribe', { subscription_id: id }, OWN).then(
      () => this.left.delete(id), // nothing comes for it after the answer
      () => undefined, // gone with its connection, then
    );
  }

  private acknowledgeSoon(): void {
    this.stopAckTimer ??= this.clock.after(ACK_MS, () => {
      this.stopAckTimer = undefined;
      this.acknowledge();
    });
  }

  private acknowledge(): void {
    const fresh: [string, string][] = [];
    for (const [id, held] of this.byId) {
      const { consumed } = held.subscription;
      if (consumed === undefined || consumed === held.acknowledged) continue;
      held.acknowledged = consumed;
      fresh.push([id, consumed]);
    }
    if (this.isConnected && fresh.length > 0) this.tell(fresh);
  }

  /** In as many messages as it takes: only a server that takes very small ones needs more than one. */
  private tell(cursors: readonly (readonly [string, string])[]): void {
    try {
      this.link.notify('session.ack', { cursors: Object.fromEntries(cursors) });
    } catch (error) {
      if (cursors.length === 1) throw error;
      const half = cursors.length >> 1;
      this.tell(cursors.slice(0, half));
      this.tell(cursors.slice(half));
    }
  }
}
