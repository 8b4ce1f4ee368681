// What the server's other modules, and teams' own, say that happened: passing events go to the announcer, lasting ones to the log.
import { Injectable } from '@nestjs/common';

import type { EventPublisher } from '../extension/event-publisher.js';
import { EventAnnouncer } from './event-announcer.js';
import { PublishService } from './publish.service.js';

@Injectable()
export class ModuleEvents implements EventPublisher {
  constructor(
    private readonly announcer: EventAnnouncer,
    private readonly publishing: PublishService,
  ) {}

  isHeard(tenant: string, event: string): boolean {
    return this.announcer.isHeard(tenant, event);
  }

  announce(tenant: string, event: string, data: Readonly<Record<string, unknown>>): void {
    this.announcer.announce(tenant, event, data);
  }

  publish(tenant: string, event: string, data: unknown): Promise<{ cursor: string }> {
    return this.publishing.publishOwn(tenant, event, data);
  }
}
