// Who is subscribed to what: by connection, and for each tenant by pattern. Not what they are sent: live-delivery.ts, catch-up.ts.
import { Injectable } from '@nestjs/common';

import type { Channel } from '../extension/channel.js';
import { ConnectionSubscriptions } from './connection-subscriptions.js';
import { PatternTrie } from './pattern-trie.js';
import type { Subscription } from './subscription.js';

/** Names whose receivers are kept for each tenant. */
const KEPT_NAMES = 128;
const NONE: readonly Subscription[] = [];

interface TenantSubscriptions {
  readonly patterns: PatternTrie<Subscription>;
  /** Receivers by event name, until the tenant's subscriptions change. */
  readonly receivers: Map<string, readonly Subscription[]>;
}

@Injectable()
export class SubscriptionRegistry {
  private readonly tenants = new Map<string, TenantSubscriptions>();
  private readonly connections = new Map<Channel, ConnectionSubscriptions>();

  /** The connection's own; made, and forgotten when it ends, at the first subscription. */
  connection(channel: Channel): ConnectionSubscriptions | undefined {
    return this.connections.get(channel);
  }

  all(): Iterable<ConnectionSubscriptions> {
    return this.connections.values();
  }

  get count(): number {
    let count = 0;
    for (const { byId } of this.connections.values()) count += byId.size;
    return count;
  }

  /** Places that a name of the tenant may have to be looked for in. */
  placesOf(tenant: string): number {
    return this.tenants.get(tenant)?.patterns.size ?? 0;
  }

  add(subscription: Subscription): ConnectionSubscriptions {
    const connection = this.connections.get(subscription.channel) ?? this.open(subscription.channel);
    connection.byId.set(subscription.id, subscription);
    const tenant = this.tenantOf(subscription);
    for (const pattern of subscription.patterns) tenant.patterns.add(pattern, subscription);
    tenant.receivers.clear();
    return connection;
  }

  /** Takes away patterns; a subscription that is left without any ends. @returns those that it had */
  removePatterns(subscription: Subscription, patterns: ReadonlySet<string>): readonly string[] {
    const removed = subscription.patterns.filter((pattern) => patterns.has(pattern));
    if (removed.length === 0) return removed;
    if (removed.length === subscription.patterns.length) this.remove(subscription);
    else {
      this.unindex(subscription, removed);
      subscription.patterns = subscription.patterns.filter((pattern) => !patterns.has(pattern));
    }
    return removed;
  }

  remove(subscription: Subscription): void {
    const connection = this.connections.get(subscription.channel);
    connection?.byId.delete(subscription.id);
    connection?.behind.delete(subscription);
    subscription.hasEnded = true;
    subscription.skipThroughSeq = Infinity;
    this.unindex(subscription, subscription.patterns);
  }

  /** Who of the tenant is subscribed to the event, each once. The same array until the tenant's subscriptions change. */
  receivers(tenantId: string, event: string): readonly Subscription[] {
    const tenant = this.tenants.get(tenantId);
    if (tenant === undefined) return NONE;
    let receivers = tenant.receivers.get(event);
    if (receivers === undefined) {
      if (tenant.receivers.size >= KEPT_NAMES) tenant.receivers.clear();
      tenant.receivers.set(event, (receivers = tenant.patterns.match(event)));
    }
    return receivers;
  }

  private open(channel: Channel): ConnectionSubscriptions {
    const connection = new ConnectionSubscriptions(channel);
    this.connections.set(channel, connection);
    channel.onceClosed(() => {
      connection.stopWaiting?.();
      for (const subscription of [...connection.byId.values()]) this.remove(subscription);
      this.connections.delete(channel);
    });
    return connection;
  }

  private tenantOf({ tenant }: Subscription): TenantSubscriptions {
    let subscriptions = this.tenants.get(tenant);
    if (subscriptions === undefined) this.tenants.set(tenant, (subscriptions = { patterns: new PatternTrie(), receivers: new Map() }));
    return subscriptions;
  }

  private unindex(subscription: Subscription, patterns: readonly string[]): void {
    const tenant = this.tenants.get(subscription.tenant);
    if (tenant === undefined) return;
    for (const pattern of patterns) tenant.patterns.remove(pattern, subscription);
    tenant.receivers.clear();
    if (tenant.patterns.isEmpty) this.tenants.delete(subscription.tenant);
  }
}
