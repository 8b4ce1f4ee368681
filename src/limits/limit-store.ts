// Limits that admins have set: in memory, where every message asks for them, and in the database, where they outlive the server.
// Read once at start: one server owns a data folder.
import { Inject, Injectable } from '@nestjs/common';

import { Database } from '../storage/database.js';
import type { Limit, LimitScope, LimitTarget, Rate } from './limit.js';
import type { limitWrites } from './limit-writes.js';

type Writes = typeof limitWrites;

interface Row {
  readonly scope: LimitScope;
  readonly tenant: string;
  readonly name: string;
  readonly rate: number;
  readonly burst: number;
  readonly updated_at: number;
}

@Injectable()
export class LimitStore {
  /** By scope: a tenant's name, a key's id, a tool's name behind its tenant's. */
  private readonly limits: Readonly<Record<LimitScope, Map<string, Limit>>> = { tenant: new Map(), key: new Map(), tool: new Map() };
  private readonly listeners = new Set<(target: LimitTarget) => void>();

  constructor(@Inject(Database) private readonly database: Database) {
    const rows = database.prepare('SELECT scope, tenant, name, rate, burst, updated_at FROM rate_limit').all() as unknown as Row[];
    for (const { updated_at: updatedAt, ...limit } of rows) this.limits[limit.scope].set(keyOf(limit), { ...limit, updatedAt });
  }

  ofTenant(tenant: string): Rate | undefined {
    return this.limits.tenant.get(tenant);
  }

  ofKey(id: string): Rate | undefined {
    return this.limits.key.get(id);
  }

  ofTool(tenant: string, tool: string): Rate | undefined {
    return this.limits.tool.size === 0 ? undefined : this.limits.tool.get(`${tenant}:${tool}`);
  }

  /** By tenant, scope and name. @param tenant undefined: of all */
  list(tenant: string | undefined): Limit[] {
    return Object.values(this.limits)
      .flatMap((limits) => [...limits.values()])
      .filter((limit) => tenant === undefined || limit.tenant === tenant)
      .sort((a, b) => compare([a.tenant, a.scope, a.name], [b.tenant, b.scope, b.name]));
  }

  /** In force from the moment it is on disk. @throws Failure conflict when the tenant has too many */
  async set(limit: Omit<Limit, 'updatedAt'>): Promise<Limit> {
    const updatedAt = await this.database.write<Writes, 'limit.set'>('limit.set', limit);
    const set = { ...limit, updatedAt };
    this.limits[limit.scope].set(keyOf(limit), set);
    this.changed(limit);
    return set;
  }

  /** @returns whether there was one */
  async remove(target: LimitTarget): Promise<boolean> {
    const wasThere = await this.database.write<Writes, 'limit.remove'>('limit.remove', target);
    this.limits[target.scope].delete(keyOf(target));
    this.changed(target);
    return wasThere;
  }

  /** Called after each change. Returns the way to take it back. */
  onChanged(listener: (target: LimitTarget) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private changed(target: LimitTarget): void {
    for (const listener of this.listeners) listener(target);
  }
}

function keyOf({ scope, tenant, name }: LimitTarget): string {
  return scope === 'tenant' ? tenant : scope === 'key' ? name : `${tenant}:${name}`;
}

function compare(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((part, i) => part !== b[i]);
  return at < 0 ? 0 : (a[at] as string) < (b[at] as string) ? -1 : 1;
}
