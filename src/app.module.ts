// The composition root: which modules the server is made of. A team's own come beside them.
import { Module, type DynamicModule, type Type } from '@nestjs/common';

import { ApiDocsModule } from './api-docs/api-docs.module.js';
import { AuditModule, AuditQueries } from './audit/audit.module.js';
import { AuthModule } from './auth/auth.module.js';
import { ConfigModule } from './config/config.module.js';
import type { Config } from './config/config.js';
import { ConnectionModule } from './connection/connection.module.js';
import { ContextModule } from './context/context.module.js';
import { EventModule } from './events/event.module.js';
import { ClockModule } from './extension/clock.module.js';
import { FederationModule } from './federation/federation.module.js';
import { HttpModule } from './http/http.module.js';
import { IdempotencyModule } from './idempotency/idempotency.module.js';
import { LimitsModule } from './limits/limits.module.js';
import { ServerLoggerModule } from './logger.module.js';
import { McpModule } from './mcp/mcp.module.js';
import { MonitoringModule } from './monitoring/monitoring.module.js';
import { OpenApiToolsModule } from './openapi-tools/openapi-tools.module.js';
import { ProtocolModule } from './protocol/protocol.module.js';
import { StorageModule } from './storage/storage.module.js';
import { ToolsModule } from './tools/tools.module.js';

export type ExtensionModule = Type | DynamicModule;

@Module({})
export class AppModule {
  /** @param modules a team's own, with gateways and tools of their own */
  static of(config: Config, modules: readonly ExtensionModule[] = []): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.of(config),
        ServerLoggerModule,
        ClockModule,
        StorageModule.forRoot({
          writerEntry: new URL('./writer.thread.js', import.meta.url),
          readerEntry: new URL('./reader.thread.js', import.meta.url),
        }),
        AuditModule,
        AuthModule,
        AuditQueries,
        LimitsModule,
        ConnectionModule,
        IdempotencyModule,
        ContextModule,
        EventModule,
        ToolsModule,
        FederationModule,
        OpenApiToolsModule,
        ...modules,
        ProtocolModule,
        McpModule,
        HttpModule,
        MonitoringModule,
        ApiDocsModule,
      ],
    };
  }
}
