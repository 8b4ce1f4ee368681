// All methods of MCP that are served here, by name and era.
import { Injectable, type OnModuleInit } from '@nestjs/common';

import { TrafficMeter } from '../connection/traffic-meter.js';
import { Failure } from '../extension/failure.js';
import type { McpMethod } from './mcp-call.js';
import { PromptMethods } from './methods/prompt-methods.js';
import { ResourceMethods } from './methods/resource-methods.js';
import { SessionMethods } from './methods/session-methods.js';
import { ToolMethods } from './methods/tool-methods.js';
import type { Era } from './protocol-versions.js';

/** Stands in for names that are no method of the era. */
const UNKNOWN: McpMethod = {
  name: '',
  run: () => {
    throw new Failure('method_not_found', 'there is no such method');
  },
};

@Injectable()
export class MethodRegistry implements OnModuleInit {
  private readonly byEra: Readonly<Record<Era, ReadonlyMap<string, McpMethod>>>;
  private readonly names: readonly string[];
  /** Its place in the traffic meter. */
  private readonly indexes = new Map<McpMethod, number>();

  constructor(
    tools: ToolMethods,
    resources: ResourceMethods,
    prompts: PromptMethods,
    session: SessionMethods,
    private readonly meter: TrafficMeter,
  ) {
    const all = [...tools.methods, ...resources.methods, ...prompts.methods, ...session.methods];
    const of = (era: Era) => new Map(all.filter((method) => (method.era ?? era) === era).map((method) => [method.name, method]));
    this.byEra = { modern: of('modern'), legacy: of('legacy') };
    this.names = [...new Set(all.map(({ name }) => name))];
    for (const method of all) this.indexes.set(method, this.names.indexOf(method.name));
  }

  onModuleInit(): void {
    const first = this.meter.registerMethods(this.names.map((name) => `mcp ${name}`));
    for (const [method, index] of this.indexes) this.indexes.set(method, first + index);
  }

  find(name: string, era: Era): McpMethod {
    return this.byEra[era].get(name) ?? UNKNOWN;
  }

  indexOf(method: McpMethod): number {
    return this.indexes.get(method) ?? -1;
  }
}
