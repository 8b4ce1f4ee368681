// `tool.*` on /ws (PROTOCOL.md §5). `tool.cancel` is not here: the connection knows the calls in flight.
import { MessageBody, SubscribeMessage } from '@nestjs/websockets';
import type { EncodedOnce } from '@mcpw/protocol';

import { AgentGateway } from '../extension/agent-gateway.decorator.js';
import { Answers } from '../extension/answers.decorator.js';
import { FromCaller, type Caller } from '../extension/caller.js';
import { Requires } from '../extension/requires.decorator.js';
import { AgentToolService, type Registered, type Unregistered } from './agent-tool.service.js';
import { ExecuteToolDto } from './execute-tool.dto.js';
import { ListToolsDto } from './list-tools.dto.js';
import { RegisterToolsDto } from './register-tools.dto.js';
import { RegisteredToolsDto, ToolOutcomeDto, ToolPageDto, UnregisteredToolsDto } from './tool-answers.dto.js';
import type { ToolOutcome } from './tool-runner.js';
import { ToolService } from './tool.service.js';
import { UnregisterToolsDto } from './unregister-tools.dto.js';

@AgentGateway()
export class ToolGateway {
  constructor(
    private readonly tools: ToolService,
    private readonly agentTools: AgentToolService,
  ) {}

  @SubscribeMessage('tool.list')
  @Requires('tools:read')
  @Answers(ToolPageDto, { summary: 'The tools that the caller may use.' })
  list(@MessageBody() params: ListToolsDto, @FromCaller() caller: Caller): EncodedOnce {
    return this.tools.listEncoded(caller, params);
  }

  @SubscribeMessage('tool.execute')
  @Requires('tools:execute')
  @Answers(ToolOutcomeDto, { summary: 'Runs a tool. One that runs and fails is a result too: look at `status`.', failures: ['not_found'] })
  execute(@MessageBody() params: ExecuteToolDto, @FromCaller() caller: Caller): ToolOutcome | Promise<ToolOutcome> {
    return this.tools.execute(caller, params);
  }

  @SubscribeMessage('tool.register')
  @Requires('tools:register')
  @Answers(RegisteredToolsDto, { summary: 'Offers tools of the caller’s own, for as long as it is connected.' })
  register(@MessageBody() params: RegisterToolsDto, @FromCaller() caller: Caller): Promise<Registered> {
    return this.agentTools.register(caller, params.tools);
  }

  @SubscribeMessage('tool.unregister')
  @Requires('tools:register')
  @Answers(UnregisteredToolsDto, { summary: 'Takes tools back.' })
  unregister(@MessageBody() params: UnregisterToolsDto, @FromCaller() caller: Caller): Promise<Unregistered> {
    return this.agentTools.unregister(caller, params.names);
  }
}
