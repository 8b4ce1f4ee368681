// Gives every module the audit log to record in; admins read it over REST. `AuditQueries` has the routes and needs authentication,
// which itself records: so they are two modules.
import { Global, Module } from '@nestjs/common';

import { AuthModule } from '../auth/auth.module.js';
import { Config } from '../config/config.js';
import { AuditLog, NO_AUDIT } from '../extension/audit-log.js';
import { Clock } from '../extension/clock.js';
import { AuditController } from './audit.controller.js';
import { AuditOutbox } from './audit-outbox.js';
import { AuditRecorder } from './audit-recorder.js';
import { AuditRetention } from './audit-retention.js';
import { AuditService } from './audit.service.js';

/** Needs global providers of `Config`, `Clock` and `Database`. */
@Global()
@Module({
  providers: [
    {
      provide: AuditLog,
      inject: [Config, Clock],
      useFactory: (config: Config, clock: Clock) => (config.audit.enabled ? new AuditRecorder(config, clock) : NO_AUDIT),
    },
    AuditOutbox,
    AuditRetention,
  ],
  exports: [AuditLog],
})
export class AuditModule {}

@Module({ imports: [AuthModule], controllers: [AuditController], providers: [AuditService] })
export class AuditQueries {}
