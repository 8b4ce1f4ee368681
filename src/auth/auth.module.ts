// Who calls: API keys, JWTs and tickets, and REST for them. Needs `Config`, `Clock` and `Database` of global modules.
import { Module } from '@nestjs/common';

import { AdminKey } from './admin-key.js';
import { ApiKeyService } from './api-key.service.js';
import { ApiKeyStore } from './api-key-store.js';
import { ApiKeyStrategy } from './api-key.strategy.js';
import { ApiKeyVerifier } from './api-key-verifier.js';
import { AuthenticationAudit } from './authentication-audit.js';
import { Authenticator } from './authenticator.js';
import { ClientAddress } from './client-address.js';
import { CredentialEvents } from './credential-events.js';
import { CredentialPassport } from './credential-passport.js';
import { FailedAuthLimiter } from './failed-auth-limiter.js';
import { HttpAuthGuard } from './http-auth.guard.js';
import { JwtStrategy } from './jwt.strategy.js';
import { JwtVerifier } from './jwt-verifier.js';
import { KnownSockets } from './known-sockets.js';
import { KeysController } from './keys.controller.js';
import { RefusalLog } from './refusal-log.js';
import { SqlApiKeyStore } from './sql-api-key-store.js';
import { TicketStore } from './ticket-store.js';
import { TicketStrategy } from './ticket.strategy.js';
import { TicketsController } from './tickets.controller.js';
import { UpgradeAuthenticator } from './upgrade-authenticator.js';

@Module({
  controllers: [KeysController, TicketsController],
  providers: [
    { provide: ApiKeyStore, useClass: SqlApiKeyStore },
    AdminKey,
    ApiKeyService,
    ApiKeyStrategy,
    ApiKeyVerifier,
    AuthenticationAudit,
    Authenticator,
    ClientAddress,
    CredentialEvents,
    CredentialPassport,
    FailedAuthLimiter,
    HttpAuthGuard,
    JwtStrategy,
    JwtVerifier,
    KnownSockets,
    RefusalLog,
    TicketStore,
    TicketStrategy,
    UpgradeAuthenticator,
  ],
  exports: [
    AdminKey,
    ApiKeyStore,
    AuthenticationAudit,
    Authenticator,
    ClientAddress,
    CredentialEvents,
    CredentialPassport,
    HttpAuthGuard,
    KnownSockets,
    UpgradeAuthenticator,
  ],
})
export class AuthModule {}
