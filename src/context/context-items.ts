// The items of a context as the writer thread changes them: appended, replaced, evicted to make room.
// Costs what is added and evicted, never what is kept.
import { Failure } from '../extension/failure.js';
import type { WriteContext } from '../storage/write-program.js';
import { type ContextRow, type EncodedItem, encodeItem, type NewItem } from './context-row.js';
import { indexItem } from './context-search.js';

/** All items from here on are of the past: the marks move, the sweeper removes what is behind them. */
export function replaceItems(tx: WriteContext, context: ContextRow): void {
  if (context.item_count === 0) return;
  context.replaced_before = context.next_position;
  context.evicted_before = context.next_position;
  context.item_count = 0;
  context.current_tokens = 0;
  rememberTrash(tx, context);
}

/**
 * Appends items, making room for them where the context's truncation says so. The newest item always stays.
 * @returns what was added, encoded, and how many items went (of the new ones too, where they are too many)
 * @throws Failure context_too_large when there cannot be room
 */
export function appendItems(tx: WriteContext, context: ContextRow, items: readonly NewItem[]): { added: EncodedItem[]; truncated: number } {
  const tokens = context.current_tokens + items.reduce((sum, item) => sum + item.tokens, 0);
  const excess = tokens - context.max_tokens;
  if (excess > 0 && context.truncation === 'reject') throw tooLarge(context, tokens);

  const evicted = excess > 0 ? evict(tx, context, excess) : { items: 0, tokens: 0 };
  const skipped = evicted.tokens < excess ? skip(items, excess - evicted.tokens) : NOTHING_SKIPPED;
  if (evicted.tokens + skipped.tokens < excess) throw tooLarge(context, tokens - evicted.tokens - skipped.tokens);

  const added = skipped.items.size === 0 ? items : items.filter((item) => !skipped.items.has(item));
  context.current_tokens = tokens - evicted.tokens - skipped.tokens;
  context.item_count += added.length - evicted.items;
  return { added: added.map((item) => insert(tx, context, item)), truncated: evicted.items + skipped.items.size };
}

function insert(tx: WriteContext, context: ContextRow, item: NewItem): EncodedItem {
  const position = context.next_position++;
  const encoded = encodeItem(position, item, tx.now);
  const { json, packed } = encoded;
  const { lastInsertRowid } = tx
    .prepare('INSERT INTO context_item (context, position, is_system, tokens, bytes, json, packed) VALUES (?, ?, ?, ?, ?, ?, ?)')
    .run(context.row, position, item.role === 'system' ? 1 : 0, item.tokens, Buffer.byteLength(json), json, packed);
  indexItem(tx, lastInsertRowid, context.tenant, item.content);
  return encoded;
}

/** Moves the mark past the oldest items that are not of role system, until `excess` tokens are freed or none is left. */
function evict(tx: WriteContext, context: ContextRow, excess: number): { items: number; tokens: number } {
  const evicted = { items: 0, tokens: 0 };
  const oldest = tx.prepare(
    'SELECT position, tokens FROM context_item WHERE context = ? AND position >= ? AND is_system = 0 ORDER BY position',
  );
  for (const { position, tokens } of oldest.iterate(context.row, context.evicted_before) as Iterable<{
    position: number;
    tokens: number;
  }>) {
    evicted.items++;
    evicted.tokens += tokens;
    context.evicted_before = position + 1;
    if (evicted.tokens >= excess) break;
  }
  if (evicted.items > 0) rememberTrash(tx, context);
  return evicted;
}

const NOTHING_SKIPPED = { items: new Set<NewItem>(), tokens: 0 };

/** The oldest of the new items that need not be stored at all, for others of the same change push them out. */
function skip(items: readonly NewItem[], excess: number): { items: Set<NewItem>; tokens: number } {
  const skipped = { items: new Set<NewItem>(), tokens: 0 };
  for (const item of items.slice(0, -1)) {
    if (skipped.tokens >= excess) break;
    if (item.role === 'system') continue;
    skipped.items.add(item);
    skipped.tokens += item.tokens;
  }
  return skipped;
}

/** Lists what is behind a context's marks for the sweeper. */
export function rememberTrash(tx: WriteContext, { row, tenant, evicted_before, replaced_before }: ContextRow): void {
  tx.prepare(
    `INSERT INTO context_trash (context, tenant, evicted_before, replaced_before) VALUES (?, ?, ?, ?)
     ON CONFLICT (context) DO UPDATE SET evicted_before = excluded.evicted_before, replaced_before = excluded.replaced_before`,
  ).run(row, tenant, evicted_before, replaced_before);
}

const tooLarge = ({ id, max_tokens }: ContextRow, tokens: number): Failure =>
  new Failure('context_too_large', `context ${id} would hold ${tokens} tokens, more than its max_tokens ${max_tokens}`, {
    max_tokens,
    tokens,
  });
