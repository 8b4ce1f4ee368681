// Reads the log of events. It is written by the transactions whose changes it tells of (`WriteContext.publish`) and by event-writes.ts.
import { Inject, Injectable } from '@nestjs/common';

import { Database } from '../storage/database.js';
import type { LoggedEvent } from '../storage/write-program.js';
import type { PreparedEvent } from './prepared-event.js';
import { RecentEvents } from './recent-events.js';

/** An event as read. */
export interface LogRow {
  readonly seq: number;
  readonly event: string;
  /** JSON text. */
  readonly data: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** Through where the tenant's events were purged when this was read. */
  readonly purgedThroughSeq: number;
}

// One statement, so that the rows and what was purged before them are of the same moment.
const PAGE = `
  SELECT seq, event, data, at, coalesce((SELECT through_seq FROM event_purged WHERE tenant = ?1), 0) AS purgedThroughSeq
  FROM event_log WHERE tenant = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq LIMIT ?4`;
const PURGED = 'SELECT through_seq AS seq FROM event_purged WHERE tenant = ?';
const LAST = 'SELECT max(coalesce((SELECT max(seq) FROM event_log), 0), coalesce((SELECT max(through_seq) FROM event_purged), 0)) AS seq';

@Injectable()
export class EventLog {
  private readonly recent = new RecentEvents();

  constructor(@Inject(Database) private readonly database: Database) {}

  /** The tenant's events after one and through another, read as they are asked for. To be gone through at once, without a pause. */
  page(tenant: string, afterSeq: number, throughSeq: number, limit: number): Iterable<LogRow> {
    return this.database.prepare(PAGE).iterate(tenant, afterSeq, throughSeq, limit) as Iterable<unknown> as Iterable<LogRow>;
  }

  /** Through where the tenant's events are gone; 0: none are. */
  purgedThroughSeq(tenant: string): number {
    return (this.database.prepare(PURGED).get(tenant)?.['seq'] as number | undefined) ?? 0;
  }

  /** The last event of all that was ever written; 0: there was none. */
  lastSeq(): number {
    return this.database.prepare(LAST).get()?.['seq'] as number;
  }

  /** Called after each commit with the events it appended, in the order of the log. Returns the way to take it back. */
  onAppended(listener: (events: readonly LoggedEvent[]) => void): () => void {
    return this.database.onPublished(listener);
  }

  /** The event ready to be sent; the same for all who ask for it within a short while. */
  prepare(logged: Pick<LoggedEvent, 'event' | 'seq' | 'at' | 'data' | 'packed'>): PreparedEvent {
    return this.recent.prepare(logged);
  }
}
