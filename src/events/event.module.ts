// Events: subscriptions, delivery, publishing, retention. Its port for the other features is `EventPublisher`.
import { Global, Module } from '@nestjs/common';

import { EventPublisher } from '../extension/event-publisher.js';
import { CatchUp } from './catch-up.js';
import { EventAnnouncer } from './event-announcer.js';
import { EventLog } from './event-log.js';
import { EventSweeper } from './event-sweeper.js';
import { EventGateway } from './event.gateway.js';
import { EventService } from './event.service.js';
import { EventTools } from './event.tools.js';
import { LiveDelivery } from './live-delivery.js';
import { LogEnd } from './log-end.js';
import { ModuleEvents } from './module-events.js';
import { PublishService } from './publish.service.js';
import { SubscriptionRegistry } from './subscription-registry.js';

/** Expects `Database`, `Config` and `Clock` from global modules. Global itself, so that features need not import a feature to announce. */
@Global()
@Module({
  providers: [
    CatchUp,
    EventAnnouncer,
    EventGateway,
    EventLog,
    EventService,
    EventSweeper,
    EventTools,
    LiveDelivery,
    LogEnd,
    ModuleEvents,
    PublishService,
    SubscriptionRegistry,
    { provide: EventPublisher, useExisting: ModuleEvents },
  ],
  exports: [EventPublisher, EventService],
})
export class EventModule {}
