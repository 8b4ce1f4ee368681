// What the writer thread does with limits. Not who may set one: limits.service.ts.
import { Failure } from '../extension/failure.js';
import type { WriteContext, WritePrograms } from '../storage/write-program.js';
import type { Limit, LimitTarget } from './limit.js';

/** Of one tenant: every key and tool of it may have one, and no more than that is kept. */
export const MAX_LIMITS_OF_TENANT = 10_000;

export const limitWrites = {
  'limit.set': (tx: WriteContext, limit: Omit<Limit, 'updatedAt'>): number => {
    const { scope, tenant, name, rate, burst } = limit;
    const { known } = tx.prepare('SELECT count(*) AS known FROM rate_limit WHERE tenant = ?').get(tenant) as { known: number };
    if (known >= MAX_LIMITS_OF_TENANT)
      throw new Failure('conflict', `tenant ${tenant} has ${known} limits, and may have ${MAX_LIMITS_OF_TENANT}`);
    tx.prepare(
      `INSERT INTO rate_limit (scope, tenant, name, rate, burst, updated_at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET rate = excluded.rate, burst = excluded.burst, updated_at = excluded.updated_at`,
    ).run(scope, tenant, name, rate, burst, tx.now);
    return tx.now;
  },

  /** @returns whether there was one */
  'limit.remove': (tx: WriteContext, { scope, tenant, name }: LimitTarget): boolean =>
    tx.prepare('DELETE FROM rate_limit WHERE tenant = ? AND scope = ? AND name = ?').run(tenant, scope, name).changes > 0,
} satisfies WritePrograms;
