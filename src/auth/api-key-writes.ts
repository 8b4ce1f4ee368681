// What the writer thread does with API keys. Not who may ask for it: api-key.service.ts.
import { Failure } from '../extension/failure.js';
import type { WriteContext, WritePrograms } from '../storage/write-program.js';

/** Keys of one tenant that are not revoked, at most. */
export const MAX_ACTIVE_KEYS = 10_000;

export interface NewApiKeyRow {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly secretHash: Uint8Array;
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt?: number | undefined;
}

/** A key by its id; with `tenant`, only where it is that tenant's. */
export interface ApiKeyTarget {
  readonly id: string;
  readonly tenant?: string | undefined;
}

const NEXT_REVISION = '(SELECT coalesce(max(revision), 0) + 1 FROM api_key)';

export const apiKeyWrites = {
  'apiKey.add': (tx: WriteContext, key: NewApiKeyRow): void => {
    const { active } = tx.prepare('SELECT count(*) AS active FROM api_key WHERE tenant = ? AND revoked_at IS NULL').get(key.tenant) as {
      active: number;
    };
    if (active >= MAX_ACTIVE_KEYS)
      throw new Failure('conflict', `tenant ${key.tenant} has ${active} keys that are not revoked, and may have ${MAX_ACTIVE_KEYS}`);
    tx.prepare(
      `INSERT INTO api_key (id, tenant, name, scopes, secret_hash, created_at, expires_at, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ${NEXT_REVISION})`,
    ).run(key.id, key.tenant, key.name, JSON.stringify(key.scopes), key.secretHash, tx.now, key.expiresAt ?? null);
  },

  /** Adds the key unless there ever was one like it: of its tenant, with the scope `admin`. @returns whether it was added */
  'apiKey.addFirstAdmin': (tx: WriteContext, key: NewApiKeyRow): boolean => {
    const known = tx
      .prepare(`SELECT 1 FROM api_key WHERE tenant = ? AND EXISTS (SELECT 1 FROM json_each(scopes) WHERE value = 'admin') LIMIT 1`)
      .get(key.tenant);
    if (known !== undefined) return false;
    apiKeyWrites['apiKey.add'](tx, key);
    return true;
  },

  'apiKey.rotate': (tx: WriteContext, { id, tenant, secretHash }: ApiKeyTarget & { readonly secretHash: Uint8Array }): void => {
    if (revokedAt(tx, { id, tenant }) !== null) throw new Failure('conflict', `key ${id} is revoked`);
    tx.prepare(`UPDATE api_key SET secret_hash = ?, revision = ${NEXT_REVISION} WHERE id = ?`).run(secretHash, id);
  },

  /** A key that is revoked already stays as it is. */
  'apiKey.revoke': (tx: WriteContext, target: ApiKeyTarget): void => {
    if (revokedAt(tx, target) !== null) return;
    tx.prepare(`UPDATE api_key SET revoked_at = ?, revision = ${NEXT_REVISION} WHERE id = ?`).run(tx.now, target.id);
  },

  /** @param uses id and time, ms since the Unix epoch, of each key that was used */
  'apiKey.used': (tx: WriteContext, uses: readonly (readonly [id: string, at: number])[]): void => {
    const update = tx.prepare('UPDATE api_key SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE id = ?');
    for (const [id, at] of uses) update.run(at, id);
  },
} satisfies WritePrograms;

/** When the key was revoked; null: it was not. @throws Failure not_found, in the same words for another tenant's */
function revokedAt(tx: WriteContext, { id, tenant }: ApiKeyTarget): number | null {
  const row = tx.prepare('SELECT tenant, revoked_at FROM api_key WHERE id = ?').get(id) as
    { tenant: string; revoked_at: number | null } | undefined;
  if (row === undefined || (tenant !== undefined && row.tenant !== tenant)) throw Failure.notFound(`key ${id}`);
  return row.revoked_at;
}
