/**
 * Writes MessagePack, or anything else, into slabs: each finished message is a view of the slab it was written to, the
 * next one follows it, and a full slab is left to the garbage collector once its last message is sent. A message
 * therefore costs no allocation but its view.
 */
import { MAX_DEPTH } from '../limits.js';
import { Encoded } from './encoded.js';
import { bytesOf } from './bytes-of.js';
import { utf8Room, writeUtf8 } from './utf8.js';

const SLAB_BYTES = 65_536;
/** As many times the usual size a slab may have that is kept to be written over: a new one costs by the page. */
const MOST_KEPT = 8;
/** Room for the rest of a message after a large value. */
const SLACK = 1024;
/** Up to here a loop beats the native call: 15 ns against 27 at 8 characters, Node 24. */
const SHORT = 12;
/** So many do not fit into a map's first byte. */
const MANY_MEMBERS = 16;

const { hasOwnProperty: hasOwn } = Object.prototype;

export class MsgpackWriter {
  bytes: Uint8Array;
  view: DataView;
  pos = 0;
  private start = 0;
  private readonly slabBytes: number;
  private readonly allocate: (size: number) => Uint8Array;

  /**
   * @param slabBytes what is allocated at once; a larger message gets a slab of its own.
   * @param allocate where slabs come from, such as a pool of those whose messages are all sent.
   */
  constructor(slabBytes: number = SLAB_BYTES, allocate: (size: number) => Uint8Array = newSlab) {
    this.slabBytes = slabBytes;
    this.allocate = allocate;
    this.bytes = allocate(slabBytes);
    this.view = viewOf(this.bytes);
  }

  /** Drops what was written since the last {@link finish}. */
  begin(): this {
    this.pos = this.start;
    return this;
  }

  /** What was written since the last call, as a view that stays valid. */
  finish(): Uint8Array {
    const message = this.bytes.subarray(this.start, this.pos);
    this.start = this.pos;
    return message;
  }

  /** The next message follows this one, of which no view is made. */
  keep(): void {
    this.start = this.pos;
  }

  /** Begins at the start of the slab again: nothing in it is needed any more. A much larger slab than usual is given up. */
  rewind(): void {
    if (this.bytes.length > MOST_KEPT * this.slabBytes) {
      this.bytes = this.allocate(this.slabBytes);
      this.view = viewOf(this.bytes);
    }
    this.start = this.pos = 0;
  }

  /** Where the message that is being written starts in `bytes`. */
  get messageStart(): number {
    return this.start;
  }

  /** Makes room for `count` more bytes; `bytes`, `view` and `pos` may change. */
  ensure(count: number): void {
    if (this.pos + count > this.bytes.length) this.grow(count);
  }

  private grow(count: number): void {
    const written = this.pos - this.start;
    const needed = written + count;
    // One large value takes what it needs; what grows bit by bit takes half of what it has, so that it grows seldom.
    const bytes = this.allocate(needed <= this.slabBytes ? this.slabBytes : needed + Math.max(SLACK, written >> 1));
    bytes.set(this.bytes.subarray(this.start, this.pos));
    this.bytes = bytes;
    this.view = viewOf(bytes);
    this.start = 0;
    this.pos = written;
  }

  /**
   * Writes a value as `JSON.stringify` would see it: members that are `undefined` are left out, a class's `toJSON` is heeded,
   * NaN and infinities are null. Beyond JSON, bytes (`Uint8Array`, `ArrayBuffer`, `DataView`) are written as binary and an `Encoded` as it is.
   * Throws a `TypeError` for a bigint past 64 bits of safe integer and a `RangeError` for nesting deeper than 64.
   */
  writeValue(value: unknown, room: number = MAX_DEPTH): void {
    switch (typeof value) {
      case 'string':
        return this.writeString(value);
      case 'number':
        return this.writeNumber(value);
      case 'boolean':
        return this.writeByte(value ? 0xc3 : 0xc2);
      case 'object':
        return value === null ? this.writeByte(0xc0) : this.writeObject(value, room);
      case 'bigint':
        return this.writeNumber(safeNumber(value));
      default:
        return this.writeByte(0xc0);
    }
  }

  writeByte(byte: number): void {
    this.ensure(1);
    this.bytes[this.pos++] = byte;
  }

  writeString(text: string): void {
    const { length } = text;
    if (length <= SHORT) {
      this.ensure(length * 3 + 1);
      if (this.writeShort(text, length)) return;
    }
    this.writeLong(text, length);
  }

  /** Whether `text` was plain ASCII, and therefore is written. */
  private writeShort(text: string, length: number): boolean {
    const { bytes, pos } = this;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) return false;
      bytes[pos + 1 + i] = code;
    }
    bytes[pos] = 0xa0 | length;
    this.pos = pos + 1 + length;
    return true;
  }

  /** The header's size is guessed from the characters; where the bytes need a larger one, they move. */
  private writeLong(text: string, characters: number): void {
    // What surely is enough is mostly there; to know what is costs a look at every character.
    if (this.pos + characters * 3 + 5 > this.bytes.length) this.ensure(utf8Room(text) + 5);
    const { bytes, pos } = this;
    const guess = stringHeaderSize(characters);
    const written = writeUtf8(text, bytes, pos + guess);
    const size = stringHeaderSize(written);
    if (size !== guess) bytes.copyWithin(pos + size, pos + guess, pos + guess + written);
    if (size === 1) bytes[pos] = 0xa0 | written;
    else this.writeSized(size === 2 ? 0xd9 : size === 3 ? 0xda : 0xdb, size - 1, written);
    this.pos = pos + size + written;
  }

  /** Writes UTF-8 with no header: text that is not a MessagePack value. */
  writeText(text: string): void {
    this.ensure(utf8Room(text));
    this.pos += writeUtf8(text, this.bytes, this.pos);
  }

  writeNumber(value: number): void {
    this.ensure(9);
    const { view } = this;
    if ((value | 0) === value) return this.writeInt32(value);
    const at = this.pos + 1;
    if (Number.isSafeInteger(value)) {
      view.setUint8(this.pos, value < 0 ? 0xd3 : value > 0xffff_ffff ? 0xcf : 0xce);
      if (value > 0 && value <= 0xffff_ffff) {
        view.setUint32(at, value);
        this.pos = at + 4;
        return;
      }
      view.setInt32(at, Math.floor(value / 0x1_0000_0000));
      view.setUint32(at + 4, value >>> 0);
      this.pos = at + 8;
      return;
    }
    if (!Number.isFinite(value)) return this.writeByte(0xc0);
    view.setUint8(this.pos, 0xcb);
    view.setFloat64(at, value);
    this.pos = at + 8;
  }

  private writeInt32(value: number): void {
    const { bytes, pos } = this;
    if (value >= 0) {
      if (value < 0x80) {
        bytes[pos] = value;
        this.pos = pos + 1;
      } else if (value < 0x100) this.writeSized(0xcc, 1, value);
      else this.writeSized(value < 0x10000 ? 0xcd : 0xce, value < 0x10000 ? 2 : 4, value);
    } else if (value >= -32) {
      bytes[pos] = value;
      this.pos = pos + 1;
    } else if (value >= -0x80) this.writeSized(0xd0, 1, value);
    else this.writeSized(value >= -0x8000 ? 0xd1 : 0xd2, value >= -0x8000 ? 2 : 4, value);
  }

  /** A tag and an integer of `size` bytes, for which there is room. */
  private writeSized(tag: number, size: number, value: number): void {
    const { bytes, view, pos } = this;
    bytes[pos] = tag;
    if (size === 1) bytes[pos + 1] = value;
    else if (size === 2) view.setUint16(pos + 1, value);
    else view.setUint32(pos + 1, value);
    this.pos = pos + 1 + size;
  }

  private writeObject(value: object, room: number): void {
    if (value instanceof Encoded) return value.pack(this);
    if (room <= 0) throw new RangeError(`nesting is deeper than ${MAX_DEPTH}`);
    if (Array.isArray(value)) return this.writeArray(value, room);
    if (Object.getPrototypeOf(value) === Object.prototype) return this.writeMembers(value as Record<string, unknown>, room);
    const bytes = bytesOf(value);
    if (bytes !== undefined) return this.writeBinary(bytes);
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === 'function') return this.writeValue(toJSON.call(value) as unknown, room - 1);
    this.writeMembers(value as Record<string, unknown>, room);
  }

  private writeArray(array: readonly unknown[], room: number): void {
    this.writeArrayHeader(array.length);
    for (let i = 0; i < array.length; i++) this.writeValue(array[i], room - 1);
  }

  /**
   * The count is written last: it is known once the members that are left out were seen. No list of names is made for a few. Whether
   * they are few is known before anything is written: what was written of many would be written again, and so would what is in it.
   */
  private writeMembers(object: Record<string, unknown>, room: number): void {
    if (isLarge(object)) return this.writeMany(object, room);
    const header = this.pos - this.start;
    this.writeByte(0x80);
    let count = 0;
    for (const name in object) {
      const member = object[name];
      if (!isWritten(member) || !hasOwn.call(object, name)) {
        if (name !== 'toJSON' || typeof member !== 'function') continue;
        this.pos = this.start + header;
        return this.writeValue(member.call(object), room - 1);
      }
      this.writeString(name);
      this.writeValue(member, room - 1);
      count++;
    }
    this.bytes[this.start + header] = 0x80 | count;
  }

  private writeMany(object: Record<string, unknown>, room: number): void {
    const { toJSON } = object;
    if (typeof toJSON === 'function') return this.writeValue(toJSON.call(object), room - 1);
    const names = Object.keys(object);
    const header = this.pos - this.start;
    this.writeMapHeader(names.length);
    let count = 0;
    for (const name of names) {
      const member = object[name];
      if (!isWritten(member)) continue;
      this.writeString(name);
      this.writeValue(member, room - 1);
      count++;
    }
    if (count !== names.length) this.patchMapHeader(header, names.length, count);
  }

  /** Corrects the count of a map header whose size that of `written` decided. */
  private patchMapHeader(offset: number, written: number, count: number): void {
    const at = this.start + offset;
    if (written < 16) this.bytes[at] = 0x80 | count;
    else if (written < 0x10000) this.view.setUint16(at + 1, count);
    else this.view.setUint32(at + 1, count);
  }

  writeArrayHeader(count: number): void {
    this.ensure(5);
    if (count < 16) this.bytes[this.pos++] = 0x90 | count;
    else this.writeSized(count < 0x10000 ? 0xdc : 0xdd, count < 0x10000 ? 2 : 4, count);
  }

  writeMapHeader(count: number): void {
    this.ensure(5);
    if (count < 16) this.bytes[this.pos++] = 0x80 | count;
    else this.writeSized(count < 0x10000 ? 0xde : 0xdf, count < 0x10000 ? 2 : 4, count);
  }

  writeBinary(binary: Uint8Array): void {
    const { length } = binary;
    this.ensure(5 + length);
    if (length < 0x100) this.writeSized(0xc4, 1, length);
    else this.writeSized(length < 0x10000 ? 0xc5 : 0xc6, length < 0x10000 ? 2 : 4, length);
    this.writeBytes(binary);
  }

  /** Copies bytes as they are. */
  writeBytes(source: Uint8Array): void {
    const { length } = source;
    this.ensure(length);
    const { bytes, pos } = this;
    if (length <= 8) for (let i = 0; i < length; i++) bytes[pos + i] = source[i]!;
    else bytes.set(source, pos);
    this.pos = pos + length;
  }
}

function isLarge(object: object): boolean {
  let names = 0;
  for (const _ in object) if (++names === MANY_MEMBERS) return true;
  return false;
}

/** As in `JSON.stringify`, where such members do not appear. */
export function isWritten(member: unknown): boolean {
  const type = typeof member;
  return type !== 'undefined' && type !== 'function' && type !== 'symbol';
}

function safeNumber(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new TypeError('an integer is outside ±(2^53 - 1)');
  return number;
}

function stringHeaderSize(length: number): number {
  return length < 32 ? 1 : length < 0x100 ? 2 : length < 0x10000 ? 3 : 5;
}

interface BufferFactory {
  allocUnsafeSlow(size: number): Uint8Array;
}
const { Buffer: buffers } = globalThis as { Buffer?: BufferFactory };

/** In Node a Buffer: its views are Buffers, which is what sockets take. */
export function newSlab(size: number): Uint8Array {
  return buffers === undefined ? new Uint8Array(size) : buffers.allocUnsafeSlow(size);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
