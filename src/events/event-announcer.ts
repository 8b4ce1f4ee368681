// Events that only those hear who are subscribed, and not behind, at that moment (PROTOCOL.md §5): no cursor, not in the log.
// Filters of many subscribers may take long: then the rest hear of it in the turns that follow.
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';

import { Clock } from '../extension/clock.js';
import { PreparedEvent } from './prepared-event.js';
import type { Subscription } from './subscription.js';
import { SubscriptionRegistry } from './subscription-registry.js';

/** For how long the event loop is taken at once. */
const SLICE_MS = 5;
/** Filters asked between two looks at the time. */
const STRIDE = 16;
/** Announcements that wait for their turn; past this they are not heard, as by who is not there. */
const MAX_WAITING = 1_000;

/** An announcement under way: receivers before `next` have it. */
interface Announcement {
  readonly event: PreparedEvent;
  readonly data: Readonly<Record<string, unknown>>;
  readonly receivers: readonly Subscription[];
  next: number;
}

@Injectable()
export class EventAnnouncer implements OnModuleDestroy {
  private waiting: Announcement[] = [];
  private turn: NodeJS.Immediate | undefined;

  constructor(
    private readonly registry: SubscriptionRegistry,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  onModuleDestroy(): void {
    clearImmediate(this.turn);
    this.waiting = [];
  }

  isHeard(tenant: string, event: string): boolean {
    return this.registry.receivers(tenant, event).length > 0;
  }

  announce(tenant: string, event: string, data: Readonly<Record<string, unknown>>): void {
    const receivers = this.registry.receivers(tenant, event);
    if (receivers.length === 0) return;
    const announcement = { event: PreparedEvent.passing(event, data, this.clock.now()), data, receivers, next: 0 };
    if (this.turn === undefined && this.tell(announcement, performance.now() + SLICE_MS)) return;
    if (this.waiting.length < MAX_WAITING) this.waiting.push(announcement);
    this.turn ??= setImmediate(() => this.goOn());
  }

  private goOn(): void {
    this.turn = undefined;
    const stopAtMs = performance.now() + SLICE_MS;
    let told = 0;
    while (told < this.waiting.length && this.tell(this.waiting[told] as Announcement, stopAtMs)) told++;
    this.waiting.splice(0, told);
    if (this.waiting.length > 0) this.turn = setImmediate(() => this.goOn());
  }

  /** @returns whether all have heard it; false where time was up before */
  private tell(announcement: Announcement, stopAtMs: number): boolean {
    const { event, data, receivers } = announcement;
    for (let i = announcement.next; i < receivers.length; i++) {
      const { isLive, accepts, channel, id } = receivers[i] as Subscription;
      if (accepts !== undefined && i % STRIDE === STRIDE - 1 && performance.now() >= stopAtMs) {
        announcement.next = i;
        return false;
      }
      if (isLive && channel.isWritable && (accepts === undefined || accepts(data))) channel.forward(event.shared, id);
    }
    return true;
  }
}
