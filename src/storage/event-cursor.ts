// A place in the event log as clients hold it (PROTOCOL.md §5): opaque to them, of one width, rising as text rises.
// One digit of version, then the sequence number in base32hex. Reading one is the events feature's.

const VERSION = '1';
const DIGITS = 13;

export const writeEventCursor = (seq: number): string => VERSION + seq.toString(32).padStart(DIGITS, '0');
