// The census of MessagePack.
import { DEEPEST, HOLDER_COUNTS, MESSAGE_BOUNDS, tooManyNames, tooManyValues } from './bounds.js';
import { hashOf, LONG_NAME_BYTES, Names } from './names.js';

/** An empty list takes a byte. */
export const WORTH_COUNTING_BYTES = Math.floor(MESSAGE_BOUNDS.values / (1 + HOLDER_COUNTS));

/** @returns why the message is not read; undefined where it may be. What is malformed is for the decoder to refuse. */
export function msgpackProblem(bytes: Uint8Array): string | undefined {
  if (bytes.length < WORTH_COUNTING_BYTES) return undefined;
  return new PackedCensus(bytes).problem();
}

/** Bytes of a value by its tag, from 0xc0 on: itself, and where it has a length how many bytes that takes. */
const FIXED: Readonly<Record<number, number>> = {
  0xc0: 1, 0xc1: 1, 0xc2: 1, 0xc3: 1, 0xca: 5, 0xcb: 9, 0xcc: 2, 0xcd: 3, 0xce: 5, 0xcf: 9, 0xd0: 2, 0xd1: 3, 0xd2: 5, 0xd3: 9,
  0xd4: 3, 0xd5: 4, 0xd6: 6, 0xd7: 10, 0xd8: 18,
}; // prettier-ignore
const LENGTH_BYTES: Readonly<Record<number, number>> = {
  0xc4: 1,
  0xc5: 2,
  0xc6: 4,
  0xd9: 1,
  0xda: 2,
  0xdb: 4,
  0xdc: 2,
  0xdd: 4,
  0xde: 2,
  0xdf: 4,
};

class PackedCensus {
  private readonly view: DataView;
  private readonly names = new Names(MESSAGE_BOUNDS.names);
  private values = 0;
  private at = 0;
  private found: string | undefined;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  problem(): string | undefined {
    this.value(DEEPEST);
    return this.found;
  }

  /** Passes over one value. @returns false where there is no more to count: too much was found, or it is malformed */
  private value(room: number): boolean {
    const { bytes } = this;
    if (this.at >= bytes.length || room === 0) return false;
    const tag = bytes[this.at] as number;
    if (tag < 0x80 || tag >= 0xe0) return this.pass(1);
    if (tag < 0x90) return this.pass(1) && this.members(tag & 0x0f, room);
    if (tag < 0xa0) return this.pass(1) && this.elements(tag & 0x0f, room);
    if (tag < 0xc0) return this.pass(1 + (tag & 0x1f));
    const fixed = FIXED[tag];
    if (fixed !== undefined) return this.pass(fixed);
    const lengthBytes = LENGTH_BYTES[tag];
    if (lengthBytes === undefined || this.at + 1 + lengthBytes > bytes.length) return false;
    const length = this.lengthAt(this.at + 1, lengthBytes);
    if (tag < 0xdc) return this.pass(1 + lengthBytes + length);
    this.at += 1 + lengthBytes;
    return tag < 0xde ? this.elements(length, room) : this.members(length, room);
  }

  private elements(count: number, room: number): boolean {
    if (!this.count(count + HOLDER_COUNTS)) return false;
    for (let i = 0; i < count; i++) if (!this.value(room - 1)) return false;
    return true;
  }

  private members(count: number, room: number): boolean {
    if (!this.count(count + HOLDER_COUNTS)) return false;
    for (let i = 0; i < count; i++) {
      const start = this.at;
      if (!this.value(room - 1)) return false;
      if (this.at - start <= LONG_NAME_BYTES && !this.names.add(hashOf(this.bytes, start, this.at))) {
        this.found = tooManyNames(MESSAGE_BOUNDS);
        return false;
      }
      if (!this.value(room - 1)) return false;
    }
    return true;
  }

  private count(more: number): boolean {
    this.values += more;
    if (this.values > MESSAGE_BOUNDS.values) this.found = tooManyValues(MESSAGE_BOUNDS);
    return this.found === undefined;
  }

  private pass(length: number): boolean {
    this.at += length;
    return this.at <= this.bytes.length;
  }

  private lengthAt(at: number, lengthBytes: number): number {
    return lengthBytes === 1 ? this.view.getUint8(at) : lengthBytes === 2 ? this.view.getUint16(at) : this.view.getUint32(at);
  }
}
