// The event log's table and the one way to append to it. Not reading, retention or purging: those are the events feature's.
import type { StatementSync } from 'node:sqlite';

import type { Migration } from './migrations.js';
import { packEvent } from './packed-event.js';
import type { LoggedEvent, NewEvent } from './write-program.js';

export const eventLogMigration: Migration = {
  name: '0001-event-log',
  sql: `
    CREATE TABLE event_log (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      tenant TEXT NOT NULL,
      event TEXT NOT NULL,
      data TEXT NOT NULL,
      at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX event_log_by_tenant ON event_log (tenant, seq);
    CREATE TABLE event_purged (
      tenant TEXT PRIMARY KEY,
      through_seq INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
  `,
};

const MOST_PACKED_CHARACTERS = 16_384;

/**
 * Appends an event in the transaction under way.
 * @param now milliseconds since the Unix epoch
 */
export function appendEvent(prepare: (sql: string) => StatementSync, now: number, { tenant, event, data }: NewEvent): LoggedEvent {
  const text = JSON.stringify(data);
  const { lastInsertRowid } = prepare('INSERT INTO event_log (tenant, event, data, at) VALUES (?, ?, ?, ?)').run(tenant, event, text, now);
  const logged = { seq: Number(lastInsertRowid), tenant, event, data: text, at: now };
  if (text.length > MOST_PACKED_CHARACTERS) return logged;
  // What JSON says of the data, in both encodings: it may hold what JSON has no words for.
  return { ...logged, packed: packEvent(event, logged.seq, JSON.parse(text), now) };
}
