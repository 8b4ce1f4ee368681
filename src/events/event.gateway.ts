// `event.*` on /ws (PROTOCOL.md §5).
import { MessageBody, SubscribeMessage } from '@nestjs/websockets';

import { AgentGateway } from '../extension/agent-gateway.decorator.js';
import { Answers } from '../extension/answers.decorator.js';
import { FromCaller, type Caller } from '../extension/caller.js';
import { Requires } from '../extension/requires.decorator.js';
import { PublishedDto, SubscribedDto, UnsubscribedDto } from './event-answers.dto.js';
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
  @Answers(SubscribedDto, { summary: 'From here on events whose names match come as `event`.' })
  subscribe(@MessageBody() params: SubscribeDto, @FromCaller() caller: Caller): SubscribeResult | Promise<SubscribeResult> {
    return this.events.kept(caller.channel, this.events.subscribe(caller, params));
  }

  @SubscribeMessage('event.unsubscribe')
  @Requires('events:read')
  @Answers(UnsubscribedDto, { summary: 'Ends one subscription, or takes patterns from all, or ends all.' })
  unsubscribe(@MessageBody() params: UnsubscribeDto, @FromCaller() caller: Caller): UnsubscribeResult | Promise<UnsubscribeResult> {
    return this.events.kept(caller.channel, this.events.unsubscribe(caller, params));
  }

  @SubscribeMessage('event.publish')
  @Requires('events:publish')
  @Answers(PublishedDto, { summary: 'Publishes an event to the tenant. Answered once it is on disk.' })
  publish(@MessageBody() params: PublishDto, @FromCaller() caller: Caller): Promise<{ cursor: string }> {
    return this.publishing.publish(caller, params);
  }
}
