// Tools: where they come from, who may use them, and how they are run.
import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';

import { AgentToolService } from './agent-tool.service.js';
import { AgentToolSource } from './agent-tool-source.js';
import { BuiltinTools } from './builtin.tools.js';
import { LocalToolSource } from './local-tool-source.js';
import { ToolCatalog } from './tool-catalog.js';
import { ToolGateway } from './tool.gateway.js';
import { ToolRegistry } from './tool-registry.js';
import { ToolRunner } from './tool-runner.js';
import { ToolService } from './tool.service.js';

/** Expects `Config`, `Clock`, `Database` and `EventPublisher` from global modules. A module with a source of its own adds it to `ToolRegistry`. */
@Module({
  imports: [DiscoveryModule],
  providers: [
    AgentToolService,
    AgentToolSource,
    BuiltinTools,
    LocalToolSource,
    ToolCatalog,
    ToolGateway,
    ToolRegistry,
    ToolRunner,
    ToolService,
  ],
  exports: [ToolRegistry, ToolService],
})
export class ToolsModule {}
