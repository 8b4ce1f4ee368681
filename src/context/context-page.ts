// The newest items of a context in one piece, put together by the database from what it has encoded. In SQL that costs 50 µs
// for 200 items; one clever statement for all of it took 900.
import { PackedArray } from '@mcpw/protocol';

import type { Database } from '../storage/database.js';
import type { ContextRow } from './context-row.js';

/** Which of a context's items are live. */
export type ItemMarks = Pick<ContextRow, 'row' | 'evicted_before' | 'replaced_before'>;

/** How much a page of items or contexts may hold: its texts are handled on the event loop. */
export const PAGE_BYTES = 2_097_152;

/** Of the items of a page: `first` is the position of the oldest, null where there is none. */
type Page = readonly [first: number | null, items: number, bytes: number];

const NEWEST = `
  SELECT min(position) AS first, count(*) AS items, coalesce(sum(bytes), 0) AS bytes FROM (
    SELECT position, bytes FROM context_item WHERE context = ? AND position >= ? AND position < ? ORDER BY position DESC LIMIT ?)`;

/** As many of them as fit, one at least. */
const NEWEST_THAT_FIT = `
  SELECT min(position) AS first FROM (
    SELECT position, bytes, sum(bytes) OVER (ORDER BY position DESC ROWS UNBOUNDED PRECEDING) AS used FROM (
      SELECT position, bytes FROM context_item WHERE context = ? AND position >= ? AND position < ? ORDER BY position DESC LIMIT ?))
  WHERE used <= ${PAGE_BYTES} OR used = bytes`;

/**
 * How a page is put together of items in one encoding. Bytes are joined as text, for SQLite joins nothing else: a cast changes
 * no byte of them, either way.
 */
interface Form {
  readonly column: string;
  readonly joined: string;
}
const JSON_TEXTS: Form = { column: 'json', joined: 'group_concat(json)' };
const PACKED: Form = { column: 'packed', joined: "CAST(group_concat(CAST(packed AS TEXT), '') AS BLOB)" };

const joinedItems = ({ column, joined }: Form): string => `
  SELECT ${joined} AS joined, count(*) AS items FROM (
    SELECT ${column} FROM context_item WHERE context = ? AND position >= ? AND position < ? ORDER BY position)`;

/** Parameters: context, from, to, limit, bytes left, items already taken. Items of role system that were older than what was evicted; an index of their own leads past what is not yet removed. */
const joinedSystemItems = ({ column, joined }: Form): string => `
  SELECT ${joined} AS joined, count(*) AS items FROM (
    SELECT ${column} FROM (
      SELECT position, ${column}, bytes, sum(bytes) OVER (ORDER BY position DESC ROWS UNBOUNDED PRECEDING) AS used FROM (
        SELECT position, ${column}, bytes FROM context_item
        WHERE context = ? AND is_system = 1 AND position >= ? AND position < ? ORDER BY position DESC LIMIT ?))
    WHERE used <= ? OR (used = bytes AND ? = 0) ORDER BY position)`;

const NEWEST_TEXTS = joinedItems(JSON_TEXTS);
const SYSTEM_TEXTS = joinedSystemItems(JSON_TEXTS);
const NEWEST_PACKED = joinedItems(PACKED);
const SYSTEM_PACKED = joinedSystemItems(PACKED);

/** Consecutive items of a page in one encoding: `joined` is null where there are none. */
type Part<T> = readonly [joined: T | null, items: number];

/**
 * At most `limit` live items before a position, and fewer where they would exceed PAGE_BYTES, but one at least.
 * @returns their JSON texts, oldest first, joined by commas
 */
export function newestItems(db: Database, context: ItemMarks, limit: number, before: number): string {
  const parts = partsOf<string>(db, [NEWEST_TEXTS, SYSTEM_TEXTS], context, limit, before);
  return parts.map(([joined]) => joined).join(',');
}

/** The same items as an array in MessagePack. */
export function newestItemsPacked(db: Database, context: ItemMarks, limit: number, before: number): PackedArray {
  const parts = partsOf<Uint8Array>(db, [NEWEST_PACKED, SYSTEM_PACKED], context, limit, before);
  return new PackedArray(
    parts.reduce((sum, [, items]) => sum + items, 0),
    parts.map(([joined]) => joined),
  );
}

/** The parts that hold anything, oldest first. */
function partsOf<T>(
  db: Database,
  [newestSql, systemSql]: readonly [string, string],
  context: ItemMarks,
  limit: number,
  before: number,
): (readonly [joined: T, items: number])[] {
  const { row, evicted_before: start, replaced_before } = context;
  const [first, items, bytes] = db.prepareRows(NEWEST).get(row, start, before, limit) as unknown as Page;
  const isTooLarge = bytes > PAGE_BYTES;
  const from = isTooLarge ? (db.prepareRows(NEWEST_THAT_FIT).get(row, start, before, limit) as unknown as Page)[0] : first;
  const newest = from === null ? EMPTY : db.prepareRows(newestSql).get(row, from, before);
  const isWhole = isTooLarge || items === limit || start === replaced_before;
  const end = Math.min(before, start);
  const older = isWhole ? EMPTY : db.prepareRows(systemSql).get(row, replaced_before, end, limit - items, PAGE_BYTES - bytes, items);
  return [older, newest].map((part) => part as unknown as Part<T>).filter(isFilled);
}

const EMPTY = [null, 0] as const;

function isFilled<T>(part: Part<T>): part is readonly [T, number] {
  return part[0] !== null;
}
