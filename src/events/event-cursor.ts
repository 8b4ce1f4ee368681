// A place in the event log as clients hold it (PROTOCOL.md §5): opaque to them, of one width, rising as text rises.
// One digit of version, then the sequence number in base32hex.

const VERSION = '1';
const DIGITS = 13;
const CURSOR = /^1[0-9a-v]{13}$/;

export const writeEventCursor = (seq: number): string => VERSION + seq.toString(32).padStart(DIGITS, '0');

/** @returns the sequence number; undefined where the text is not a cursor */
export function readEventCursor(cursor: string): number | undefined {
  if (!CURSOR.test(cursor)) return undefined;
  const seq = parseInt(cursor.slice(1), 32);
  return Number.isSafeInteger(seq) ? seq : undefined;
}
