// Serves from the log those who are not live: who asked for the past, who reads slowly, who has just subscribed.
// A page at a time for each connection in turn, never longer than a slice at once, and only while the connection is writable:
// a slow reader has nothing queued for it and costs no memory.
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';

import type { ConnectionSubscriptions } from './connection-subscriptions.js';
import { writeEventCursor } from './event-cursor.js';
import { EventLog } from './event-log.js';
import { LogEnd } from './log-end.js';
import type { Subscription } from './subscription.js';
import { SubscriptionRegistry } from './subscription-registry.js';

const PAGE_ROWS = 256;
/** For how long the event loop is taken at once. */
const SLICE_MS = 8;
/** When the log could not be read. */
const RETRY_MS = 1_000;

type Served = 'live' | 'more' | 'not writable';

@Injectable()
export class CatchUp implements OnModuleDestroy {
  private readonly logger = new Logger('Events');
  /** Connections that can be served, in the order of their turns. */
  private readonly ready = new Set<ConnectionSubscriptions>();
  private turn: NodeJS.Immediate | undefined;
  private retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly registry: SubscriptionRegistry,
    private readonly log: EventLog,
    private readonly end: LogEnd,
  ) {}

  /**
   * From now on the subscription is served from the log, after `seq`. Never before the code that is running, and all that is
   * then due (microtasks), is done: a turn is an immediate. So a subscription's answer is sent before its first event.
   */
  add(subscription: Subscription, seq: number): void {
    const connection = this.registry.connection(subscription.channel);
    if (connection === undefined || subscription.hasEnded) return;
    subscription.skipThroughSeq = Infinity;
    subscription.positionSeq = seq;
    connection.behind.add(subscription);
    this.schedule(connection);
  }

  onModuleDestroy(): void {
    clearImmediate(this.turn);
    clearTimeout(this.retry);
    this.ready.clear();
  }

  private schedule(connection: ConnectionSubscriptions): void {
    if (connection.isScheduled) return;
    connection.isScheduled = true;
    if (connection.channel.isWritable) this.makeReady(connection);
    else connection.stopWaiting = connection.channel.onceDrained(() => this.makeReady(connection));
  }

  private makeReady(connection: ConnectionSubscriptions): void {
    connection.stopWaiting = undefined;
    this.ready.add(connection);
    if (this.retry === undefined) this.turn ??= setImmediate(() => this.takeTurns());
  }

  private takeTurns(): void {
    this.turn = undefined;
    const stopAtMs = performance.now() + SLICE_MS;
    for (const connection of this.ready) {
      if (performance.now() >= stopAtMs) break;
      this.ready.delete(connection);
      if (!this.serveNext(connection, stopAtMs)) return;
    }
    if (this.ready.size > 0) this.turn ??= setImmediate(() => this.takeTurns());
  }

  /** Gives the connection's turn to the subscription that waited longest. @returns false where the log cannot be read now */
  private serveNext(connection: ConnectionSubscriptions, stopAtMs: number): boolean {
    connection.isScheduled = false;
    const [subscription] = connection.behind;
    if (subscription === undefined) return true;
    connection.behind.delete(subscription);
    try {
      if (this.serve(subscription, stopAtMs) !== 'live' && !subscription.hasEnded) connection.behind.add(subscription);
    } catch (error) {
      this.logger.warn({ msg: 'the event log could not be read; subscribers wait', err: error });
      connection.behind.add(subscription);
      this.retryLater(connection);
      return false;
    }
    if (connection.behind.size > 0) this.schedule(connection);
    return true;
  }

  private serve(subscription: Subscription, stopAtMs: number): Served {
    const { channel, tenant } = subscription;
    const throughSeq = this.end.seq;
    let rows = 0;
    if (subscription.positionSeq < throughSeq) {
      for (const row of this.log.page(tenant, subscription.positionSeq, throughSeq, PAGE_ROWS)) {
        if (subscription.hasEnded) return 'more';
        if (!channel.isWritable) return 'not writable';
        this.tellGap(subscription, row.purgedThroughSeq);
        if (subscription.wants(row.event)) {
          const event = this.log.prepare(row);
          if (subscription.accepts === undefined || subscription.accepts(event.data)) channel.forward(event.shared, subscription.id);
        }
        subscription.positionSeq = row.seq;
        rows++;
        if (performance.now() >= stopAtMs) return 'more';
      }
      if (rows === PAGE_ROWS) return 'more';
      if (rows === 0) this.tellGap(subscription, Math.min(throughSeq, this.log.purgedThroughSeq(tenant)));
    }
    subscription.skipThroughSeq = Math.max(throughSeq, subscription.positionSeq);
    return 'live';
  }

  private tellGap(subscription: Subscription, purgedThroughSeq: number): void {
    if (purgedThroughSeq <= subscription.positionSeq) return;
    subscription.channel.notify('event.gap', {
      subscription_id: subscription.id,
      from: writeEventCursor(subscription.positionSeq),
      to: writeEventCursor(purgedThroughSeq),
    });
    subscription.positionSeq = purgedThroughSeq;
  }

  private retryLater(connection: ConnectionSubscriptions): void {
    connection.isScheduled = true;
    this.ready.add(connection);
    this.retry ??= setTimeout(() => {
      this.retry = undefined;
      this.turn ??= setImmediate(() => this.takeTurns());
    }, RETRY_MS).unref();
  }
}
