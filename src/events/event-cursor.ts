// Reads a place in the event log as clients give it (storage/event-cursor.ts writes it).
export { writeEventCursor } from '../storage/event-cursor.js';

const CURSOR = /^1[0-9a-v]{13}$/;

/** @returns the sequence number; undefined where the text is not a cursor */
export function readEventCursor(cursor: string): number | undefined {
  if (!CURSOR.test(cursor)) return undefined;
  const seq = parseInt(cursor.slice(1), 32);
  return Number.isSafeInteger(seq) ? seq : undefined;
}
