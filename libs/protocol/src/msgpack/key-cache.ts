/**
 * Keys repeat from message to message: a small direct-mapped cache gives the string for bytes seen before, so that a
 * map's keys cost a comparison and no allocation. Bounded: a hostile peer can only make it miss.
 */
import { decodeUtf8 } from './utf8.js';

const SLOTS = 512;
export const LONGEST_KEY = 32;

export class KeyCache {
  private readonly texts: string[] = new Array<string>(SLOTS).fill('');

  /** The text of `bytes[start, end)`, or `undefined` where that is not UTF-8. */
  get(bytes: Uint8Array, start: number, end: number): string | undefined {
    const length = end - start;
    if (length > LONGEST_KEY || length === 0) return decodeUtf8(bytes, start, end);
    const slot = (length * 31 + bytes[start]! * 7 + bytes[end - 1]! * 131 + bytes[start + (length >> 1)]!) & (SLOTS - 1);
    const known = this.texts[slot]!;
    if (known.length === length && isText(known, bytes, start)) return known;
    const text = decodeUtf8(bytes, start, end);
    if (text?.length !== length) return text;
    return (this.texts[slot] = internalized(text));
  }
}

/** The same text as the engine keeps names of members: storing under it needs no look-up of the text. */
function internalized(text: string): string {
  return Object.keys({ [text]: 0 })[0]!;
}

/** Only ASCII matches byte by byte, which is what the cache holds: there the lengths are equal. */
function isText(text: string, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}
