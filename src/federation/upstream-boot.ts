// Starts the upstreams with the server and ends them with it.
import { Inject, Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';

import { Config } from '../config/config.js';
import { isNameOfApi } from '../config/openapi-source.js';
import { readMcpServers, type McpServer } from '../config/mcp-server.js';
import { ToolRegistry } from '../tools/tool-registry.js';
import { defaultUpstreams } from './default-upstream.js';
import { sourceName } from './source-name.js';
import { UpstreamService } from './upstream.service.js';
import type { UpstreamDefinition } from './upstream-definition.js';
import { Upstreams } from './upstreams.js';

/** How long the server's start waits for the tools of its upstreams; who is slower comes later. */
const START_MS = 5_000;

@Injectable()
export class UpstreamBoot implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Upstreams');

  constructor(
    @Inject(Config) private readonly config: Config,
    private readonly upstreams: Upstreams,
    private readonly kept: UpstreamService,
    private readonly registry: ToolRegistry,
  ) {}

  onModuleInit(): void {
    const { mcpServers, dataDir } = this.config;
    const servers = mcpServers === undefined ? defaultUpstreams(dataDir) : readMcpServers(mcpServers).servers;
    for (const [name, server] of servers) {
      const source = sourceName(name);
      if (source === undefined) this.logger.warn({ msg: 'an upstream has a name that nothing can be made of', name });
      else this.attempt(fileDefinition(source, server));
    }
    for (const definition of this.kept.definitions()) this.attempt(definition);
    this.registry.add(this.upstreams);
  }

  async onApplicationBootstrap(): Promise<void> {
    const starting = Promise.all(this.upstreams.all().map((upstream) => upstream.start()));
    let timer: NodeJS.Timeout | undefined;
    const longEnough = new Promise<void>((resolve) => (timer = setTimeout(resolve, START_MS)));
    await Promise.race([starting, longEnough]);
    clearTimeout(timer);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.upstreams.stop();
  }

  /** One that cannot be is left out: the others are. */
  private attempt(definition: UpstreamDefinition): void {
    const { source, tenants } = definition;
    try {
      if (isNameOfApi(this.config, source, tenants)) throw new Error(`its name is that of an API, openapi.${source}`);
      this.upstreams.add(definition);
    } catch (error) {
      this.logger.error({ msg: 'an upstream is left out', name: source, error: (error as Error).message });
    }
  }
}

function fileDefinition(source: string, server: McpServer): UpstreamDefinition {
  return { id: `file.${source}`, source, server, origin: 'file', owner: null, tenants: server.tenants ?? null };
}
