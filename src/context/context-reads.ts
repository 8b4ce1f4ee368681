// What reads of many contexts are made of, on the reader threads: the SQL of lists, and the search.
import { CHECK_TIME } from '../storage/read-program.js';
import type { OrderParts } from './context-order.js';
import { PAGE_BYTES } from './context-page.js';
import { searchItems } from './search-items.js';

/** What the indices find without looking through all of a tenant's contexts. */
const INSTEAD = 'order by name where name_prefix is given, by created_at where agent_id is';

/**
 * The limit is one more than the page's, to see whether another follows; `candidates` counts the rows before PAGE_BYTES cut them. A
 * prefix is given twice. No byte of a name is FF: names that begin so come before it.
 */
export function listContexts({ column, direction }: OrderParts, given: { agent: boolean; namePrefix: boolean; cursor: boolean }): string {
  const isDescending = direction === 'desc';
  // For another order the index of names would have all that begin so sorted before the first is seen.
  const name = column === 'name' ? 'name' : '+name';
  const order = `${column} ${isDescending ? 'DESC' : 'ASC'}, row ${isDescending ? 'DESC' : 'ASC'}`;
  return `
    SELECT * FROM (
      SELECT *, sum(length(metadata)) OVER (ORDER BY ${order}) AS used, count(*) OVER () AS candidates FROM (
        SELECT * FROM context
        WHERE ${CHECK_TIME}('${INSTEAD}') AND tenant = ? AND (expires_at IS NULL OR expires_at > ?)
          ${given.agent ? 'AND agent = ?' : ''}
          ${given.namePrefix ? `AND ${name} >= ? AND ${name} < ? || CAST(x'ff' AS TEXT)` : ''}
          ${given.cursor ? `AND (${column}, row) ${isDescending ? '<' : '>'} (?, ?)` : ''}
        ORDER BY ${order} LIMIT ?
      )
    ) WHERE used <= ${PAGE_BYTES} OR used = length(metadata)
    ORDER BY ${order}`;
}

/** The reads that may take long, as programs of the reader thread. */
export const contextReads = { 'context.search': searchItems };
