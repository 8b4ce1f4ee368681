// Removes, in steps small enough not to hold up other writes: contexts that have expired, and items that nobody can see.
import type { WriteContext } from '../storage/write-program.js';
import { CONTEXT_COLUMNS, contextOf, type ContextRow } from './context-row.js';
import { forgetItem } from './context-search.js';

const FIND_EXPIRED = `SELECT ${CONTEXT_COLUMNS} FROM context WHERE expires_at <= ? ORDER BY expires_at LIMIT ?`;
const EXPIRED_CONTEXTS = 50;
const ITEMS = 200;
const ITEM_BYTES = 262_144;

interface Trash {
  readonly context: number;
  readonly tenant: string;
  readonly evicted_before: number;
  readonly replaced_before: number;
}

interface DeadItem {
  readonly row: number;
  readonly bytes: number;
  readonly json: string;
}

/**
 * @param expire deletes a context that has expired
 * @returns whether there is more to do
 */
export function sweepContexts(tx: WriteContext, expire: (context: ContextRow) => void): boolean {
  for (const columns of tx.prepareRows(FIND_EXPIRED).all(tx.now, EXPIRED_CONTEXTS)) expire(contextOf(columns));
  const trash = tx.prepare('SELECT * FROM context_trash ORDER BY context LIMIT 1').get() as unknown as Trash | undefined;
  if (!trash) return false;
  emptyTrash(tx, trash);
  return true;
}

function emptyTrash(tx: WriteContext, trash: Trash): void {
  const { items, isAll } = deadItems(tx, trash);
  const remove = tx.prepare('DELETE FROM context_item WHERE row = ?');
  for (const { row, json } of items) {
    forgetItem(tx, row, trash.tenant, (JSON.parse(json) as { content: string }).content);
    remove.run(row);
  }
  if (isAll) tx.prepare('DELETE FROM context_trash WHERE context = ?').run(trash.context);
}

function deadItems(tx: WriteContext, { context, evicted_before, replaced_before }: Trash): { items: DeadItem[]; isAll: boolean } {
  const dead = tx.prepare(
    `SELECT row, bytes, json FROM context_item
     WHERE context = ? AND position < ? AND (is_system = 0 OR position < ?) ORDER BY position`,
  );
  const items: DeadItem[] = [];
  let bytes = 0;
  for (const item of dead.iterate(context, evicted_before, replaced_before) as unknown as Iterable<DeadItem>) {
    if (items.length === ITEMS || bytes >= ITEM_BYTES) return { items, isAll: false };
    items.push(item);
    bytes += item.bytes;
  }
  return { items, isAll: true };
}
