// Tools that connected agents offer, each visible within its agent's tenant only. Not when offers are made: agent-tool.service.ts.
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';

import type { Channel } from '../extension/channel.js';
import { AGENT_SOURCE, AgentTool, type AgentToolDefinition } from './agent-tool.js';
import { ToolRegistry } from './tool-registry.js';
import type { RegisteredTool, ToolSource } from './tool-source.js';

const NONE: ReadonlyMap<string, AgentTool> = new Map();

@Injectable()
export class AgentToolSource implements ToolSource, OnApplicationBootstrap {
  readonly name = AGENT_SOURCE;
  private readonly tenants = new Map<string, Map<string, AgentTool>>();
  private readonly listeners = new Set<(tenant: string | null) => void>();

  constructor(private readonly registry: ToolRegistry) {}

  /** After all others: where one of them comes to have a tool of an agent's name, it is the one that is called. */
  onApplicationBootstrap(): void {
    this.registry.add(this);
  }

  list(tenant: string): readonly RegisteredTool[] {
    return [...this.toolsOf(tenant).values()];
  }

  find(tenant: string, name: string): AgentTool | undefined {
    return this.tenants.get(tenant)?.get(name);
  }

  onChanged(listener: (tenant: string | null) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Adds an agent's offers; one that it made before is made anew. */
  offer(tenant: string, channel: Channel, definitions: readonly AgentToolDefinition[]): void {
    let tools = this.tenants.get(tenant);
    if (tools === undefined) this.tenants.set(tenant, (tools = new Map<string, AgentTool>()));
    for (const definition of definitions) {
      let tool = tools.get(definition.name);
      const isOnlyOffer = tool?.offerCount === 1 && tool.isOfferedBy(channel);
      if (tool === undefined || isOnlyOffer) tools.set(definition.name, (tool = new AgentTool(definition)));
      tool.offer(channel);
    }
    this.changed(tenant);
  }

  /** Takes back an agent's offers. @returns the names that it had offered */
  withdraw(tenant: string, channel: Channel, names: Iterable<string>): string[] {
    const tools = this.tenants.get(tenant);
    const withdrawn = [...new Set(names)].filter((name) => {
      const tool = tools?.get(name);
      if (tool === undefined || !tool.withdraw(channel)) return false;
      if (tool.offerCount === 0) tools?.delete(name);
      return true;
    });
    if (tools?.size === 0) this.tenants.delete(tenant);
    if (withdrawn.length > 0) this.changed(tenant);
    return withdrawn;
  }

  private toolsOf(tenant: string): ReadonlyMap<string, AgentTool> {
    return this.tenants.get(tenant) ?? NONE;
  }

  private changed(tenant: string): void {
    for (const listener of this.listeners) listener(tenant);
  }
}
