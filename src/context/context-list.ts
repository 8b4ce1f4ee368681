// How a page of contexts is found: along its order, or by a filter that few fit and which no index has in that order. Neither looks through all
// of a tenant's contexts, unless many fit and all of them come late in the order: then the reader's time is what ends it.
import { CHECK_TIME } from '../storage/read-program.js';
import type { OrderParts } from './context-order.js';
import { PAGE_BYTES } from './context-page.js';

export interface ListFilters {
  readonly agent?: string | undefined;
  readonly namePrefix?: string | undefined;
}

type Index = 'context_by_creation' | 'context_by_update' | 'context_by_name' | 'context_by_agent';

/** A statement of the reader thread. */
interface Read {
  readonly sql: string;
  readonly params: (string | number)[];
}

/** An index that has what fits a filter, but not in the order that is asked for. */
export interface Shortcut {
  readonly index: Index;
  /** Its one row's `count` is how many fit, up to `FEW` and one. */
  readonly count: Read;
}

/** So many are looked at and sorted in some 30 ms. Where more fit, a page of them is soon found along the order. */
export const FEW = 5_000;

const IN_ORDER = { created_at: 'context_by_creation', updated_at: 'context_by_update', name: 'context_by_name' } as const;

/** A prefix is given twice. No byte of a name is FF: all names that begin so come before it. */
const NAME_BEGINS = `name >= ? AND name < ? || CAST(x'ff' AS TEXT)`;

const INSTEAD = 'order by name where name_prefix is given, by created_at where agent_id is';

/** What may be shorter than the way along the order. */
export function shortcuts({ column }: OrderParts, tenant: string, { agent, namePrefix }: ListFilters): Shortcut[] {
  const ways: Shortcut[] = [];
  if (namePrefix !== undefined && column !== 'name')
    ways.push({ index: 'context_by_name', count: counted(NAME_BEGINS, [tenant, namePrefix, namePrefix]) });
  if (agent !== undefined && column !== 'created_at')
    ways.push({ index: 'context_by_agent', count: counted('agent = ?', [tenant, agent]) });
  return ways;
}

const counted = (condition: string, params: Read['params']): Read => ({
  sql: `SELECT count(*) AS count FROM (SELECT 1 FROM context WHERE tenant = ? AND ${condition} LIMIT ${FEW + 1})`,
  params,
});

/**
 * Rows of a page and one more, to see whether another follows; `candidates` counts them before PAGE_BYTES cut them.
 * @param by the shortcut's, where few fit; undefined: along the order
 */
export function listContexts(
  { column, direction }: OrderParts,
  {
    tenant,
    now,
    filters,
    limit,
    after,
    by,
  }: {
    readonly tenant: string;
    readonly now: number;
    readonly filters: ListFilters;
    readonly limit: number;
    readonly after?: { readonly value: string | number; readonly row: number } | undefined;
    readonly by?: Index | undefined;
  },
): Read {
  const { agent, namePrefix } = filters;
  const index = by ?? (agent !== undefined && column === 'created_at' ? 'context_by_agent' : IN_ORDER[column]);
  const isDescending = direction === 'desc';
  const order = `${column} ${isDescending ? 'DESC' : 'ASC'}, row ${isDescending ? 'DESC' : 'ASC'}`;
  const sql = `
    SELECT * FROM (
      SELECT *, sum(length(metadata)) OVER (ORDER BY ${order}) AS used, count(*) OVER () AS candidates FROM (
        SELECT * FROM context INDEXED BY ${index}
        WHERE ${CHECK_TIME}('${INSTEAD}') AND tenant = ? AND (expires_at IS NULL OR expires_at > ?)
          ${agent === undefined ? '' : 'AND agent = ?'}
          ${namePrefix === undefined ? '' : `AND ${NAME_BEGINS}`}
          ${after === undefined ? '' : `AND (${column}, row) ${isDescending ? '<' : '>'} (?, ?)`}
        ORDER BY ${order} LIMIT ?
      )
    ) WHERE used <= ${PAGE_BYTES} OR used = length(metadata)
    ORDER BY ${order}`;
  const params = [
    ...[tenant, now],
    ...(agent === undefined ? [] : [agent]),
    ...(namePrefix === undefined ? [] : [namePrefix, namePrefix]),
    ...(after === undefined ? [] : [after.value, after.row]),
    limit + 1,
  ];
  return { sql, params };
}
