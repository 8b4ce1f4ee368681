// The `context.*` methods of `/ws` (PROTOCOL.md §5). Each only hands over: what they do is in context.service.ts.
import { MessageBody, SubscribeMessage } from '@nestjs/websockets';

import { AgentGateway } from '../extension/agent-gateway.decorator.js';
import { type Caller, FromCaller } from '../extension/caller.js';
import { Requires } from '../extension/requires.decorator.js';
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
  create(@MessageBody() params: CreateContextDto, @FromCaller() caller: Caller) {
    return this.contexts.created(caller, params);
  }

  @SubscribeMessage('context.get')
  @Requires('contexts:read')
  get(@MessageBody() params: GetContextDto, @FromCaller() caller: Caller) {
    return this.contexts.stored(caller, params);
  }

  @SubscribeMessage('context.update')
  @Requires('contexts:write')
  update(@MessageBody() params: UpdateContextDto, @FromCaller() caller: Caller) {
    return this.contexts.updated(caller, params);
  }

  @SubscribeMessage('context.list')
  @Requires('contexts:read')
  list(@MessageBody() params: ListContextsDto, @FromCaller() caller: Caller) {
    return this.contexts.listed(caller, params);
  }

  @SubscribeMessage('context.delete')
  @Requires('contexts:write')
  delete(@MessageBody() params: DeleteContextDto, @FromCaller() caller: Caller) {
    return this.contexts.delete(caller, params);
  }

  @SubscribeMessage('context.search')
  @Requires('contexts:read')
  search(@MessageBody() params: SearchContextsDto, @FromCaller() caller: Caller) {
    return this.contexts.search(caller, params);
  }
}
