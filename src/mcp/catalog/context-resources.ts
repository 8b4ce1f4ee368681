// Contexts as resources: `context://<id>`, with `?limit=` and `?before=` for reading backwards. What changes one is told by the log
// of events that the change itself wrote, after it was committed.
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { Resource, ResourceTemplateType } from '@modelcontextprotocol/server';

import type { ContextSummary } from '../../context/context.js';
import { ContextService } from '../../context/context.service.js';
import { GetContextDto } from '../../context/get-context.dto.js';
import type { Caller } from '../../extension/caller.js';
import { Failure } from '../../extension/failure.js';
import { holdsScope } from '../../extension/principal.js';
import { Database } from '../../storage/database.js';
import type { LoggedEvent } from '../../storage/write-program.js';
import { compileDto } from '../../validation/compile-dto.js';
import type { CompletionParams, CompletionValues } from './completion.js';
import { McpCatalog } from './mcp-catalog.js';
import type { Contents, ResourcePage, ResourceSource } from './resource-source.js';

const SCHEME = 'context://';
const PAGE_SIZE = 200;
const MOST_VALUES = 100;
const SCOPE = 'contexts:read';
const EVENT = 'context.';

const TEMPLATE: ResourceTemplateType = {
  uriTemplate: `${SCHEME}{id}{?limit,before}`,
  name: 'context',
  title: 'Shared context',
  description: 'A context: its metadata and newest items, oldest of them first. limit: how many; before: an item id, for older ones.',
  mimeType: 'application/json',
};

@Injectable()
export class ContextResources implements ResourceSource, OnModuleInit, OnModuleDestroy {
  readonly name = 'contexts';
  private readonly params = compileDto(GetContextDto);
  /** Who watches what, by tenant and id. */
  private readonly watched = new Map<string, Map<string, Set<() => void>>>();
  private readonly listListeners = new Set<(tenants: readonly string[]) => void>();
  private stopListening: (() => void) | undefined;

  constructor(
    private readonly contexts: ContextService,
    @Inject(Database) private readonly database: Database,
    private readonly catalog: McpCatalog,
  ) {}

  onModuleInit(): void {
    this.stopListening = this.database.onPublished((events) => this.told(events));
    this.catalog.addResources(this);
  }

  onModuleDestroy(): void {
    this.stopListening?.();
  }

  async list(caller: Caller, cursor: string | undefined): Promise<ResourcePage> {
    if (!holdsScope(caller.principal, SCOPE)) return { resources: [] };
    const page = await this.contexts.list(caller, { limit: PAGE_SIZE, ...(cursor !== undefined && { cursor }) });
    return { resources: page.contexts.map(asResource), nextCursor: page.next_cursor };
  }

  listTemplates({ principal }: Caller): readonly ResourceTemplateType[] {
    return holdsScope(principal, SCOPE) ? [TEMPLATE] : [];
  }

  owns(_caller: Caller, uri: string): boolean {
    return uri.startsWith(SCHEME);
  }

  async read(caller: Caller, uri: string): Promise<readonly Contents[]> {
    const context = await this.contexts.get(caller, this.asked(caller, uri));
    return [{ uri, mimeType: 'application/json', text: JSON.stringify(context) }];
  }

  async watch(caller: Caller, uri: string, onUpdated: () => void): Promise<() => void> {
    const { context_id: id } = this.asked(caller, uri);
    await this.contexts.get(caller, { context_id: id, limit: 0 });
    const { tenant } = caller.principal;
    const ofTenant = this.watched.get(tenant) ?? new Map<string, Set<() => void>>();
    this.watched.set(tenant, ofTenant);
    const watchers = ofTenant.get(id) ?? new Set();
    ofTenant.set(id, watchers);
    const watcher = (): void => onUpdated();
    watchers.add(watcher);
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0 && ofTenant.get(id) === watchers) ofTenant.delete(id);
      if (ofTenant.size === 0 && this.watched.get(tenant) === ofTenant) this.watched.delete(tenant);
    };
  }

  /** The newest contexts' ids that begin so. */
  async complete(caller: Caller, { argument }: CompletionParams): Promise<CompletionValues> {
    if (argument.name !== 'id' || !holdsScope(caller.principal, SCOPE)) return { values: [] };
    const { contexts, next_cursor } = await this.contexts.list(caller, { limit: PAGE_SIZE });
    const fitting = contexts.map(({ id }) => id).filter((id) => id.startsWith(argument.value));
    return { values: fitting.slice(0, MOST_VALUES), hasMore: fitting.length > MOST_VALUES || next_cursor !== undefined };
  }

  onListChanged(listener: (tenants: readonly string[]) => void): () => void {
    this.listListeners.add(listener);
    return () => this.listListeners.delete(listener);
  }

  /** @throws Failure `forbidden`; `not_found` for what cannot be a context's URI */
  private asked({ principal }: Caller, uri: string): GetContextDto {
    if (!holdsScope(principal, SCOPE)) throw Failure.forbidden(SCOPE);
    const query = uri.indexOf('?');
    const id = uri.slice(SCHEME.length, query === -1 ? undefined : query);
    const { limit, ...others } = Object.fromEntries(new URLSearchParams(query === -1 ? '' : uri.slice(query)));
    const given = { ...others, ...(limit !== undefined && { limit: Number(limit) }), context_id: id };
    if (this.params.validate(given) !== null) throw Failure.notFound(`resource ${uri}`);
    return given;
  }

  private told(events: readonly LoggedEvent[]): void {
    const changedLists = new Set<string>();
    for (const { tenant, event, data } of events) {
      if (!event.startsWith(EVENT)) continue;
      if (event !== 'context.updated') changedLists.add(tenant);
      const watched = this.watched.get(tenant);
      if (watched === undefined) continue;
      const { context_id: id } = JSON.parse(data) as { context_id: string };
      for (const watcher of watched.get(id) ?? []) watcher();
    }
    if (changedLists.size > 0) for (const listener of this.listListeners) listener([...changedLists]);
  }
}

function asResource({ id, name, item_count, current_tokens, updated_at }: ContextSummary): Resource {
  return {
    uri: SCHEME + id,
    name,
    description: `${item_count} items, ${current_tokens} tokens`,
    mimeType: 'application/json',
    annotations: { lastModified: updated_at },
  };
}
