// Resources and prompts of all upstreams that a tenant sees, as one catalog.
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { isDeeperThan, MAX_DEPTH } from '@mcpw/protocol';

import type { InputRequired } from '../extension/calling-client.js';
import { Failure } from '../extension/failure.js';
import { isRecord } from '../extension/is-record.js';
import { traceOf } from '../extension/trace-context.js';
import { NoOutcome } from '../tools/tool-source.js';
import { CatalogLists, type ListMethod } from './catalog-list.js';
import { readCallError } from './call-outcome.js';
import { NO_LIMITS, type LiveCaller } from './live-call.js';
import { ResourceWatch } from './resource-watch.js';
import { askedOf, inputParams, readInputRequired } from './upstream-input.js';
import { linkedUri, uriPrefix } from './source-name.js';
import type { Upstream } from './upstream.js';
import type { CatalogCaller, CatalogChanges, CatalogItem, CompletionParams, UpstreamCatalog } from './upstream-catalog.js';
import { upstreamRedactor } from './upstream-secrets.js';
import { Upstreams } from './upstreams.js';

type Result = Record<string, unknown>;

@Injectable()
export class FederatedCatalog implements UpstreamCatalog, OnModuleDestroy {
  private readonly lists = new CatalogLists();
  private readonly watch = new ResourceWatch();
  private readonly listeners = new Set<CatalogChanges>();
  private readonly stopListening: () => void;

  constructor(private readonly upstreams: Upstreams) {
    this.stopListening = upstreams.onCatalogChanged({
      listChanged: (upstream, what) => {
        this.lists.forget(upstream);
        for (const listener of this.listeners) listener.listChanged(what, upstream.definition.tenants);
        this.watch.renew(upstream);
      },
      resourceUpdated: (upstream, uri) => this.watch.updated(upstream, uri),
    });
  }

  onModuleDestroy(): void {
    this.stopListening();
  }

  listResources(caller: CatalogCaller): Promise<CatalogItem[]> {
    return this.listed(caller, 'resources/list', ({ source }, item) => renamed(item, 'uri', (uri) => uriPrefix(source) + uri));
  }

  listResourceTemplates(caller: CatalogCaller): Promise<CatalogItem[]> {
    return this.listed(caller, 'resources/templates/list', ({ source }, item) =>
      renamed(item, 'uriTemplate', (uri) => uriPrefix(source) + uri),
    );
  }

  listPrompts(caller: CatalogCaller): Promise<CatalogItem[]> {
    return this.listed(caller, 'prompts/list', ({ source }, item) => renamed(item, 'name', (name) => `${source}.${name}`));
  }

  async readResource(caller: CatalogCaller, uri: string): Promise<{ readonly contents: readonly CatalogItem[] }> {
    const { upstream, rest } = this.ownerOf(caller, uri);
    const { contents } = await this.ask(upstream, caller, 'resources/read', { uri: rest });
    const items = Array.isArray(contents) ? contents.filter(isRecord) : [];
    return { contents: items.map((item) => renamed(item, 'uri', (own) => uriPrefix(upstream.source) + own) ?? item) };
  }

  async getPrompt(caller: CatalogCaller, name: string, args: Readonly<Record<string, string>>): Promise<CatalogItem> {
    const { upstream, rest } = this.promptOwner(caller, name);
    const prompt = await this.ask(upstream, caller, 'prompts/get', { name: rest, arguments: args });
    const messages = Array.isArray(prompt['messages']) ? prompt['messages'] : [];
    return { ...prompt, messages: messages.map((message) => linkedMessage(upstream.source, message)) };
  }

  complete(caller: CatalogCaller, { ref, argument, context }: CompletionParams): Promise<CatalogItem> {
    const { upstream, rest } = ref.type === 'ref/prompt' ? this.promptOwner(caller, ref.name) : this.ownerOf(caller, ref.uri);
    const own = ref.type === 'ref/prompt' ? { type: ref.type, name: rest } : { type: ref.type, uri: rest };
    return this.ask(upstream, caller, 'completion/complete', { ref: own, argument, ...(context !== undefined && { context }) });
  }

  owns(tenant: string, uri: string): boolean {
    return this.upstreams.seenBy(tenant).some(({ source }) => uri.startsWith(uriPrefix(source)));
  }

  async subscribe(caller: CatalogCaller, uri: string, onUpdated: () => void): Promise<() => void> {
    const { upstream, rest } = this.ownerOf(caller, uri);
    try {
      return await this.watch.add(upstream, rest, onUpdated);
    } catch (error) {
      throw failureOf(upstream, error, caller);
    }
  }

  onChanged(changes: CatalogChanges): () => void {
    this.listeners.add(changes);
    return () => this.listeners.delete(changes);
  }

  /** Upstreams that do not answer have nothing to list. */
  private async listed(
    { principal }: CatalogCaller,
    method: ListMethod,
    rename: (upstream: Upstream, item: CatalogItem) => CatalogItem | undefined,
  ): Promise<CatalogItem[]> {
    const lists = await Promise.all(
      this.upstreams.seenBy(principal.tenant).map(async (upstream) => {
        const items = await this.lists.get(upstream, method).catch((): CatalogItem[] => []);
        return items.flatMap((item): CatalogItem[] => {
          const own = rename(upstream, item);
          return own === undefined ? [] : [own];
        });
      }),
    );
    return lists.flat();
  }

  private async ask(upstream: Upstream, caller: CatalogCaller, method: string, params: Result): Promise<Result> {
    try {
      const { idleTimeoutMs } = upstream.limits;
      return await this.upstreams.parked.run(caller, idleTimeoutMs, (live) => this.askOnce(upstream, live, method, params));
    } catch (error) {
      throw error instanceof NoOutcome ? error.failure : error;
    }
  }

  private async askOnce(upstream: Upstream, caller: LiveCaller, method: string, given: Result): Promise<Result> {
    const { meta, signal } = caller;
    const { peer } = upstream.link;
    if (peer === undefined) throw new Failure('unavailable', `${upstream.source} is not reached at the moment`);
    const limits = caller.ask === undefined ? upstream.limits : NO_LIMITS;
    const params = peer.era === 'modern' ? { ...given, ...inputParams(caller.client) } : given;
    let needed: InputRequired | undefined;
    try {
      const result = await peer.request(method, params, { ...limits, meta, signal, asked: askedOf(caller) });
      const trace = traceOf(result);
      if (trace !== undefined) caller.traceAnswer?.(trace);
      needed = peer.era === 'modern' ? readInputRequired(result) : undefined;
      if (needed === undefined && isRecord(result) && !isDeeperThan(result, MAX_DEPTH)) return result;
    } catch (error) {
      throw failureOf(upstream, error, { signal });
    }
    throw needed ?? new Failure('unavailable', `${upstream.source} did not answer with a result`);
  }

  private ownerOf({ principal }: CatalogCaller, uri: string): { upstream: Upstream; rest: string } {
    const upstream = this.upstreams.seenBy(principal.tenant).find(({ source }) => uri.startsWith(uriPrefix(source)));
    if (upstream === undefined) throw Failure.notFound(`resource ${uri}`);
    return { upstream, rest: uri.slice(uriPrefix(upstream.source).length) };
  }

  private promptOwner({ principal }: CatalogCaller, name: string): { upstream: Upstream; rest: string } {
    const dot = name.indexOf('.');
    const upstream = dot === -1 ? undefined : this.upstreams.ofSource(principal.tenant, name.slice(0, dot));
    if (upstream === undefined) throw Failure.notFound(`prompt ${name}`);
    return { upstream, rest: name.slice(dot + 1) };
  }
}

/** What the upstream itself says is about what was asked. */
function failureOf({ definition }: Upstream, thrown: unknown, { signal }: Pick<CatalogCaller, 'signal'>): Failure {
  const { error } = readCallError(definition.source, thrown, signal, upstreamRedactor(definition.server));
  if (error instanceof NoOutcome) return error.failure;
  return new Failure('invalid_params', error.message, error instanceof Failure ? error.data : undefined);
}

/** Undefined where the item has no such text: nobody could ask for it. */
function renamed(item: CatalogItem, member: string, rename: (text: string) => string): CatalogItem | undefined {
  const text = item[member];
  return typeof text === 'string' ? { ...item, [member]: rename(text) } : undefined;
}

/** The resource in it, or linked to, has the URI by which it is read here. */
function linkedMessage(source: string, message: unknown): unknown {
  if (!isRecord(message) || !isRecord(message['content'])) return message;
  const { content } = message;
  const link = (uri: string): string => linkedUri(source, uri);
  if (content['type'] === 'resource_link') return { ...message, content: renamed(content, 'uri', link) ?? content };
  if (content['type'] !== 'resource' || !isRecord(content['resource'])) return message;
  return { ...message, content: { ...content, resource: renamed(content['resource'], 'uri', link) ?? content['resource'] } };
}
