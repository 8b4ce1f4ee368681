// The endpoint: from bytes to the methods of every module's gateways, and back.
import { Module, type OnModuleInit } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { CloseCode } from '@mcpw/protocol';

import { AuthModule } from '../auth/auth.module.js';
import { CredentialEvents } from '../auth/credential-events.js';
import { ConnectionModule } from '../connection/connection.module.js';
import { ConnectionRegistry } from '../connection/connection-registry.js';
import { EventModule } from '../events/event.module.js';
import { IdempotencyModule } from '../idempotency/idempotency.module.js';
import { SessionModule } from '../session/session.module.js';
import { ToolRegistry } from '../tools/tool-registry.js';
import { ToolsModule } from '../tools/tools.module.js';
import { AgentSocketAdapter } from './agent-socket.adapter.js';
import { Codecs } from './codecs.js';
import { Dispatcher } from './dispatcher.js';
import { InitializedGuard } from './guards/initialized.guard.js';
import { RateLimitGuard } from './guards/rate-limit.guard.js';
import { ReplayGuard } from './guards/replay.guard.js';
import { ScopeGuard } from './guards/scope.guard.js';
import { MethodTable } from './method-table.js';
import { Negotiation } from './negotiation.js';
import { RateLimiter } from './rate-limiter.js';
import { Reader } from './reader.js';
import { Receiver } from './receiver.js';
import { RefusalAudit } from './refusal-audit.js';
import { Resumption } from './resumption.js';
import { SilentSockets } from './silent-sockets.js';
import { Strangers } from './strangers.js';
import { SessionGateway } from './session.gateway.js';
import { SessionService } from './session.service.js';
import { Subprotocols } from './subprotocols.js';
import { Upgrade } from './upgrade.js';
import { UpgradeRequiredController } from './upgrade-required.controller.js';

@Module({
  imports: [DiscoveryModule, AuthModule, ConnectionModule, EventModule, SessionModule, ToolsModule, IdempotencyModule],
  controllers: [UpgradeRequiredController],
  providers: [
    AgentSocketAdapter,
    Codecs,
    Dispatcher,
    InitializedGuard,
    MethodTable,
    Negotiation,
    RateLimitGuard,
    RateLimiter,
    Reader,
    Receiver,
    RefusalAudit,
    ReplayGuard,
    Resumption,
    ScopeGuard,
    SessionGateway,
    SessionService,
    SilentSockets,
    Strangers,
    Subprotocols,
    Upgrade,
  ],
  exports: [AgentSocketAdapter, MethodTable, RateLimiter, RefusalAudit, Subprotocols],
})
export class ProtocolModule implements OnModuleInit {
  constructor(
    private readonly registry: ConnectionRegistry,
    private readonly credentials: CredentialEvents,
    private readonly tools: ToolRegistry,
  ) {}

  onModuleInit(): void {
    this.credentials.onRevoked(({ id }) =>
      this.registry.closeCredential(id, CloseCode.UNAUTHENTICATED, 'the credential is no longer good'),
    );
    this.tools.onChanged((tenant) => this.registry.notifyTenant(tenant, 'tool.changed', {}));
  }
}
