// Tools, resources and prompts of other MCP servers.
import { Global, Module } from '@nestjs/common';

import { AuthModule } from '../auth/auth.module.js';
import { ToolsModule } from '../tools/tools.module.js';
import { FederatedCatalog } from './federated-catalog.js';
import { ProcessWarden } from './process-warden.js';
import { TransportFactory } from './transport-factory.js';
import { UpstreamBoot } from './upstream-boot.js';
import { UpstreamCatalog } from './upstream-catalog.js';
import { UpstreamHealth } from './upstream-health.js';
import { UpstreamMetrics } from './upstream-metrics.js';
import { UpstreamService } from './upstream.service.js';
import { Upstreams } from './upstreams.js';
import { UpstreamsController } from './upstreams.controller.js';

/** Expects `Config`, `Clock` and `Database` of global modules; is one itself, for probes and for who speaks MCP to clients. */
@Global()
@Module({
  imports: [AuthModule, ToolsModule],
  controllers: [UpstreamsController],
  providers: [
    ProcessWarden,
    TransportFactory,
    UpstreamBoot,
    UpstreamHealth,
    UpstreamMetrics,
    UpstreamService,
    Upstreams,
    { provide: UpstreamCatalog, useClass: FederatedCatalog },
  ],
  exports: [UpstreamCatalog, UpstreamHealth],
})
export class FederationModule {}
