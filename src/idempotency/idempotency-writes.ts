// What the writer thread does with recorded answers, beside the changes that record their own (recorded-answer.ts).
import { type ClaimKey, recordAnswer } from '../storage/recorded-answer.js';
import type { WriteContext, WritePrograms } from '../storage/write-program.js';

export const idempotencyWrites = {
  'idempotency.record': (tx: WriteContext, { claim, answer }: { readonly claim: ClaimKey; readonly answer: Uint8Array }): void => {
    recordAnswer(tx, claim, answer);
  },

  /** Forgets at most `limit` of the answers recorded before a time (ms since the Unix epoch). @returns whether there may be more */
  'idempotency.purge': (tx: WriteContext, { before, limit }: { readonly before: number; readonly limit: number }): boolean => {
    const { changes } = tx
      .prepare('DELETE FROM recorded_answer WHERE row IN (SELECT row FROM recorded_answer WHERE at < ? ORDER BY at LIMIT ?)')
      .run(before, limit);
    return Number(changes) === limit;
  },
} satisfies WritePrograms;
