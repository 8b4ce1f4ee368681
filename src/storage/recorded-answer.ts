// Answers of requests that run once (PROTOCOL.md §6), kept where a change can record its own in the same transaction.
// Not when they are looked up or swept: that is idempotency/.
import type { OnceClaim } from '../extension/caller.js';
import type { Migration } from './migrations.js';
import type { WriteContext } from './write-program.js';

/** `answer` is the result as JSON text, or an encoded outcome as bytes (idempotency/outcome.ts). */
export const recordedAnswerMigration: Migration = {
  name: '0004-idempotency',
  sql: `
    CREATE TABLE recorded_answer (
      row INTEGER PRIMARY KEY,
      principal TEXT NOT NULL,
      method TEXT NOT NULL,
      key TEXT NOT NULL,
      params_hash TEXT NOT NULL,
      answer ANY NOT NULL,
      at INTEGER NOT NULL,
      UNIQUE (principal, method, key)
    ) STRICT;
    CREATE INDEX recorded_answer_by_age ON recorded_answer (at);
  `,
};

/** What a program is told of the request that it answers; `OnceClaim` without what is the caller's own. */
export type ClaimKey = Pick<OnceClaim, 'principalId' | 'method' | 'key' | 'paramsHash'>;

/** The claim as an argument of a program: plain data that crosses threads. */
export const claimKey = ({ principalId, method, key, paramsHash }: OnceClaim): ClaimKey => ({ principalId, method, key, paramsHash });

/**
 * Records the answer to a claim in the transaction under way. An older answer to the same key has outlived its window, or
 * the request would not have run; it is replaced.
 */
export function recordAnswer(tx: WriteContext, { principalId, method, key, paramsHash }: ClaimKey, answer: string | Uint8Array): void {
  tx.prepare(
    `INSERT INTO recorded_answer (principal, method, key, params_hash, answer, at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (principal, method, key) DO UPDATE SET params_hash = excluded.params_hash, answer = excluded.answer, at = excluded.at`,
  ).run(principalId, method, key, paramsHash, answer, tx.now);
}
