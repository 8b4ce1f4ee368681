// `event.*` on /ws (PROTOCOL.md §5).
import { MessageBody, SubscribeMessage } from '@nestjs/websockets';

import { AgentGateway } from '../extension/agent-gateway.decorator.js';
import { FromCaller, type Caller } from '../extension/caller.js';
import { Requires } from '../extension/requires.decorator.js';
import { EventService, type SubscribeResult, type UnsubscribeResult } from './event.service.js';
import { PublishDto } from './publish.dto.js';
import { PublishService } from './publish.service.js';
import { SubscribeDto } from './subscribe.dto.js';
import { UnsubscribeDto } from './unsubscribe.dto.js';

@AgentGateway()
export class EventGateway {
  constructor(
    private readonly events: EventService,
    private readonly publishing: PublishService,
  ) {}

  @SubscribeMessage('event.subscribe')
  @Requires('events:read')
  subscribe(@MessageBody() params: SubscribeDto, @FromCaller() caller: Caller): SubscribeResult | Promise<SubscribeResult> {
    return this.events.kept(caller.channel, this.events.subscribe(caller, params));
  }

  @SubscribeMessage('event.unsubscribe')
  @Requires('events:read')
  unsubscribe(@MessageBody() params: UnsubscribeDto, @FromCaller() caller: Caller): UnsubscribeResult | Promise<UnsubscribeResult> {
    return this.events.kept(caller.channel, this.events.unsubscribe(caller, params));
  }

  @SubscribeMessage('event.publish')
  @Requires('events:publish')
  publish(@MessageBody() params: PublishDto, @FromCaller() caller: Caller): Promise<{ cursor: string }> {
    return this.publishing.publish(caller, params);
  }
}
