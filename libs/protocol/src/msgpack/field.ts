/** What a shape says about a member. */
import type { MsgpackReader } from './reader.js';
import type { MsgpackWriter } from './writer.js';

/** Reads and writes values of one kind. At fault `read` returns `undefined` and the reader knows why. */
export interface Codec<T> {
  read(reader: MsgpackReader, room?: number): T | undefined;
  write(writer: MsgpackWriter, value: T, room?: number): void;
}

/** A codec of something, where it does not matter of what. */
export interface AnyCodec {
  read(reader: MsgpackReader, room?: number): unknown;
  write(writer: MsgpackWriter, value: never, room?: number): void;
}

/**
 * How a member is read:
 * - `value`: decoded whole;
 * - `raw`: checked as strictly as if decoded, and kept encoded as `RawMsgpack`, fit to be stored and sent on;
 * - `lazy`: kept encoded; its structure is checked now, its strings by whoever decodes it;
 * - `skip`: left out; only its structure is checked;
 * - `oneOf(…)`: as `value`, and faster for the texts named;
 * - a codec of its own.
 */
export type Field = 'value' | 'raw' | 'lazy' | 'skip' | KnownTexts | AnyCodec;

const KNOWN_TEXT = /^[ -~]{1,31}$/;

/** Texts that a member nearly always has one of, each at most 31 characters of ASCII; any other value is as good. */
export class KnownTexts {
  readonly texts: readonly string[];

  constructor(texts: readonly string[]) {
    for (const text of texts) if (!KNOWN_TEXT.test(text)) throw new RangeError(`a known text is 1 to 31 characters of ASCII: ${text}`);
    this.texts = texts;
  }
}

/** A member whose value is read without making a text of it, and written without looking at its characters, where it is one of these. */
export function oneOf(...texts: readonly string[]): KnownTexts {
  return new KnownTexts(texts);
}
