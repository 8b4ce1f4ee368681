// Sends events of the log to those who are live, as they are committed. Events of one name that follow one another go out as one piece:
// to a thousand that costs a comparison, a look at the channel and a forward for each. Positions are not kept for each, since all who
// are live are at the same place.
// Not who is behind: catch-up.ts. Not events that are not in the log: event-announcer.ts.
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';

import type { LoggedEvent } from '../storage/write-program.js';
import { SharedNotifications } from '../extension/channel.js';
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
/** What an event takes beside its data, counted as characters: 16,000 without any are as many as wait. */
const EVENT_CHARACTERS = 512;

/** What goes out as one piece at most. */
const RUN_EVENTS = 64;
const RUN_CHARACTERS = 8_192;

/** A run of events under way: receivers before `next` have all, the one there has those before `nextEvent`. */
interface Delivery {
  readonly events: readonly SequencedEvent[];
  readonly together: SharedNotifications;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly receivers: readonly Subscription[];
  next: number;
  nextEvent: number;
}

interface SequencedEvent {
  readonly seq: number;
  readonly event: PreparedEvent;
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
      this.queuedCharacters += event.data.length + EVENT_CHARACTERS;
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

  /** The next events that anyone hears. */
  private begin(): Delivery | undefined {
    for (let first = this.take(); first !== undefined; first = this.take()) {
      const receivers = this.registry.receivers(first.tenant, first.event);
      if (receivers.length === 0) continue;
      const events: SequencedEvent[] = [{ seq: first.seq, event: this.log.prepare(first) }];
      for (let characters = first.data.length; events.length < RUN_EVENTS;) {
        const [next] = this.queue;
        if (next?.event !== first.event || next.tenant !== first.tenant) break;
        if ((characters += next.data.length) > RUN_CHARACTERS) break;
        this.take();
        events.push({ seq: next.seq, event: this.log.prepare(next) });
      }
      const together = new SharedNotifications(events.map(({ event }) => event.shared));
      return { events, together, firstSeq: first.seq, lastSeq: this.begunSeq, receivers, next: 0, nextEvent: 0 };
    }
    return undefined;
  }

  private take(): LoggedEvent | undefined {
    const logged = this.queue.shift();
    if (logged === undefined) return undefined;
    this.queuedCharacters -= logged.data.length + EVENT_CHARACTERS;
    this.begunSeq = logged.seq;
    return logged;
  }

  /** @returns whether all have it; false when time was up before */
  private continue(delivery: Delivery, stopAtMs: number): boolean {
    const { events, together, firstSeq, lastSeq, receivers } = delivery;
    for (let i = delivery.next; i < receivers.length; i++) {
      const subscription = receivers[i] as Subscription;
      if (i % STRIDE === STRIDE - 1 && performance.now() >= stopAtMs) {
        delivery.next = i;
        return false;
      }
      if (subscription.skipThroughSeq >= lastSeq) {
        // It may have ended within the run.
        delivery.nextEvent = 0;
        continue;
      }
      if (events.length === 1 || subscription.accepts !== undefined || subscription.skipThroughSeq >= firstSeq) {
        delivery.next = i;
        if (!this.oneByOne(subscription, delivery, stopAtMs)) return false;
      } else if (subscription.channel.isWritable) subscription.channel.forwardAll(together, subscription.id);
      else this.catchUp.add(subscription, firstSeq - 1);
    }
    return true;
  }

  /** @returns whether the subscription has what it is to have of the run; false when time was up before */
  private oneByOne(subscription: Subscription, delivery: Delivery, stopAtMs: number): boolean {
    const { events } = delivery;
    for (let i = delivery.nextEvent; i < events.length; i++) {
      const { seq, event } = events[i] as SequencedEvent;
      if (subscription.accepts !== undefined && performance.now() >= stopAtMs) {
        delivery.nextEvent = i;
        return false;
      }
      if (subscription.skipThroughSeq >= seq) continue;
      if (subscription.accepts !== undefined && !subscription.accepts(event.data)) continue;
      if (subscription.channel.isWritable) subscription.channel.forward(event.shared, subscription.id);
      else this.catchUp.add(subscription, seq - 1);
    }
    delivery.nextEvent = 0;
    return true;
  }

  /** Nothing is live any more: all go on from the log, from where each of them is. */
  private leaveToTheLog(): void {
    if (this.current !== undefined) this.leaveRunToTheLog(this.current);
    for (const { byId } of this.registry.all()) {
      for (const subscription of byId.values()) {
        if (subscription.isLive) this.catchUp.add(subscription, Math.max(subscription.skipThroughSeq, this.begunSeq));
      }
    }
    this.current = undefined;
    this.queue = [];
    this.queuedCharacters = 0;
  }

  private leaveRunToTheLog({ events, receivers, next, nextEvent, lastSeq }: Delivery): void {
    for (let i = next; i < receivers.length; i++) {
      const subscription = receivers[i] as Subscription;
      const from = events[i === next ? nextEvent : 0] as SequencedEvent;
      if (subscription.skipThroughSeq < lastSeq) this.catchUp.add(subscription, Math.max(subscription.skipThroughSeq, from.seq - 1));
    }
  }
}
