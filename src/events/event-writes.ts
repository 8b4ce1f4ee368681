// What the events feature itself writes, run by the writer thread.
import { recordAnswer, type ClaimKey } from '../storage/recorded-answer.js';
import type { WriteContext, WritePrograms } from '../storage/write-program.js';
import { writeEventCursor } from './event-cursor.js';

/** An event that is published by itself, and not by the change that it tells of. */
export interface LoneEvent {
  readonly tenant: string;
  readonly event: string;
  readonly data: unknown;
  readonly once?: ClaimKey;
}

interface Boundary {
  readonly tenant: string;
  /** The tenant's events up to this one go. */
  readonly throughSeq: number;
  /** As many as are deleted at once. */
  readonly limit: number;
}

const OLDEST = 'SELECT seq FROM event_log WHERE tenant = ? AND seq <= ? ORDER BY seq LIMIT 1 OFFSET ?';
const DELETE = 'DELETE FROM event_log WHERE tenant = ? AND seq <= ?';
const REMEMBER = `
  INSERT INTO event_purged (tenant, through_seq) VALUES (?, ?)
  ON CONFLICT (tenant) DO UPDATE SET through_seq = max(through_seq, excluded.through_seq)`;

export const eventWrites = {
  /** @returns the answer of `event.publish` */
  'event.publish': (tx: WriteContext, { tenant, event, data, once }: LoneEvent): { cursor: string } => {
    const answer = { cursor: writeEventCursor(tx.publish({ tenant, event, data }).seq) };
    if (once !== undefined) recordAnswer(tx, once, JSON.stringify(answer));
    return answer;
  },

  /** Deletes a tenant's oldest events and remembers that they are gone. @returns whether there are more to delete */
  'event.purge': (tx: WriteContext, { tenant, throughSeq, limit }: Boundary): boolean => {
    const next = tx.prepare(OLDEST).get(tenant, throughSeq, limit - 1)?.['seq'] as number | undefined;
    const through = next ?? throughSeq;
    tx.prepare(DELETE).run(tenant, through);
    tx.prepare(REMEMBER).run(tenant, through);
    return next !== undefined && next < throughSeq;
  },
} satisfies WritePrograms;
