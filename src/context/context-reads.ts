// The SQL by which contexts are read. Each is one statement, so that what it shows is of one moment.
import type { OrderParts } from './context-order.js';

// How much a page of items or contexts may hold: its texts are handled on the event loop.
const PAGE_BYTES = 2_097_152;

const isLive = 'expires_at IS NULL OR expires_at > :now';

/**
 * A context and its newest live items, oldest first, as one text: `:limit` of them before position `:before`, fewer where
 * they would exceed PAGE_BYTES, but one at least. System items that are older than what was evicted come from their own
 * index, so that what was evicted and not yet removed is never walked over.
 */
export const GET_CONTEXT = `
  SELECT *, (
    SELECT group_concat(json, ',' ORDER BY position) FROM (
      SELECT position, json, bytes, sum(bytes) OVER (ORDER BY position DESC) AS used FROM (
        SELECT position, json, bytes FROM (
          SELECT position, json, bytes FROM context_item
          WHERE context = c.row AND position >= c.evicted_before AND position < :before
          ORDER BY position DESC LIMIT :limit
        )
        UNION ALL
        SELECT position, json, bytes FROM (
          SELECT position, json, bytes FROM context_item
          WHERE context = c.row AND is_system = 1 AND position >= c.replaced_before AND position < min(:before, c.evicted_before)
          ORDER BY position DESC LIMIT :limit
        )
        ORDER BY position DESC LIMIT :limit
      )
    ) WHERE used <= ${PAGE_BYTES} OR used = bytes
  ) AS items
  FROM context c WHERE tenant = :tenant AND id = :id AND (${isLive})`;

/** `:limit` is one more than the page's, to see whether another follows; `candidates` counts the rows before PAGE_BYTES cut them. */
export function listContexts({ column, direction }: OrderParts, given: { agent: boolean; namePrefix: boolean; cursor: boolean }): string {
  const isDescending = direction === 'desc';
  const order = `${column} ${isDescending ? 'DESC' : 'ASC'}, row ${isDescending ? 'DESC' : 'ASC'}`;
  return `
    SELECT * FROM (
      SELECT *, sum(length(metadata)) OVER (ORDER BY ${order}) AS used, count(*) OVER () AS candidates FROM (
        SELECT * FROM context
        WHERE tenant = ? AND (expires_at IS NULL OR expires_at > ?)
          ${given.agent ? 'AND agent = ?' : ''}
          ${given.namePrefix ? 'AND substr(name, 1, length(?)) = ?' : ''}
          ${given.cursor ? `AND (${column}, row) ${isDescending ? '<' : '>'} (?, ?)` : ''}
        ORDER BY ${order} LIMIT ?
      )
    ) WHERE used <= ${PAGE_BYTES} OR used = length(metadata)
    ORDER BY ${order}`;
}

/** Parameters: query, tenant, now, limit. Walks the index in order of rank, and shows the words around only those it returns. */
export const SEARCH_ITEMS = `
  SELECT c.id AS context_id, i.json ->> '$.id' AS item_id, i.json ->> '$.role' AS role,
    snippet(context_search, 1, '', '', '…', 24) AS snippet, context_search.rank AS rank
  FROM context_search
  CROSS JOIN context_item i ON i.row = context_search.rowid
  CROSS JOIN context c ON c.row = i.context
  WHERE context_search MATCH ? AND c.tenant = ? AND (c.expires_at IS NULL OR c.expires_at > ?)
    AND (i.position >= c.evicted_before OR (i.is_system = 1 AND i.position >= c.replaced_before))
  ORDER BY context_search.rank LIMIT ?`;
