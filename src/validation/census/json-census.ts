// The census of JSON text.
import { type Bounds, DEEPEST, HOLDER_COUNTS, MESSAGE_BOUNDS, tooManyNames, tooManyValues } from './bounds.js';
import { LONG_NAME_BYTES, Names, nextHash, SEED } from './names.js';

/** `"ab":0,` is the shortest way to another name. */
const BYTES_OF_A_NAME = 6;

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** @returns why the message is not read; undefined where it may be */
export function jsonProblem(bytes: Uint8Array, bounds: Bounds = MESSAGE_BOUNDS): string | undefined {
  return bytes.length < worthCountingBytes(bounds) ? undefined : jsonCensus(bytes, bounds);
}

/** Less JSON has no room for too much. */
export function worthCountingBytes({ names }: Bounds): number {
  return BYTES_OF_A_NAME * names;
}

function jsonCensus(bytes: Uint8Array, bounds: Bounds): string | undefined {
  const names = new Names(bounds.names);
  const end = bytes.length;
  let values = 0;
  let depth = 0;
  const lines = new LineEnds(bytes);
  for (let at = 0; at < end; at++) {
    const byte = bytes[at];
    if (byte !== QUOTE) {
      if (byte === COMMA) values++;
      else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) values += ++depth < DEEPEST ? HOLDER_COUNTS : depth & 1;
      else {
        if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) depth--;
        continue;
      }
      if (values > bounds.values) return tooManyValues(bounds);
      continue;
    }
    const start = ++at;
    let hash = SEED;
    for (; at < end && bytes[at] !== QUOTE && !endsLine(bytes[at]) && at - start < LONG_NAME_BYTES; at++) {
      if (bytes[at] === BACKSLASH && !endsLine(bytes[at + 1])) at++;
      hash = nextHash(hash, bytes[at] as number);
    }
    if (at < end && bytes[at] !== QUOTE) {
      at += endOfString(bytes.subarray(at, lines.after(at)));
      continue;
    }
    let next = at + 1;
    while (next < end && (bytes[next] as number) <= SPACE) next++;
    if (bytes[next] === COLON && !names.add(hash)) return tooManyNames(bounds);
  }
  return undefined;
}

/** Where the string that the bytes begin in ends, or they do; native search, for texts are long and hold few quotes. */
function endOfString(bytes: Uint8Array): number {
  for (let quote = bytes.indexOf(QUOTE); quote >= 0; quote = bytes.indexOf(QUOTE, quote + 1)) {
    let backslashes = 0;
    while (bytes[quote - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return quote;
  }
  return bytes.length;
}

const endsLine = (byte: number | undefined): boolean => byte === LF || byte === CR;

/** Where lines end. A string ends there at the latest: in JSON it goes over no line's end, and so other lines of an event hide nothing. */
class LineEnds {
  private lf = -1;
  private cr = -1;

  constructor(private readonly bytes: Uint8Array) {}

  /** @param at not before what was asked for last */
  after(at: number): number {
    if (this.lf < at) this.lf = this.indexOrEnd(LF, at);
    if (this.cr < at) this.cr = this.indexOrEnd(CR, at);
    return Math.min(this.lf, this.cr);
  }

  private indexOrEnd(byte: number, from: number): number {
    const at = this.bytes.indexOf(byte, from);
    return at === -1 ? this.bytes.length : at;
  }
}
