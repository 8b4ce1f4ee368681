// Resources and prompts of other MCP servers, passed through. Their names and URIs here, and their health, are federation's.
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { CompleteResult, GetPromptResult, Prompt, Resource, ResourceTemplateType } from '@modelcontextprotocol/server';

import type { Caller } from '../../extension/caller.js';
import { Failure } from '../../extension/failure.js';
import { holdsScope } from '../../extension/principal.js';
import { UpstreamCatalog } from '../../federation/upstream-catalog.js';
import type { CompletionParams, CompletionValues } from './completion.js';
import { slice } from './list-cursor.js';
import { McpCatalog } from './mcp-catalog.js';
import type { PromptSource } from './prompt-source.js';
import type { Contents, ResourcePage, ResourceSource } from './resource-source.js';

const PAGE_SIZE = 500;
const SCOPE = 'tools:read';

@Injectable()
export class UpstreamSource implements ResourceSource, OnModuleInit, OnModuleDestroy {
  readonly name = 'upstreams';
  /** The same upstreams' prompts. */
  readonly prompts: PromptSource;
  private stopListening: (() => void) | undefined;
  private readonly listeners = { resources: new Set<Listener>(), prompts: new Set<Listener>() };

  constructor(
    @Inject(UpstreamCatalog) private readonly upstreams: UpstreamCatalog,
    private readonly catalog: McpCatalog,
  ) {
    this.prompts = {
      name: this.name,
      list: async (caller) => (mayRead(caller) ? ((await upstreams.listPrompts(caller)) as unknown as Prompt[]) : []),
      // A name without an upstream's is nobody's; what that upstream says of one that it has not is its own affair.
      owns: (_caller, name) => name.includes('.'),
      get: async (caller, name, args) => (await upstreams.getPrompt(reader(caller), name, args)) as unknown as GetPromptResult,
      complete: (caller, params) => this.complete(caller, params),
      onListChanged: (listener) => this.add('prompts', listener),
    };
  }

  onModuleInit(): void {
    this.stopListening = this.upstreams.onChanged({
      listChanged: (what, tenants) => {
        for (const listener of this.listeners[what]) listener(tenants);
      },
    });
    this.catalog.addResources(this);
    this.catalog.addPrompts(this.prompts);
  }

  onModuleDestroy(): void {
    this.stopListening?.();
  }

  async list(caller: Caller, cursor: string | undefined): Promise<ResourcePage> {
    const all = mayRead(caller) ? ((await this.upstreams.listResources(caller)) as unknown as Resource[]) : [];
    const { items, nextCursor } = slice(all, cursor, PAGE_SIZE);
    return { resources: items, nextCursor };
  }

  async listTemplates(caller: Caller): Promise<readonly ResourceTemplateType[]> {
    return mayRead(caller) ? ((await this.upstreams.listResourceTemplates(caller)) as unknown as ResourceTemplateType[]) : [];
  }

  owns({ principal }: Caller, uri: string): boolean {
    return this.upstreams.owns(principal.tenant, uri);
  }

  async read(caller: Caller, uri: string): Promise<readonly Contents[]> {
    const { contents } = await this.upstreams.readResource(reader(caller), uri);
    return contents as unknown as readonly Contents[];
  }

  async watch(caller: Caller, uri: string, onUpdated: () => void): Promise<() => void> {
    return this.upstreams.subscribe(reader(caller), uri, onUpdated);
  }

  async complete(caller: Caller, params: CompletionParams): Promise<CompletionValues> {
    const { ref, argument, context } = params;
    const own = { ref, argument, ...(context?.arguments !== undefined && { context: { arguments: context.arguments } }) };
    return ((await this.upstreams.complete(reader(caller), own)) as unknown as CompleteResult).completion;
  }

  onListChanged(listener: Listener): () => void {
    return this.add('resources', listener);
  }

  private add(kind: 'resources' | 'prompts', listener: Listener): () => void {
    this.listeners[kind].add(listener);
    return () => this.listeners[kind].delete(listener);
  }
}

type Listener = (tenants: readonly string[] | null) => void;

const mayRead = ({ principal }: Caller): boolean => holdsScope(principal, SCOPE);

/** @throws Failure `forbidden` */
function reader(caller: Caller): Caller {
  if (!mayRead(caller)) throw Failure.forbidden(SCOPE);
  return caller;
}
