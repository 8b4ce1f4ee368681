// What reads of many contexts are made of, on the reader threads: the SQL of lists, and the search.
import type { OrderParts } from './context-order.js';
import { PAGE_BYTES } from './context-page.js';
import { searchItems } from './search-items.js';

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

/** The reads that may take long, as programs of the reader thread. */
export const contextReads = { 'context.search': searchItems };
