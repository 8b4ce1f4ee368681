// The statements of a reading connection: prepared once, and with SQLite's "not now" errors as `unavailable`.
import type { DatabaseSync, StatementSync } from 'node:sqlite';

import { StatementCache } from './connection.js';
import { unavailableFrom } from './storage-failure.js';

export class ReadableStatements {
  private readonly known = new Set<StatementSync>();
  private readonly cache: StatementCache;

  constructor(db: DatabaseSync) {
    this.cache = new StatementCache(db);
  }

  prepare(sql: string): StatementSync {
    return this.readable(() => this.cache.prepare(sql));
  }

  prepareRows(sql: string): StatementSync {
    return this.readable(() => this.cache.prepareRows(sql));
  }

  private readable(prepare: () => StatementSync): StatementSync {
    const statement = asUnavailable(prepare);
    if (!this.known.has(statement)) {
      this.known.add(statement);
      const get = statement.get.bind(statement) as (...params: unknown[]) => ReturnType<StatementSync['get']>;
      const all = statement.all.bind(statement) as (...params: unknown[]) => ReturnType<StatementSync['all']>;
      statement.get = (...params: unknown[]) => asUnavailable(() => get(...params));
      statement.all = (...params: unknown[]) => asUnavailable(() => all(...params));
    }
    return statement;
  }

  snapshot<T>(read: () => T): T {
    const { prepare } = this.cache;
    prepare('BEGIN').run();
    try {
      return read();
    } finally {
      prepare('COMMIT').run();
    }
  }
}

function asUnavailable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unavailableFrom(error) ?? error;
  }
}
