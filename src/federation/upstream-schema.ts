// The table of upstreams that administrators added, as a step of the database's migrations.

/**
 * `entry` is JSON as in `mcpServers` of the file, with the headers' values: who reads the database reads them. `tenants` is a
 * JSON list, null: all. Times are milliseconds since the Unix epoch.
 */
export const upstreamMigration = {
  name: '0006-upstreams',
  sql: `
    CREATE TABLE upstream (
      id TEXT PRIMARY KEY,
      owner TEXT NOT NULL,
      source TEXT NOT NULL,
      tenants TEXT,
      entry TEXT NOT NULL,
      created_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX upstream_by_owner ON upstream (owner);
  `,
} as const;
