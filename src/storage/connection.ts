// How the database file is opened: the one connection that writes, and those that read. Not what runs on them.
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

/** The database's file in the data folder. */
export const databaseFile = (dataDir: string): string => join(dataDir, 'mcpw.db');

// Pages of the write-ahead log at which a commit also checkpoints (16 MB): rarely enough that few groups wait for it.
const CHECKPOINT_PAGES = 4_000;

/** Makes the folder (0700) and the file (0600) where they are missing. SQLite gives its -wal and -shm files the mode of the file. */
function makeFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
}

/**
 * @param busyTimeoutMs how long a write waits for another process's lock; it holds the thread it is called on
 */
export function openForWriting(file: string, busyTimeoutMs: number): DatabaseSync {
  makeFile(file);
  const db = new DatabaseSync(file, { timeout: busyTimeoutMs });
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
    PRAGMA journal_size_limit = 67108864;
    PRAGMA cache_size = -16000;
    PRAGMA temp_store = MEMORY;
  `);
  return db;
}

/** Never waits for a lock: in WAL mode readers need none but while another process recovers or closes the database. */
export function openForReading(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { readOnly: true, timeout: 0 });
  db.exec('PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY');
  return db;
}

/** Statements of one connection, prepared once. Grows with the code, not with what clients send: `sql` must be a literal. */
export class StatementCache {
  private readonly statements = new Map<string, StatementSync>();
  private readonly rowStatements = new Map<string, StatementSync>();

  constructor(private readonly db: DatabaseSync) {}

  readonly prepare = (sql: string): StatementSync => {
    let statement = this.statements.get(sql);
    if (!statement) {
      statement = this.db.prepare(sql);
      this.statements.set(sql, statement);
    }
    return statement;
  };

  /** The same, with each row as an array of its columns: measured, 18 columns take 4 µs so, and 9 as an object. */
  readonly prepareRows = (sql: string): StatementSync => {
    let statement = this.rowStatements.get(sql);
    if (!statement) {
      statement = this.db.prepare(sql);
      statement.setReturnArrays(true);
      this.rowStatements.set(sql, statement);
    }
    return statement;
  };
}
