// Events as tools, for clients that have tools and not our methods.
import { Injectable } from '@nestjs/common';

import { Tool, type ToolCaller } from '../extension/tool.decorator.js';
import { PublishDto } from './publish.dto.js';
import { PublishService } from './publish.service.js';

@Injectable()
export class EventTools {
  constructor(private readonly publishing: PublishService) {}

  @Tool({
    name: 'event_publish',
    description: 'Publishes an event to all agents that are subscribed to its name. Answers with its cursor once it is on disk.',
    input: PublishDto,
    scopes: ['events:publish'],
    annotations: { title: 'Publish an event', readOnlyHint: false, destructiveHint: false, idempotentHint: false },
  })
  publish(args: PublishDto, caller: ToolCaller): Promise<{ cursor: string }> {
    return this.publishing.publish(caller, args);
  }
}
