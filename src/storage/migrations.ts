// Brings a database to the schema that the code knows, one step a transaction. There is no way back: restore a backup.
import type { DatabaseSync } from 'node:sqlite';

export interface Migration {
  /** `<four digits>-<what>`, unique: the order in which they run is that of the names. Never changed once released. */
  readonly name: string;
  readonly sql: string;
}

const TABLE = 'CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT, WITHOUT ROWID';

/**
 * @param now milliseconds since the Unix epoch
 * @returns names of the steps that were taken
 * @throws Error when the database has steps that this code does not know (a newer server wrote it), or two steps share a name
 */
export function migrate(db: DatabaseSync, migrations: readonly Migration[], now: number): string[] {
  const ordered = [...migrations].sort((a, b) => (a.name < b.name ? -1 : 1));
  ordered.forEach(({ name }, i) => {
    if (ordered[i + 1]?.name === name) throw new Error(`two migrations are named ${name}`);
  });
  db.exec(TABLE);
  refuseNewer(db, ordered);
  return ordered.filter((migration) => apply(db, migration, now)).map(({ name }) => name);
}

function refuseNewer(db: DatabaseSync, known: readonly Migration[]): void {
  const names = new Set(known.map(({ name }) => name));
  const unknown = db
    .prepare('SELECT name FROM schema_migrations ORDER BY name')
    .all()
    .map(({ name }) => String(name))
    .filter((name) => !names.has(name));
  if (unknown.length === 0) return;
  throw new Error(
    `it was written by a newer version of the server: it has ${unknown.join(', ')}, which this version does not know. ` +
      'Start the newer version, or restore a backup made before the upgrade.',
  );
}

function apply(db: DatabaseSync, { name, sql }: Migration, now: number): boolean {
  db.exec('BEGIN IMMEDIATE');
  try {
    // Looked up inside the transaction: another process may have started at the same moment.
    const isApplied = db.prepare('SELECT 1 FROM schema_migrations WHERE name = ?').get(name) !== undefined;
    if (!isApplied) {
      db.exec(sql);
      db.prepare('INSERT INTO schema_migrations (name, applied_at) VALUES (?, ?)').run(name, now);
    }
    db.exec('COMMIT');
    return !isApplied;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw new Error(`migration ${name} failed: ${(error as Error).message}`, { cause: error });
  }
}
