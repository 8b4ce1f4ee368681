/**
 * Values kept in encoded form, spliced as they are into the message that carries them: a stored context item, an event
 * that goes to many. Each writes itself into the other encoding too, only more slowly.
 */
import { decodeMsgpack } from './decode.js';
import { encodeMsgpack } from './encode.js';
import { Encoded, type PackTarget } from './encoded.js';
import { jsonValueOf } from './json-value.js';
import type { MsgpackReader } from './reader.js';

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

/** An array whose elements are encoded already, in one or more pieces. */
export class PackedArray extends Encoded {
  private readonly count: number;
  private readonly pieces: readonly Uint8Array[];

  /** @param count of elements in all pieces together, which have them in order */
  constructor(count: number, pieces: readonly Uint8Array[]) {
    super();
    this.count = count;
    this.pieces = pieces;
  }

  /** Bytes of all elements together. */
  get length(): number {
    return this.pieces.reduce((sum, { length }) => sum + length, 0);
  }

  override pack(out: PackTarget): void {
    out.writeArrayHeader(this.count);
    for (const piece of this.pieces) out.writeBytes(piece);
  }

  get bytes(): Uint8Array {
    return encodeMsgpack(this);
  }

  get text(): string {
    return JSON.stringify(this.toJSON());
  }

  toJSON(): unknown {
    return new RawMsgpack(this.bytes).toJSON();
  }
}

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
