// How many names and values there are in a large message, counted in its bytes before anything is made of them: an object with a
// hundred thousand members takes a tenth of a second to make, to walk and to write, whatever the members are (measured: 1 MB of
// JSON with 87,000 names took 100 ms, with 8,192 it takes 10; to look through 255,000 lists in one another and to answer with them took
// 120, where as many numbers took 35). Small messages cannot hold that many, and are not counted.
import { randomBytes } from 'node:crypto';

/** Different names of members in one message. */
export const MOST_NAMES = 8_192;
/** Values in one message; in MessagePack they take a byte each, in JSON two. In JSON commas and opening brackets are counted. */
export const MOST_VALUES = 65_536;
/**
 * What an object or a list counts for beside what is in it: it takes so much longer than a number. Where it is nested too deep two
 * count for one: the message is refused for its depth as soon as it is parsed (100,000 in one another: 20 ms), and nobody walks it.
 */
const HOLDER_COUNTS = 3;
/** Deeper is refused by the decoder. */
const DEEPEST = 65;
/** `"ab":0,` is the shortest way to another name. */
const JSON_WORTH_COUNTING_BYTES = 6 * MOST_NAMES;
/** In MessagePack an empty list takes a byte. */
export const WORTH_COUNTING_BYTES = Math.floor(MOST_VALUES / (1 + HOLDER_COUNTS));
/** Of longer names a message has no room for too many. */
const LONG_NAME_BYTES = 128;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPENING_BRACKET = 0x5b;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACKET = 0x5d;
const CLOSING_BRACE = 0x7d;
const SPACE = 0x20;
const PRIME = 0x01000193;
const SLOTS = 32_768;
/** One table for all: a census is done before another begins, and 128 KB for each large message were much to collect. */
const slots = new Uint32Array(SLOTS);
/** Not known outside, so that nobody makes names that count as one. */
const SEED = randomBytes(4).readUInt32LE(0);

/** @returns why the message is not read; undefined where it may be */
export function jsonProblem(bytes: Uint8Array): string | undefined {
  return bytes.length < JSON_WORTH_COUNTING_BYTES ? undefined : jsonCensus(bytes);
}

/** The same for MessagePack. What is malformed is for the decoder to refuse. */
export function msgpackProblem(bytes: Uint8Array): string | undefined {
  if (bytes.length < WORTH_COUNTING_BYTES) return undefined;
  return new PackedCensus(bytes).problem();
}

const TOO_MANY_NAMES = `the message has more than ${MOST_NAMES} different names of members`;
const TOO_MANY_VALUES = `the message has more than ${MOST_VALUES} values, where each object and list counts for ${HOLDER_COUNTS} more`;

/** Different hashes of names, up to the limit. */
class Names {
  private count = 0;

  constructor() {
    slots.fill(0);
  }

  /** @returns false where there are too many */
  add(hash: number): boolean {
    const value = hash === 0 ? 1 : hash;
    let slot = value & (SLOTS - 1);
    while (slots[slot] !== 0) {
      if (slots[slot] === value) return true;
      slot = (slot + 1) & (SLOTS - 1);
    }
    slots[slot] = value;
    return ++this.count <= MOST_NAMES;
  }
}

function jsonCensus(bytes: Uint8Array): string | undefined {
  const names = new Names();
  const end = bytes.length;
  let values = 0;
  let depth = 0;
  for (let at = 0; at < end; at++) {
    const byte = bytes[at];
    if (byte !== QUOTE) {
      if (byte === COMMA) values++;
      else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) values += ++depth < DEEPEST ? HOLDER_COUNTS : depth & 1;
      else {
        if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) depth--;
        continue;
      }
      if (values > MOST_VALUES) return TOO_MANY_VALUES;
      continue;
    }
    const start = ++at;
    let hash = SEED;
    for (; at < end && bytes[at] !== QUOTE && at - start < LONG_NAME_BYTES; at++) {
      if (bytes[at] === BACKSLASH) at++;
      hash = Math.imul(hash ^ (bytes[at] as number), PRIME) >>> 0;
    }
    if (at < end && bytes[at] !== QUOTE) {
      at = endOfString(bytes, at);
      continue;
    }
    let next = at + 1;
    while (next < end && (bytes[next] as number) <= SPACE) next++;
    if (bytes[next] === COLON && !names.add(hash)) return TOO_MANY_NAMES;
  }
  return undefined;
}

/** Where the string that `at` is in ends; native search, for texts are long and hold few quotes. */
function endOfString(bytes: Uint8Array, at: number): number {
  for (let quote = bytes.indexOf(QUOTE, at); quote >= 0; quote = bytes.indexOf(QUOTE, quote + 1)) {
    let backslashes = 0;
    while (bytes[quote - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return quote;
  }
  return bytes.length;
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
  private readonly names = new Names();
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
        this.found = TOO_MANY_NAMES;
        return false;
      }
      if (!this.value(room - 1)) return false;
    }
    return true;
  }

  private count(more: number): boolean {
    this.values += more;
    if (this.values > MOST_VALUES) this.found = TOO_MANY_VALUES;
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

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = SEED;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), PRIME) >>> 0;
  return hash;
}
