// In which order contexts are listed, and the cursor that says where a page ended.
import { Failure } from '../extension/failure.js';

const COLUMNS = ['created_at', 'updated_at', 'name'] as const;
const DIRECTIONS = ['asc', 'desc'] as const;

/**
 * A member to order by, and which way; without the way, times are newest first and names from A. Pages by `created_at` and
 * `name` show each context once, whatever changes meanwhile; by `updated_at` a context that changes moves to the front.
 */
export const CONTEXT_ORDERS = COLUMNS.flatMap((column) => [column, ...DIRECTIONS.map((direction) => `${column}:${direction}` as const)]);
export type ContextOrder = (typeof CONTEXT_ORDERS)[number];
export const DEFAULT_ORDER: ContextOrder = 'created_at:desc';

export interface OrderParts {
  readonly column: (typeof COLUMNS)[number];
  readonly direction: (typeof DIRECTIONS)[number];
}

export function orderParts(order: ContextOrder): OrderParts {
  const [column, direction] = order.split(':') as [OrderParts['column'], OrderParts['direction'] | undefined];
  return { column, direction: direction ?? (column === 'name' ? 'asc' : 'desc') };
}

/** The last context of a page: its value of the column ordered by, and its row, which breaks ties. */
export interface PageEnd {
  readonly value: string | number;
  readonly row: number;
}

/** Opaque to clients. Not secret: it holds only what the page it ends has shown, and every query asks for the tenant itself. */
export function encodeCursor({ column, direction }: OrderParts, { value, row }: PageEnd): string {
  return Buffer.from(JSON.stringify([column, direction, value, row])).toString('base64url');
}

/** @throws Failure invalid_params for anything but a cursor that a page of this order ended with */
export function decodeCursor({ column, direction }: OrderParts, cursor: string): PageEnd {
  const [cursorColumn, cursorDirection, value, row, ...rest] = parsed(cursor);
  const isOfOrder = cursorColumn === column && cursorDirection === direction && rest.length === 0;
  const isOfColumn = column === 'name' ? typeof value === 'string' : Number.isSafeInteger(value);
  if (!isOfOrder || !isOfColumn || !Number.isSafeInteger(row)) {
    throw Failure.invalidParams([{ path: '/cursor', message: `is not a next_cursor of a list ordered by ${column}:${direction}` }]);
  }
  return { value: value as string | number, row: row as number };
}

function parsed(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
