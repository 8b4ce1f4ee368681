// Where a page of a list that several sources make together ended: which source, and its own cursor.
import { Failure } from '../../extension/failure.js';

export interface ListPosition {
  readonly source: string;
  readonly cursor?: string | undefined;
}

export const writeListCursor = ({ source, cursor }: ListPosition): string =>
  Buffer.from(JSON.stringify([source, ...(cursor === undefined ? [] : [cursor])])).toString('base64url');

/** @throws Failure `invalid_params` for anything but what `writeListCursor` made */
export function readListCursor(text: string): ListPosition {
  try {
    const [source, cursor, ...rest] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    const isWhole = typeof source === 'string' && (cursor === undefined || typeof cursor === 'string') && rest.length === 0;
    if (isWhole) return { source, cursor };
  } catch {
    // Falls through: text that is not even JSON is no better than JSON of another shape.
  }
  throw badCursor();
}

export const badCursor = (): Failure => Failure.invalidParams([{ path: '/cursor', message: 'is not a cursor of this list' }]);

/** A slice of a list that is had as a whole; its cursor is where the next one begins. @throws Failure `invalid_params` */
export function slice<Item>(
  items: readonly Item[],
  cursor: string | undefined,
  size: number,
): { readonly items: readonly Item[]; readonly nextCursor?: string } {
  const begin = cursor === undefined ? 0 : Number(/^\d{1,9}$/.exec(cursor)?.[0]);
  if (Number.isNaN(begin)) throw badCursor();
  const end = begin + size;
  return { items: items.slice(begin, end), ...(end < items.length && { nextCursor: String(end) }) };
}
