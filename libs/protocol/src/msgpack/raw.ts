/**
 * Values kept in encoded form, spliced as they are into the message that carries them: a stored context item, an event
 * that goes to many. Each writes itself into the other encoding too, only more slowly.
 */
import { decodeMsgpack } from './decode.js';
import { encodeMsgpack } from './encode.js';
import { Encoded } from './encoded.js';
import { jsonValueOf } from './json-value.js';
import type { MsgpackReader } from './reader.js';
import { MsgpackWriter } from './writer.js';

/** One complete MessagePack value. Its bytes are trusted: what came from a peer was checked when it was skipped over. */
export class RawMsgpack extends Encoded {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    super();
    this.bytes = bytes;
  }

  get text(): string {
    return JSON.stringify(this.toJSON());
  }

  /** The value, decoded anew each time; throws a `TypeError` where the bytes are none. */
  value(): unknown {
    const decoded = decodeMsgpack(this.bytes);
    if (!decoded.ok) throw new TypeError(decoded.message);
    return decoded.value;
  }

  toJSON(): unknown {
    return jsonValueOf(this.value());
  }
}

/** An array of `count` elements that are encoded already, in order, in one or more pieces. */
export function packedArray(count: number, pieces: readonly Uint8Array[]): RawMsgpack {
  const writer = new MsgpackWriter(pieces.reduce((sum, { length }) => sum + length, LARGEST_HEADER));
  writer.writeArrayHeader(count);
  for (const piece of pieces) writer.writeBytes(piece);
  return new RawMsgpack(writer.finish());
}

const LARGEST_HEADER = 5;

/** Reads a member of the kind `raw`. */
export function readRaw(reader: MsgpackReader, room: number): RawMsgpack | undefined {
  const bytes = reader.readRaw(room);
  return bytes && new RawMsgpack(bytes);
}

/** Reads a member of the kind `lazy`. */
export function readLazy(reader: MsgpackReader, room: number): RawMsgpack | undefined {
  const bytes = reader.readLazy(room);
  return bytes && new RawMsgpack(bytes);
}

/** One complete JSON text, trusted likewise. */
export class RawJson extends Encoded {
  readonly text: string;

  constructor(text: string) {
    super();
    this.text = text;
  }

  get bytes(): Uint8Array {
    return encodeMsgpack(this.toJSON());
  }

  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}
