// The session's own methods. Unlike a feature's gateway it handles connections; that is what it is for.
import { ConnectedSocket, MessageBody, SubscribeMessage } from '@nestjs/websockets';

import type { Connection } from '../connection/connection.js';
import { AgentGateway } from '../extension/agent-gateway.decorator.js';
import { Answers } from '../extension/answers.decorator.js';
import { FromCaller, type Caller } from '../extension/caller.js';
import { Failure } from '../extension/failure.js';
import { Open, Requires } from '../extension/requires.decorator.js';
import type { Call } from './call.js';
import { AuthenticatedDto, CancelledDto, EmptyDto, InitializedDto } from './session-answers.dto.js';
import { AcknowledgeDto, AuthenticateDto, CancelDto, InitializeDto, ProgressDto } from './session.dto.js';
import { SessionService } from './session.service.js';

@AgentGateway()
export class SessionGateway {
  constructor(private readonly sessions: SessionService) {}

  @SubscribeMessage('initialize')
  @Open()
  @Answers(InitializedDto, { summary: 'Begins a session, or goes on with one. The first request.', failures: ['authentication_failed'] })
  initialize(@MessageBody() params: InitializeDto, @FromCaller() call: Caller): unknown {
    return this.sessions.initialize(call as Call, params);
  }

  @SubscribeMessage('session.authenticate')
  @Open()
  @Answers(AuthenticatedDto, {
    summary: 'Shows a fresh credential of the same principal before the old one expires.',
    failures: ['authentication_failed', 'forbidden'],
  })
  authenticate(@MessageBody() params: AuthenticateDto, @ConnectedSocket() connection: Connection): unknown {
    return this.sessions.authenticate(connection, params.token);
  }

  @SubscribeMessage('session.ack')
  @Requires('events:read')
  @Answers(EmptyDto, { summary: 'Says up to where events have arrived.' })
  acknowledge(@MessageBody() params: AcknowledgeDto, @FromCaller() caller: Caller): object {
    return this.sessions.acknowledge(caller, params.cursors);
  }

  @SubscribeMessage('tool.cancel')
  @Open()
  @Answers(CancelledDto, { summary: 'Cancels a request of the caller’s own.' })
  cancel(@MessageBody() { request_id: id }: CancelDto, @ConnectedSocket() connection: Connection): { cancelled: boolean } {
    const call = connection.calls.get(id);
    call?.abort(new Failure('cancelled', 'cancelled by the caller'));
    return { cancelled: call !== undefined };
  }

  @SubscribeMessage('tool.progress')
  @Requires('tools:register')
  @Answers(EmptyDto, { summary: 'An agent tells how far the tool is that it was asked to run.' })
  progress(
    @MessageBody() { request_id: id, ...progress }: ProgressDto,
    @ConnectedSocket() connection: Connection,
    @FromCaller() { meta }: Caller,
  ): object {
    connection.progressed(id, progress, meta);
    return {};
  }
}
