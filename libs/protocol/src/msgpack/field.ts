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
 * - a codec of its own.
 */
export type Field = 'value' | 'raw' | 'lazy' | 'skip' | AnyCodec;
