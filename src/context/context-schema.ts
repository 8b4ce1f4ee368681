// The tables of contexts, as a step of the database's migrations.
import type { Migration } from '../storage/migrations.js';

/**
 * An item is live while its position is at or past its context's `evicted_before`, or, for system items, `replaced_before`:
 * so evicting or replacing any number of items moves a mark and costs nothing for each. What is behind the marks, and what
 * is left of deleted contexts, is listed in `context_trash` and removed in small steps (context-sweep.ts). Rows of contexts
 * are never reused, so that trash is never taken for another context's.
 *
 * An item's wire form is stored in both encodings, `json` and `packed` (MessagePack), so that a page of items is put together
 * and sent as it is; so is `packed` of a context, which is the context without its items; full-text search reads the text out of `json` through `context_item_text`.
 * `owner` is the tenant as one word that the tokenizer leaves alone (context-search.ts). Times: ms since the Unix epoch.
 */
export const contextMigration: Migration = {
  name: '0003-contexts',
  sql: `
    CREATE TABLE context (
      row INTEGER PRIMARY KEY AUTOINCREMENT,
      tenant TEXT NOT NULL,
      id TEXT NOT NULL,
      name TEXT NOT NULL,
      agent TEXT NOT NULL,
      version INTEGER NOT NULL,
      item_count INTEGER NOT NULL,
      current_tokens INTEGER NOT NULL,
      max_tokens INTEGER NOT NULL,
      truncation TEXT NOT NULL,
      next_position INTEGER NOT NULL,
      evicted_before INTEGER NOT NULL,
      replaced_before INTEGER NOT NULL,
      created_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL,
      expires_at INTEGER,
      metadata TEXT NOT NULL,
      packed BLOB NOT NULL,
      UNIQUE (tenant, id)
    ) STRICT;
    CREATE INDEX context_by_creation ON context (tenant, created_at);
    CREATE INDEX context_by_update ON context (tenant, updated_at);
    CREATE INDEX context_by_name ON context (tenant, name);
    CREATE INDEX context_by_agent ON context (tenant, agent, created_at);
    CREATE INDEX context_by_expiry ON context (expires_at) WHERE expires_at IS NOT NULL;

    CREATE TABLE context_item (
      row INTEGER PRIMARY KEY,
      context INTEGER NOT NULL,
      position INTEGER NOT NULL,
      is_system INTEGER NOT NULL,
      tokens INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      json TEXT NOT NULL,
      packed BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX context_item_by_position ON context_item (context, position, is_system, tokens, bytes);
    CREATE INDEX context_item_of_system ON context_item (context, position) WHERE is_system = 1;

    CREATE TABLE context_trash (
      context INTEGER PRIMARY KEY,
      tenant TEXT NOT NULL,
      evicted_before INTEGER NOT NULL,
      replaced_before INTEGER NOT NULL
    ) STRICT;

    CREATE VIEW context_item_text AS
      SELECT i.row AS row, 't' || lower(hex(c.tenant)) || '0' AS owner, json_extract(i.json, '$.content') AS content
      FROM context_item i LEFT JOIN context c ON c.row = i.context;
    CREATE VIRTUAL TABLE context_search USING fts5 (
      owner, content, content = 'context_item_text', content_rowid = 'row', tokenize = 'porter unicode61 remove_diacritics 2'
    );
    INSERT INTO context_search (context_search, rank) VALUES ('rank', 'bm25(0.0, 1.0)');
  `,
};
