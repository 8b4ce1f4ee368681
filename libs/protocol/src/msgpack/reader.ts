/**
 * Reads MessagePack as far as the JSON data model and binary go (PROTOCOL.md §3): ext types, keys that are no strings,
 * integers past 2^53, NaN and infinities are refused by name. Nothing here throws: the first problem is kept in
 * `fault`, and every loop looks there.
 */
import { MAX_DEPTH } from '../limits.js';
import { setOwn } from './json-value.js';
import { KeyCache, LONGEST_KEY } from './key-cache.js';
import { SKIP_FAULTS, skip, SkipFault } from './skip.js';
import { decodeLatin1, decodeUtf8, isAscii } from './utf8.js';

const keys = new KeyCache();

/**
 * A native call costs 45 ns however short the string, a part of a text that is there 10: so a small message becomes text
 * once, Node 24. A part keeps the whole alive, which is never more than the peer has sent with it.
 */
const WHOLE_MOST = 1024;
const WHOLE_LEAST_REST = 24;
/** Bytes of a string that is read so. */
const PART_LEAST = 4;
const PART_MOST = 128;

/** Reading and skipping refuse in the same words. */
const wording = (fault: number): string => SKIP_FAULTS[fault]!;
const TRUNCATED = wording(SkipFault.TRUNCATED);
const NOT_UTF8 = wording(SkipFault.UTF8);
const TOO_DEEP = wording(SkipFault.TOO_DEEP);

export class MsgpackReader {
  bytes: Uint8Array = new Uint8Array(0);
  pos = 0;
  end = 0;
  /** What is wrong with the input, in words; once set, everything read is `undefined`. */
  fault: string | undefined = undefined;
  /** What is left of a small message as one text, one character a byte, of which plain ASCII strings are then parts. */
  private whole: string | undefined = undefined;
  private wholeStart = 0;

  /** Starts over at `bytes[start, end)`. */
  reset(bytes: Uint8Array, start: number, end: number): this {
    this.bytes = bytes;
    this.pos = start;
    this.end = end;
    this.fault = undefined;
    this.whole = undefined;
    return this;
  }

  fail(fault: string): undefined {
    this.fault ??= fault;
    this.pos = this.end;
    return undefined;
  }

  /** Checks that the input ends here. */
  finish(): void {
    if (this.pos !== this.end) this.fail(`${this.end - this.pos} bytes after the value`);
  }

  /** @param room how many arrays and maps may still be nested here. */
  readValue(room: number = MAX_DEPTH): unknown {
    if (this.pos >= this.end) return this.fail(TRUNCATED);
    const tag = this.bytes[this.pos++]!;
    if (tag < 0x80) return tag;
    if (tag < 0x90) return this.readMembers(tag & 0x0f, room);
    if (tag < 0xa0) return this.readElements(tag & 0x0f, room);
    if (tag < 0xc0) return this.readText(tag & 0x1f);
    if (tag >= 0xe0) return tag - 0x100;
    switch (tag) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.readBinary(this.readUint(1 << (tag - 0xc4)));
      case 0xca:
      case 0xcb:
        return this.readFloat(tag === 0xca ? 4 : 8);
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.readUint(1 << (tag - 0xcc));
      case 0xcf:
        return this.readInt64(false);
      case 0xd0:
        return (this.readUint(1) << 24) >> 24;
      case 0xd1:
        return (this.readUint(2) << 16) >> 16;
      case 0xd2:
        return this.readUint(4) | 0;
      case 0xd3:
        return this.readInt64(true);
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.readText(this.readUint(1 << (tag - 0xd9)));
      case 0xdc:
      case 0xdd:
        return this.readElements(this.readUint(2 << (tag - 0xdc)), room);
      case 0xde:
      case 0xdf:
        return this.readMembers(this.readUint(2 << (tag - 0xde)), room);
      default:
        return this.fail(unsupported(tag));
    }
  }

  /** Passes over one value, checked as strictly as if it were read. */
  skipValue(room: number = MAX_DEPTH): void {
    this.passOver(room, true);
  }

  /** Passes over one value, checking its structure but not its strings: nobody will read them, or whoever does will check. */
  dropValue(room: number = MAX_DEPTH): void {
    this.passOver(room, false);
  }

  private passOver(room: number, strict: boolean): void {
    const next = skip(this.bytes, this.pos, this.end, room, strict);
    if (next < 0) this.fail(wording(next));
    else this.pos = next;
  }

  /** A map's number of members; -1, with nothing consumed, where the next value is no map. */
  readMapHeader(): number {
    const tag = this.pos < this.end ? this.bytes[this.pos]! : 0;
    if ((tag & 0xf0) === 0x80) {
      this.pos++;
      return this.fits(tag & 0x0f, 2);
    }
    if (tag !== 0xde && tag !== 0xdf) return -1;
    this.pos++;
    return this.fits(this.readUint(2 << (tag - 0xde)), 2);
  }

  /** An array's number of elements; -1, with nothing consumed, where the next value is no array. */
  readArrayHeader(): number {
    const tag = this.pos < this.end ? this.bytes[this.pos]! : 0;
    if ((tag & 0xf0) === 0x90) {
      this.pos++;
      return this.fits(tag & 0x0f, 1);
    }
    if (tag !== 0xdc && tag !== 0xdd) return -1;
    this.pos++;
    return this.fits(this.readUint(2 << (tag - 0xdc)), 1);
  }

  /** A map's key; `''` at fault. */
  readKey(): string {
    const start = this.keyBytes();
    if (this.fault !== undefined) return '';
    if (this.pos - start > LONGEST_KEY) return this.textAt(start) ?? '';
    return keys.get(this.bytes, start, this.pos) ?? this.fail(NOT_UTF8) ?? '';
  }

  /** The next value's bytes, a view, checked as strictly as if it were read. */
  readRaw(room: number = MAX_DEPTH): Uint8Array | undefined {
    const start = this.pos;
    this.skipValue(room);
    return this.fault === undefined ? this.bytes.subarray(start, this.pos) : undefined;
  }

  /** The next value's bytes, a view, its structure checked but not its strings, which decoding will. */
  readLazy(room: number = MAX_DEPTH): Uint8Array | undefined {
    const start = this.pos;
    this.dropValue(room);
    return this.fault === undefined ? this.bytes.subarray(start, this.pos) : undefined;
  }

  /** Consumes `length` bytes; returns where they start. */
  take(length: number): number {
    const start = this.pos;
    if (length > this.end - start) this.fail(`${length} bytes are declared and ${this.end - start} are left`);
    else this.pos = start + length;
    return start;
  }

  private readUint(size: number): number {
    const at = this.take(size);
    if (this.fault !== undefined) return 0;
    const { bytes } = this;
    if (size === 1) return bytes[at]!;
    const high = (bytes[at]! << 8) | bytes[at + 1]!;
    return size === 2 ? high : high * 0x10000 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
  }

  private readInt64(signed: boolean): number {
    const high = this.readUint(4);
    const low = this.readUint(4);
    const value = (signed ? high | 0 : high) * 0x1_0000_0000 + low;
    if (!Number.isSafeInteger(value)) this.fail(wording(SkipFault.TOO_LARGE_INTEGER));
    return value;
  }

  private readFloat(size: 4 | 8): number {
    const at = this.take(size);
    if (this.fault !== undefined) return 0;
    for (let i = 0; i < size; i++) floatBytes[i] = this.bytes[at + i]!;
    const value = size === 4 ? floatView.getFloat32(0) : floatView.getFloat64(0);
    if (!Number.isFinite(value)) this.fail(wording(SkipFault.NOT_FINITE));
    return value;
  }

  private readText(length: number): string | undefined {
    const start = this.take(length);
    return this.fault === undefined ? this.textAt(start) : undefined;
  }

  /** The text from `start` to where the reader is. */
  private textAt(start: number): string | undefined {
    const length = this.pos - start;
    if (length <= PART_MOST && (length > PART_LEAST || this.whole !== undefined)) {
      const whole = this.whole ?? this.decodeWhole(start);
      // What is read again, because it did not fit a shape, may begin before it.
      if (whole !== '' && start >= this.wholeStart && isAscii(this.bytes, start, this.pos))
        return whole.substring(start - this.wholeStart, this.pos - this.wholeStart);
    }
    return decodeUtf8(this.bytes, start, this.pos) ?? this.fail(NOT_UTF8);
  }

  /** What is left of the message as text; `''` where that is not worth it: it is large, or hardly holds another string. */
  private decodeWhole(start: number): string {
    const isWorthIt = this.end - start <= WHOLE_MOST && this.end - this.pos >= WHOLE_LEAST_REST;
    this.wholeStart = start;
    return (this.whole = isWorthIt ? decodeLatin1(this.bytes, start, this.end) : '');
  }

  private readBinary(length: number): Uint8Array | undefined {
    const start = this.take(length);
    return this.fault === undefined ? this.bytes.subarray(start, this.pos) : undefined;
  }

  private readElements(count: number, room: number): unknown[] | undefined {
    if (!this.enter(count, 1, room)) return undefined;
    const array: unknown[] = [];
    for (let i = 0; i < count; i++) {
      array.push(this.readValue(room - 1));
      if (this.fault !== undefined) return undefined;
    }
    return array;
  }

  private readMembers(count: number, room: number): Record<string, unknown> | undefined {
    if (!this.enter(count, 2, room)) return undefined;
    const object: Record<string, unknown> = {};
    for (let i = 0; i < count; i++) {
      const key = this.readKey();
      const value = this.readValue(room - 1);
      if (this.fault !== undefined) return undefined;
      setOwn(object, key, value);
    }
    return object;
  }

  /** Consumes a key; returns where its text starts. */
  private keyBytes(): number {
    const tag = this.pos < this.end ? this.bytes[this.pos++]! : 0;
    if ((tag & 0xe0) === 0xa0) return this.take(tag & 0x1f);
    if (tag >= 0xd9 && tag <= 0xdb) return this.take(this.readUint(1 << (tag - 0xd9)));
    this.fail(this.pos < this.end ? wording(SkipFault.KEY) : TRUNCATED);
    return this.pos;
  }

  private enter(count: number, least: number, room: number): boolean {
    if (room <= 0) this.fail(TOO_DEEP);
    else this.fits(count, least);
    return this.fault === undefined;
  }

  /** A declared count is believed only as far as bytes are left for it: memory is taken by what is there. */
  private fits(count: number, least: number): number {
    if (count * least <= this.end - this.pos) return count;
    this.fail(`${count} members are declared and ${this.end - this.pos} bytes are left`);
    return 0;
  }
}

const floatBytes = new Uint8Array(8);
const floatView = new DataView(floatBytes.buffer);

function unsupported(tag: number): string {
  return wording(tag === 0xc1 ? SkipFault.RESERVED : SkipFault.EXT);
}
