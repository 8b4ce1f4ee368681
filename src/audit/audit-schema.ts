// The table of records that wait to be taken over into the audit log, as a step of the database's migrations.

/** `at`: milliseconds since the Unix epoch. */
export const auditMigration = {
  name: '0008-audit-outbox',
  sql: `
    CREATE TABLE audit_outbox (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      entry TEXT NOT NULL,
      at INTEGER NOT NULL
    ) STRICT;
  `,
} as const;
