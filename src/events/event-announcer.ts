// Events that only those hear who are subscribed, and not behind, at that moment (PROTOCOL.md §5): no cursor, not in the log.
import { Inject, Injectable } from '@nestjs/common';

import { Clock } from '../extension/clock.js';
import type { EventPublisher } from '../extension/event-publisher.js';
import { PreparedEvent } from './prepared-event.js';
import { SubscriptionRegistry } from './subscription-registry.js';

@Injectable()
export class EventAnnouncer implements EventPublisher {
  constructor(
    private readonly registry: SubscriptionRegistry,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  announce(tenant: string, event: string, data: Readonly<Record<string, unknown>>): void {
    const receivers = this.registry.receivers(tenant, event);
    if (receivers.length === 0) return;
    const passing = PreparedEvent.passing(event, data, this.clock.now());
    for (const { isLive, accepts, channel, id } of receivers) {
      if (isLive && channel.isWritable && (accepts === undefined || accepts(data))) channel.forward(passing.shared, id);
    }
  }
}
