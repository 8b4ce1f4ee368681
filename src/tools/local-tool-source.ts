// This server's own tools: every method that carries `@Tool`, of every Nest provider, found once at start.
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';

import { toolOptionsOf, type ToolMethod, type ToolOptions } from '../extension/tool.decorator.js';
import { compileDto } from '../validation/compile-dto.js';
import { ToolRegistry } from './tool-registry.js';
import { TOOL_NAME, type RegisteredTool, type ToolSource } from './tool-source.js';

const ANY_OBJECT = { type: 'object' };

@Injectable()
export class LocalToolSource implements ToolSource, OnModuleInit {
  readonly name = 'local';
  private readonly tools = new Map<string, RegisteredTool>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly registry: ToolRegistry,
  ) {}

  /** @throws Error when a tool's name is malformed or taken, or its provider is not a singleton: the server does not start */
  onModuleInit(): void {
    const seen = new Set<object>();
    for (const wrapper of this.discovery.getProviders()) {
      const prototype = wrapper.metatype?.prototype as object | null | undefined;
      const instance = wrapper.instance as object | null | undefined;
      if (!prototype || !instance || typeof instance !== 'object' || seen.has(instance)) continue;
      seen.add(instance);
      for (const method of this.scanner.getAllMethodNames(Object.getPrototypeOf(instance) as object)) {
        const run = (instance as Record<string, ToolMethod>)[method] as ToolMethod;
        const options = toolOptionsOf(run);
        if (options === undefined) continue;
        if (!wrapper.isDependencyTreeStatic())
          throw new Error(`tool ${options.name}: ${wrapper.name} is not a singleton, so there is none to call`);
        this.add(options, (args, caller) => run.call(instance, args, caller), `${wrapper.name}.${method}`);
      }
    }
    this.registry.add(this);
  }

  list(): readonly RegisteredTool[] {
    return [...this.tools.values()];
  }

  find(_tenant: string, name: string): RegisteredTool | undefined {
    return this.tools.get(name);
  }

  /** They are the same for as long as the server runs. */
  onChanged(): () => void {
    return () => undefined;
  }

  private add(options: ToolOptions, execute: RegisteredTool['execute'], declaredBy: string): void {
    const { name, description, input, output, scopes = [], timeoutMs, annotations } = options;
    if (!TOOL_NAME.test(name)) throw new Error(`tool ${JSON.stringify(name)} of ${declaredBy}: a name is 1 to 128 of A-Z a-z 0-9 _ . -`);
    if (this.tools.has(name)) throw new Error(`two tools are named ${name}; the second is ${declaredBy}`);
    const validator = input === undefined ? undefined : compileDto(input);
    this.tools.set(name, {
      name,
      description,
      inputSchema: validator?.schema ?? ANY_OBJECT,
      outputSchema: output === undefined ? undefined : compileDto(output).schema,
      annotations,
      source: this.name,
      scopes,
      timeoutMs,
      validate: validator === undefined ? () => null : (args) => validator.validate(args),
      execute,
    });
  }
}
