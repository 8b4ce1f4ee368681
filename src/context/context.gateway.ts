// The `context.*` methods of `/ws` (PROTOCOL.md §5). Each only hands over: what they do is in context.service.ts.
import { MessageBody, SubscribeMessage } from '@nestjs/websockets';

import { AgentGateway } from '../extension/agent-gateway.decorator.js';
import { Answers } from '../extension/answers.decorator.js';
import { type Caller, FromCaller } from '../extension/caller.js';
import { Requires } from '../extension/requires.decorator.js';
import { ContextDto, ContextMatchesDto, ContextPageDto, ContextSummaryDto, DeletedContextDto } from './context-answers.dto.js';
import { ContextService } from './context.service.js';
import { CreateContextDto } from './create-context.dto.js';
import { DeleteContextDto } from './delete-context.dto.js';
import { GetContextDto } from './get-context.dto.js';
import { ListContextsDto } from './list-contexts.dto.js';
import { SearchContextsDto } from './search-contexts.dto.js';
import { UpdateContextDto } from './update-context.dto.js';

@AgentGateway()
export class ContextGateway {
  constructor(private readonly contexts: ContextService) {}

  @SubscribeMessage('context.create')
  @Requires('contexts:write')
  @Answers(ContextDto, { summary: 'Makes a context. Answered once it is on disk.', failures: ['context_too_large'] })
  create(@MessageBody() params: CreateContextDto, @FromCaller() caller: Caller) {
    return this.contexts.created(caller, params);
  }

  @SubscribeMessage('context.get')
  @Requires('contexts:read')
  @Answers(ContextDto, { summary: 'A context with its newest items.', failures: ['not_found'] })
  get(@MessageBody() params: GetContextDto, @FromCaller() caller: Caller) {
    return this.contexts.stored(caller, params);
  }

  @SubscribeMessage('context.update')
  @Requires('contexts:write')
  @Answers(ContextSummaryDto, {
    summary: 'Appends or replaces items, changes metadata or the name. Answered once it is on disk.',
    failures: ['not_found', 'context_too_large'],
  })
  update(@MessageBody() params: UpdateContextDto, @FromCaller() caller: Caller) {
    return this.contexts.updated(caller, params);
  }

  @SubscribeMessage('context.list')
  @Requires('contexts:read')
  @Answers(ContextPageDto, { summary: 'Contexts of the tenant, without their items.' })
  list(@MessageBody() params: ListContextsDto, @FromCaller() caller: Caller) {
    return this.contexts.listed(caller, params);
  }

  @SubscribeMessage('context.delete')
  @Requires('contexts:write')
  @Answers(DeletedContextDto, { summary: 'Deletes a context.', failures: ['not_found'] })
  delete(@MessageBody() params: DeleteContextDto, @FromCaller() caller: Caller) {
    return this.contexts.delete(caller, params);
  }

  @SubscribeMessage('context.search')
  @Requires('contexts:read')
  @Answers(ContextMatchesDto, { summary: 'The best of the newest items that have all the words.' })
  search(@MessageBody() params: SearchContextsDto, @FromCaller() caller: Caller) {
    return this.contexts.search(caller, params);
  }
}
