// What the writer thread does with sessions.
import type { WriteContext, WritePrograms } from '../storage/write-program.js';

export interface SessionRow {
  readonly id: string;
  readonly tokenHash: Uint8Array;
  readonly principalId: string;
  readonly tenant: string;
  /** JSON text. */
  readonly subscriptions: string;
}

const SWEPT_AT_ONCE = 500;

export const sessionWrites = {
  /** A session begins, or goes on with a new token. */
  'session.open': (tx: WriteContext, { id, tokenHash, principalId, tenant, subscriptions }: SessionRow): void => {
    tx.prepare(
      `INSERT INTO session (id, token_hash, principal_id, tenant, subscriptions) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET token_hash = excluded.token_hash, subscriptions = excluded.subscriptions, expires_at = NULL`,
    ).run(id, tokenHash, principalId, tenant, subscriptions);
  },

  /** What it is subscribed to has changed. */
  'session.save': (tx: WriteContext, { id, subscriptions }: { id: string; subscriptions: string }): void => {
    tx.prepare('UPDATE session SET subscriptions = ? WHERE id = ?').run(subscriptions, id);
  },

  /** Its connection has ended: from now on it waits to be resumed. A session that went on with another token stays. */
  'session.leave': (
    tx: WriteContext,
    { id, tokenHash, subscriptions, expiresAt }: { id: string; tokenHash: Uint8Array; subscriptions: string; expiresAt: number },
  ): void => {
    tx.prepare('UPDATE session SET subscriptions = ?, expires_at = ? WHERE id = ? AND token_hash = ?').run(
      subscriptions,
      expiresAt,
      id,
      tokenHash,
    );
  },

  /** After a start: connections of the process before are gone. */
  'session.orphan': (tx: WriteContext, { expiresAt }: { expiresAt: number }): void => {
    tx.prepare('UPDATE session SET expires_at = ? WHERE expires_at IS NULL').run(expiresAt);
  },

  /** @returns how many were forgotten, a bounded number at a time */
  'session.sweep': (tx: WriteContext, { now }: { now: number }): number => {
    const expired = `SELECT id FROM session WHERE expires_at <= ? LIMIT ${SWEPT_AT_ONCE}`;
    return Number(tx.prepare(`DELETE FROM session WHERE id IN (${expired})`).run(now).changes);
  },
} satisfies WritePrograms;
