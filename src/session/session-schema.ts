// The table of sessions that can be resumed, as a step of the database's migrations.

/** `expires_at` is null while the session's connection is open. Times are milliseconds since the Unix epoch. */
export const sessionMigration = {
  name: '0005-sessions',
  sql: `
    CREATE TABLE session (
      id TEXT PRIMARY KEY,
      token_hash BLOB NOT NULL,
      principal_id TEXT NOT NULL,
      tenant TEXT NOT NULL,
      subscriptions TEXT NOT NULL,
      expires_at INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX session_by_expiry ON session (expires_at) WHERE expires_at IS NOT NULL;
  `,
} as const;
