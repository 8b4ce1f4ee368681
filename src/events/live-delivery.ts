// Sends events of the log to those who are live, as they are committed. One event to a thousand costs a comparison, a look at
// the channel and a forward for each; positions are not kept for each, since all who are live are at the same place.
// Not who is behind: catch-up.ts. Not events that are not in the log: event-announcer.ts.
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';

import type { LoggedEvent } from '../storage/write-program.js';
import { CatchUp } from './catch-up.js';
import { EventLog } from './event-log.js';
import { LogEnd } from './log-end.js';
import type { PreparedEvent } from './prepared-event.js';
import type { Subscription } from './subscription.js';
import { SubscriptionRegistry } from './subscription-registry.js';

/** For how long the event loop is taken at once. */
const SLICE_MS = 10;
/** Receivers served between two looks at the time. */
const STRIDE = 128;
/** Committed events that wait for delivery; past this all read them from the log instead. */
const MAX_QUEUED_CHARACTERS = 8_388_608;

/** An event under way: receivers before `next` have it. */
interface Delivery {
  readonly event: PreparedEvent;
  readonly seq: number;
  readonly receivers: readonly Subscription[];
  next: number;
}

@Injectable()
export class LiveDelivery implements OnModuleInit, OnModuleDestroy {
  private queue: LoggedEvent[] = [];
  private queuedCharacters = 0;
  /** The last event whose delivery has begun. */
  private begunSeq = 0;
  private current: Delivery | undefined;
  private pause: NodeJS.Immediate | undefined;
  private stopListening: (() => void) | undefined;

  constructor(
    private readonly registry: SubscriptionRegistry,
    private readonly catchUp: CatchUp,
    private readonly log: EventLog,
    private readonly end: LogEnd,
  ) {}

  onModuleInit(): void {
    this.stopListening = this.log.onAppended((events) => this.receive(events));
    this.end.seq = this.begunSeq = this.log.lastSeq();
  }

  onModuleDestroy(): void {
    this.stopListening?.();
    clearImmediate(this.pause);
  }

  private receive(events: readonly LoggedEvent[]): void {
    for (const event of events) {
      if (event.seq <= this.end.seq) continue;
      // Sequence numbers are without gaps: one that is missing was committed by a writer that ended before it could say so.
      const isNext = event.seq === this.end.seq + 1;
      if (!isNext || this.queuedCharacters > MAX_QUEUED_CHARACTERS) this.leaveToTheLog();
      this.end.seq = event.seq;
      this.queue.push(event);
      this.queuedCharacters += event.data.length;
    }
    if (this.pause === undefined) this.deliver();
  }

  private deliver(): void {
    const stopAtMs = performance.now() + SLICE_MS;
    for (;;) {
      this.current ??= this.begin();
      if (this.current === undefined) return;
      if (performance.now() >= stopAtMs || !this.continue(this.current, stopAtMs)) {
        this.pause = setImmediate(() => {
          this.pause = undefined;
          this.deliver();
        });
        return;
      }
      this.current = undefined;
    }
  }

  /** The next event that anyone hears. */
  private begin(): Delivery | undefined {
    for (let logged = this.queue.shift(); logged !== undefined; logged = this.queue.shift()) {
      this.queuedCharacters -= logged.data.length;
      this.begunSeq = logged.seq;
      const receivers = this.registry.receivers(logged.tenant, logged.event);
      if (receivers.length > 0) return { event: this.log.prepare(logged), seq: logged.seq, receivers, next: 0 };
    }
    return undefined;
  }

  /** @returns whether all have it; false when time was up before */
  private continue(delivery: Delivery, stopAtMs: number): boolean {
    const { event, seq, receivers } = delivery;
    for (let i = delivery.next; i < receivers.length; i++) {
      const subscription = receivers[i] as Subscription;
      if ((i % STRIDE === STRIDE - 1 || subscription.accepts !== undefined) && performance.now() >= stopAtMs) {
        delivery.next = i;
        return false;
      }
      if (subscription.skipThroughSeq >= seq) continue;
      if (subscription.accepts !== undefined && !subscription.accepts(event.data)) continue;
      if (subscription.channel.isWritable) subscription.channel.forward(event.shared, subscription.id);
      else this.catchUp.add(subscription, seq - 1);
    }
    return true;
  }

  /** Nothing is live any more: all go on from the log, from where each of them is. */
  private leaveToTheLog(): void {
    const { current } = this;
    for (const subscription of current?.receivers.slice(current.next) ?? []) {
      if (subscription.skipThroughSeq < (current?.seq ?? 0)) this.catchUp.add(subscription, (current?.seq ?? 0) - 1);
    }
    for (const { byId } of this.registry.all()) {
      for (const subscription of byId.values()) {
        if (subscription.isLive) this.catchUp.add(subscription, Math.max(subscription.skipThroughSeq, this.begunSeq));
      }
    }
    this.current = undefined;
    this.queue = [];
    this.queuedCharacters = 0;
  }
}
