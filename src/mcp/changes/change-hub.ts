// Who is told of changes, by tenant. What happens within a moment is told once: a thousand tools that come with one server are one
// change of the list.
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';

import { ToolRegistry } from '../../tools/tool-registry.js';
import { McpCatalog } from '../catalog/mcp-catalog.js';
import { ChangeListener, type ChangeKind, type ChangeSchedule } from './change-listener.js';

const MOMENT_MS = 50;
/** Listeners served between two looks at what else there is to do. */
const STRIDE = 500;

@Injectable()
export class ChangeHub implements ChangeSchedule, OnModuleInit, OnModuleDestroy {
  private readonly listeners = new Map<string, Set<ChangeListener>>();
  private marked = new Set<ChangeListener>();
  private timer: NodeJS.Timeout | undefined;
  private readonly stops: (() => void)[] = [];

  constructor(
    readonly catalog: McpCatalog,
    private readonly tools: ToolRegistry,
  ) {}

  onModuleInit(): void {
    this.stops.push(
      this.tools.onChanged((tenant) => this.changed('tools', tenant === null ? null : [tenant])),
      this.catalog.onChanged((kind, tenants) => this.changed(kind, tenants)),
    );
  }

  onModuleDestroy(): void {
    for (const stop of this.stops) stop();
    clearTimeout(this.timer);
    this.endAll();
  }

  listen(tenant: string, kinds: readonly ChangeKind[], meta?: object): ChangeListener {
    const listener = new ChangeListener(tenant, kinds, this, meta);
    const ofTenant = this.listeners.get(tenant) ?? new Set();
    this.listeners.set(tenant, ofTenant);
    ofTenant.add(listener);
    return listener;
  }

  mark(listener: ChangeListener): void {
    this.marked.add(listener);
    this.timer ??= setTimeout(() => this.flush(), MOMENT_MS).unref();
  }

  forget(listener: ChangeListener): void {
    this.marked.delete(listener);
    const ofTenant = this.listeners.get(listener.tenant);
    ofTenant?.delete(listener);
    if (ofTenant?.size === 0) this.listeners.delete(listener.tenant);
  }

  /** Ends all, as when the server does: who listens hears that it is over. */
  endAll(): void {
    for (const ofTenant of [...this.listeners.values()]) for (const listener of [...ofTenant]) listener.end();
  }

  private changed(kind: ChangeKind, tenants: readonly string[] | null): void {
    for (const tenant of tenants ?? this.listeners.keys()) {
      for (const listener of this.listeners.get(tenant) ?? []) listener.changed(kind);
    }
  }

  private flush(): void {
    this.timer = undefined;
    let served = 0;
    for (const listener of this.marked) {
      if (served++ === STRIDE) {
        this.timer = setTimeout(() => this.flush(), 0).unref();
        return;
      }
      this.marked.delete(listener);
      listener.flush();
    }
  }
}
