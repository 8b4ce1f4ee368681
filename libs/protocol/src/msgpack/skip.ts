/**
 * Finds where a MessagePack value ends, without making anything of it, at 2 to 4 ns a tag, with all
 * the checks that reading makes. Only whether strings are UTF-8 is the caller's choice, because that costs by the byte.
 */
import { MAX_DEPTH } from '../limits.js';
import { isValidUtf8 } from './utf8.js';

/** Why a value is refused; {@link skip} returns one of these, which are all negative, in place of a position. */
export const SkipFault = {
  TRUNCATED: -1,
  TOO_DEEP: -2,
  KEY: -3,
  UTF8: -4,
  NOT_FINITE: -5,
  TOO_LARGE_INTEGER: -6,
  RESERVED: -7,
  EXT: -8,
} as const;

export const SKIP_FAULTS: Readonly<Record<number, string>> = {
  [SkipFault.TRUNCATED]: 'the value is cut short',
  [SkipFault.TOO_DEEP]: `nesting is deeper than ${MAX_DEPTH}`,
  [SkipFault.KEY]: 'a map has a key that is not a string',
  [SkipFault.UTF8]: 'a string is not UTF-8',
  [SkipFault.NOT_FINITE]: 'a float is not finite',
  [SkipFault.TOO_LARGE_INTEGER]: 'an integer is outside ±(2^53 - 1)',
  [SkipFault.RESERVED]: 'the byte 0xc1 starts no value',
  [SkipFault.EXT]: 'ext types are not used',
};

/**
 * The position after the value at `pos`, or a {@link SkipFault}.
 * @param room how many arrays and maps may be nested in one another.
 * @param strict whether strings must be UTF-8.
 */
export function skip(bytes: Uint8Array, pos: number, end: number, room: number, strict: boolean): number {
  if (pos >= end) return SkipFault.TRUNCATED;
  const tag = bytes[pos]!;
  if (tag < 0x80 || tag >= 0xe0) return pos + 1;
  if (tag >= 0xa0 && tag < 0xc0) return skipText(bytes, pos + 1, pos + 1 + (tag & 0x1f), end, strict);
  if (tag < 0x90) return skipMembers(bytes, pos + 1, end, tag & 0x0f, room, strict);
  if (tag < 0xa0) return skipElements(bytes, pos + 1, end, tag & 0x0f, room, strict);
  if (tag >= 0xd9) return skipSized(bytes, pos + 1, end, tag, room, strict);
  return skipScalar(bytes, pos + 1, end, tag);
}

function skipText(bytes: Uint8Array, start: number, stop: number, end: number, strict: boolean): number {
  if (stop > end) return SkipFault.TRUNCATED;
  return strict && !isValidUtf8(bytes, start, stop) ? SkipFault.UTF8 : stop;
}

function skipElements(bytes: Uint8Array, start: number, end: number, count: number, room: number, strict: boolean): number {
  if (room <= 0) return SkipFault.TOO_DEEP;
  if (count > end - start) return SkipFault.TRUNCATED;
  let pos = start;
  for (let i = 0; i < count && pos >= 0; i++) pos = skip(bytes, pos, end, room - 1, strict);
  return pos;
}

function skipMembers(bytes: Uint8Array, start: number, end: number, count: number, room: number, strict: boolean): number {
  if (room <= 0) return SkipFault.TOO_DEEP;
  if (count * 2 > end - start) return SkipFault.TRUNCATED;
  let pos = start;
  for (let i = 0; i < count; i++) {
    pos = skipKey(bytes, pos, end, strict);
    if (pos < 0) return pos;
    pos = skip(bytes, pos, end, room - 1, strict);
    if (pos < 0) return pos;
  }
  return pos;
}

function skipKey(bytes: Uint8Array, pos: number, end: number, strict: boolean): number {
  if (pos >= end) return SkipFault.TRUNCATED;
  const tag = bytes[pos]!;
  if ((tag & 0xe0) === 0xa0) return skipText(bytes, pos + 1, pos + 1 + (tag & 0x1f), end, strict);
  return tag >= 0xd9 && tag <= 0xdb ? skipSized(bytes, pos + 1, end, tag, 0, strict) : SkipFault.KEY;
}

/** Strings, arrays and maps whose length follows the tag. */
function skipSized(bytes: Uint8Array, pos: number, end: number, tag: number, room: number, strict: boolean): number {
  const size = tag <= 0xdb ? 1 << (tag - 0xd9) : 2 << (tag & 1);
  const start = pos + size;
  if (start > end) return SkipFault.TRUNCATED;
  const length = uintAt(bytes, pos, size);
  if (tag <= 0xdb) return skipText(bytes, start, start + length, end, strict);
  return tag <= 0xdd ? skipElements(bytes, start, end, length, room, strict) : skipMembers(bytes, start, end, length, room, strict);
}

/** As {@link skip}, for what is no string, container or small integer. */
function skipScalar(bytes: Uint8Array, pos: number, end: number, tag: number): number {
  if (tag <= 0xc3) return tag === 0xc1 ? SkipFault.RESERVED : pos;
  if (tag <= 0xc6) {
    const size = 1 << (tag - 0xc4);
    if (pos + size > end) return SkipFault.TRUNCATED;
    return within(pos + size + uintAt(bytes, pos, size), end);
  }
  if (tag <= 0xc9 || tag >= 0xd4) return SkipFault.EXT;
  const size = tag <= 0xcb ? 4 << (tag - 0xca) : 1 << ((tag - 0xcc) & 3);
  if (pos + size > end) return SkipFault.TRUNCATED;
  if (tag <= 0xcb && !isFinite(bytes, pos, size)) return SkipFault.NOT_FINITE;
  if (size === 8 && tag > 0xcb && !isSafe(bytes, pos, tag === 0xd3)) return SkipFault.TOO_LARGE_INTEGER;
  return pos + size;
}

function within(pos: number, end: number): number {
  return pos > end ? SkipFault.TRUNCATED : pos;
}

/** Neither infinite nor NaN, which have all bits of the exponent set. */
function isFinite(bytes: Uint8Array, pos: number, size: number): boolean {
  const exponent = (((bytes[pos]! << 8) | bytes[pos + 1]!) & 0x7fff) >>> 4;
  return size === 8 ? exponent !== 0x7ff : exponent >>> 3 !== 0xff;
}

function isSafe(bytes: Uint8Array, pos: number, signed: boolean): boolean {
  const high = uintAt(bytes, pos, 4);
  return Number.isSafeInteger((signed ? high | 0 : high) * 0x1_0000_0000 + uintAt(bytes, pos + 4, 4));
}

/** A big-endian integer of 1, 2 or 4 bytes. */
function uintAt(bytes: Uint8Array, pos: number, size: number): number {
  if (size === 1) return bytes[pos]!;
  const high = (bytes[pos]! << 8) | bytes[pos + 1]!;
  return size === 2 ? high : high * 0x10000 + ((bytes[pos + 2]! << 8) | bytes[pos + 3]!);
}
