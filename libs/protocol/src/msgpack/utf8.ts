/**
 * Strings from and to UTF-8, strictly: invalid bytes are refused on reading, lone surrogates become U+FFFD on writing.
 * Uses the natives of Node's Buffer where there is one (5 to 20 times TextDecoder on short strings), else the
 * Encoding API, so the file runs in browsers as it is.
 */
interface NativeBytes {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  utf8Slice(this: Uint8Array, start: number, end: number): string;
  utf8Write(this: Uint8Array, text: string, offset: number, length: number): number;
}
/** A Buffer has the natives itself, any other Uint8Array has not. A call by `.call` costs 20 ns more. */
type MaybeBuffer = Uint8Array & Partial<NativeBytes>;
interface BufferModule {
  isUtf8(bytes: Uint8Array): boolean;
}
interface MaybeNode {
  Buffer?: { prototype: NativeBytes; byteLength(text: string): number };
  process?: { getBuiltinModule?: (name: string) => BufferModule | undefined };
}

const host = globalThis as unknown as MaybeNode;
const native = host.Buffer?.prototype;
const isUtf8 = host.process?.getBuiltinModule?.('node:buffer')?.isUtf8;
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Up to here one `String.fromCharCode` beats a native call: 27 ns against 48 at 12 bytes, Node 24. */
const SHORT = 14;
/** Up to here a loop over the bytes is cheaper than the view that a native call needs. */
const MEDIUM = 96;
const CHAR_CODES: readonly number[][] = Array.from({ length: SHORT + 1 }, (_, length) => new Array<number>(length).fill(0));

/** The text of `bytes[start, end)`, or `undefined` where that is not UTF-8. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  const length = end - start;
  if (length <= SHORT) {
    if (length === 0) return '';
    const codes = CHAR_CODES[length]!;
    let seen = 0;
    for (let i = 0; i < length; i++) seen |= codes[i] = bytes[start + i]!;
    if (seen < 0x80) return String.fromCharCode.apply(null, codes);
  }
  return native === undefined ? decodeStrictly(bytes, start, end) : decodeNatively(native, bytes, start, end);
}

/** One character for each byte. */
export function decodeLatin1(bytes: MaybeBuffer, start: number, end: number): string {
  if (bytes.latin1Slice !== undefined) return bytes.latin1Slice(start, end);
  if (native !== undefined) return native.latin1Slice.call(bytes, start, end);
  let text = '';
  for (let at = start; at < end; at += 0x400) text += String.fromCharCode(...bytes.subarray(at, Math.min(end, at + 0x400)));
  return text;
}

/** Node writes U+FFFD for what is wrong, so only text that has one needs a second look. */
function decodeNatively(from: NativeBytes, bytes: MaybeBuffer, start: number, end: number): string | undefined {
  const text = bytes.utf8Slice === undefined ? from.utf8Slice.call(bytes, start, end) : bytes.utf8Slice(start, end);
  return text.includes('\ufffd') ? decodeStrictly(bytes, start, end) : text;
}

function decodeStrictly(bytes: Uint8Array, start: number, end: number): string | undefined {
  try {
    return strictDecoder.decode(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}

/** Whether `bytes[start, end)` is UTF-8, without making the string. */
export function isValidUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start <= MEDIUM && isAscii(bytes, start, end)) return true;
  if (isUtf8 !== undefined) return isUtf8(bytes.subarray(start, end));
  return decodeStrictly(bytes, start, end) !== undefined;
}

/** Whether all bytes are below 0x80; for short strings, where a loop is cheapest. */
export function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  let seen = 0;
  let i = start;
  for (const last = end - 3; i < last; i += 4) seen |= bytes[i]! | bytes[i + 1]! | bytes[i + 2]! | bytes[i + 3]!;
  for (; i < end; i++) seen |= bytes[i]!;
  return seen < 0x80;
}

/** Writes `text` at `offset`, where {@link utf8Room} bytes must be free; returns the bytes written. */
export function writeUtf8(text: string, bytes: MaybeBuffer, offset: number): number {
  if (bytes.utf8Write !== undefined) return bytes.utf8Write(text, offset, bytes.length - offset);
  if (native !== undefined) return native.utf8Write.call(bytes, text, offset, bytes.length - offset);
  return encoder.encodeInto(text, bytes.subarray(offset)).written;
}

/** Bytes that surely hold `text`: three for each UTF-16 unit, counted exactly where that would be much. */
export function utf8Room(text: string): number {
  if (text.length <= 1024) return text.length * 3;
  return host.Buffer === undefined ? encoder.encode(text).length : host.Buffer.byteLength(text);
}

/** `text` as bytes of its own. */
export function utf8Bytes(text: string): Uint8Array {
  return encoder.encode(text);
}
