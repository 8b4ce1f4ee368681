// What the writer thread does with upstreams. Not who may ask for it: upstream.service.ts.
import { Failure } from '../extension/failure.js';
import type { WriteContext, WritePrograms } from '../storage/write-program.js';

/** Upstreams that administrators of one tenant added, at most. */
const MAX_UPSTREAMS = 100;

export interface UpstreamRow {
  readonly id: string;
  readonly owner: string;
  readonly source: string;
  /** JSON, null: all. */
  readonly tenants: string | null;
  /** JSON. */
  readonly entry: string;
}

export const upstreamWrites = {
  'upstream.add': (tx: WriteContext, { id, owner, source, tenants, entry }: UpstreamRow): void => {
    const { count } = tx.prepare('SELECT count(*) AS count FROM upstream WHERE owner = ?').get(owner) as { count: number };
    if (count >= MAX_UPSTREAMS) throw new Failure('conflict', `there are ${count} upstreams, and there may be ${MAX_UPSTREAMS}`);
    tx.prepare('INSERT INTO upstream (id, owner, source, tenants, entry, created_at) VALUES (?, ?, ?, ?, ?, ?)').run(
      id,
      owner,
      source,
      tenants,
      entry,
      tx.now,
    );
  },

  'upstream.remove': (tx: WriteContext, { id }: { readonly id: string }): void => {
    tx.prepare('DELETE FROM upstream WHERE id = ?').run(id);
  },
} satisfies WritePrograms;
