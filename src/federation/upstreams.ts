// All upstreams, and their tools as one source of the registry. Which there are: the file's, and those that administrators add.
import { Inject, Injectable } from '@nestjs/common';

import { Config } from '../config/config.js';
import { shareTenant } from '../config/tenant-list.js';
import { Clock } from '../extension/clock.js';
import { Failure } from '../extension/failure.js';
import type { RegisteredTool, ToolSource } from '../tools/tool-source.js';
import { ParkedCalls } from './parked-calls.js';
import { TransportFactory } from './transport-factory.js';
import { Upstream, type UpstreamListener } from './upstream.js';
import { isSeenBy, type UpstreamDefinition } from './upstream-definition.js';

export type CatalogListener = Pick<UpstreamListener, 'listChanged' | 'resourceUpdated'>;

@Injectable()
export class Upstreams implements ToolSource {
  readonly name = 'upstreams';
  /** Calls of all upstreams that wait for their callers' answers. */
  readonly parked: ParkedCalls;
  /** The file's first: where two that a tenant sees have one name, the first is meant. */
  private readonly bySource = new Map<string, Upstream[]>();
  private readonly toolListeners = new Set<(tenant: string | null) => void>();
  private readonly catalogListeners = new Set<CatalogListener>();

  constructor(
    @Inject(Config) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    private readonly transports: TransportFactory,
  ) {
    this.parked = new ParkedCalls(config.mcp.inputTimeoutMs);
  }

  all(): Upstream[] {
    return [...this.bySource.values()].flat();
  }

  seenBy(tenant: string): Upstream[] {
    return [...this.bySource.values()].flatMap((upstreams) => upstreams.find(({ definition }) => isSeenBy(definition, tenant)) ?? []);
  }

  ofSource(tenant: string, source: string): Upstream | undefined {
    return this.bySource.get(source)?.find(({ definition }) => isSeenBy(definition, tenant));
  }

  /** @throws Failure conflict where a tenant that sees it sees another of its name already */
  add(definition: UpstreamDefinition): Upstream {
    const { source } = definition;
    const others = this.bySource.get(source) ?? [];
    if (others.some((other) => shareTenant(other.definition.tenants, definition.tenants)))
      throw new Failure('conflict', `there is an upstream named ${source}`);
    const upstream = new Upstream({
      definition,
      openTransport: (token) => this.transports.open(definition, token),
      clock: this.clock,
      random: Math.random,
      timeoutMs: this.config.tools.timeoutMs,
      parked: this.parked,
      listener: {
        toolsChanged: () => this.toolsChanged(definition),
        listChanged: (changed, what) => this.catalogListeners.forEach((listener) => listener.listChanged(changed, what)),
        resourceUpdated: (changed, uri) => this.catalogListeners.forEach((listener) => listener.resourceUpdated(changed, uri)),
      },
    });
    this.bySource.set(source, [...others, upstream]);
    return upstream;
  }

  /** Its tools are gone at once; resolves when nothing of it runs any more. */
  async remove(upstream: Upstream): Promise<void> {
    const { definition, source } = upstream;
    const others = (this.bySource.get(source) ?? []).filter((other) => other !== upstream);
    if (others.length === 0) this.bySource.delete(source);
    else this.bySource.set(source, others);
    if (upstream.tools.size > 0) this.toolsChanged(definition);
    await upstream.stop();
  }

  async stop(): Promise<void> {
    await Promise.all(this.all().map((upstream) => upstream.stop()));
  }

  list(tenant: string): readonly RegisteredTool[] {
    return this.seenBy(tenant).flatMap(({ tools }) => [...tools.values()]);
  }

  find(tenant: string, name: string): RegisteredTool | undefined {
    const dot = name.indexOf('.');
    return dot === -1 ? undefined : this.ofSource(tenant, name.slice(0, dot))?.tools.get(name);
  }

  /** All names of an upstream, be it connected or not. */
  reserves(tenant: string, name: string): boolean {
    const dot = name.indexOf('.');
    return dot !== -1 && this.ofSource(tenant, name.slice(0, dot)) !== undefined;
  }

  onChanged(listener: (tenant: string | null) => void): () => void {
    this.toolListeners.add(listener);
    return () => this.toolListeners.delete(listener);
  }

  /** Told of resources and prompts. Returns the way to take it back. */
  onCatalogChanged(listener: CatalogListener): () => void {
    this.catalogListeners.add(listener);
    return () => this.catalogListeners.delete(listener);
  }

  private toolsChanged({ tenants }: UpstreamDefinition): void {
    for (const tenant of tenants ?? [null]) for (const listener of this.toolListeners) listener(tenant);
  }
}
