// The table of API keys, as a step of the database's migrations.

/**
 * `revision` rises over the whole table with every change but that of `last_used_at`: a server reads what has changed since
 * it last looked, whoever changed it. Rows are never deleted: a revoked key stays, with the time. Times are milliseconds
 * since the Unix epoch.
 */
export const apiKeyMigration = {
  name: '0002-api-keys',
  sql: `
    CREATE TABLE api_key (
      seq INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      tenant TEXT NOT NULL,
      name TEXT NOT NULL,
      scopes TEXT NOT NULL,
      secret_hash BLOB NOT NULL,
      created_at INTEGER NOT NULL,
      expires_at INTEGER,
      revoked_at INTEGER,
      last_used_at INTEGER,
      revision INTEGER NOT NULL UNIQUE
    ) STRICT;
    CREATE INDEX api_key_by_tenant ON api_key (tenant, seq);
    CREATE INDEX api_key_active ON api_key (tenant) WHERE revoked_at IS NULL;
  `,
} as const;
