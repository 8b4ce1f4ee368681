// The table of limits that admins have set, as a step of the database's migrations.

/** `name` is empty for a tenant's limit. `updated_at`: milliseconds since the Unix epoch. */
export const limitMigration = {
  name: '0007-limits',
  sql: `
    CREATE TABLE rate_limit (
      scope TEXT NOT NULL,
      tenant TEXT NOT NULL,
      name TEXT NOT NULL,
      rate REAL NOT NULL,
      burst INTEGER NOT NULL,
      updated_at INTEGER NOT NULL,
      PRIMARY KEY (tenant, scope, name)
    ) STRICT, WITHOUT ROWID;
  `,
} as const;
