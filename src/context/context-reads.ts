// The SQL by which contexts are listed and searched, on the reader thread.
import type { OrderParts } from './context-order.js';
import { PAGE_BYTES } from './context-page.js';

/** The limit is one more than the page's, to see whether another follows; `candidates` counts the rows before PAGE_BYTES cut them. */
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
