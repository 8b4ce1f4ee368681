// A real database file with the table of keys, for specs: opened as often as there are processes to play.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Clock } from '../../extension/clock.js';
import { eventLogMigration } from '../../storage/event-log.js';
import { InlineDatabase } from '../../storage/inline-database.js';
import { apiKeyMigration } from '../api-key-schema.js';
import { apiKeyWrites } from '../api-key-writes.js';

export class KeyDatabase {
  private readonly dir = mkdtempSync(join(tmpdir(), 'mcpw-auth-'));
  private readonly opened: InlineDatabase[] = [];

  constructor(private readonly clock: Clock) {}

  open(): InlineDatabase {
    const database = new InlineDatabase({
      file: join(this.dir, 'keys.db'),
      programs: apiKeyWrites,
      migrations: [eventLogMigration, apiKeyMigration],
      clock: this.clock,
      busyTimeoutMs: 1_000,
    });
    this.opened.push(database);
    return database;
  }

  discard(): void {
    for (const database of this.opened) database.close();
    rmSync(this.dir, { recursive: true });
  }
}

/** A clock that stands still until a spec moves it. */
export class StoppedClock implements Clock {
  constructor(public time = Date.parse('2030-01-01T00:00:00.000Z')) {}

  now(): number {
    return this.time;
  }
}
