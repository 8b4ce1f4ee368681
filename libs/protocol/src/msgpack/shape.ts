/**
 * Readers and writers made once for the members that a message is known to have. Reading compares each key with the
 * one expected next, byte for byte, and makes no string of it; writing copies keys that were encoded once. What does
 * not fit the shape (another order, another type, an unknown key) is read and written generically, so a shape never
 * changes what a message means.
 */
import { MAX_DEPTH } from '../limits.js';
import { encodeMsgpack } from './encode.js';
import { setOwn } from './json-value.js';
import { RawMsgpack } from './raw.js';
import type { MsgpackReader } from './reader.js';
import type { MsgpackWriter } from './writer.js';

/** Reads and writes values of one kind. At fault `read` returns `undefined` and the reader knows why. */
export interface Codec<T> {
  read(reader: MsgpackReader, room?: number): T | undefined;
  write(writer: MsgpackWriter, value: T, room?: number): void;
}

/** `value`: decoded whole. `raw`: checked, and kept as `RawMsgpack`. `skip`: checked, and left out. */
export type Field = 'value' | 'raw' | 'skip' | Codec<never>;

export type Fields<T> = { readonly [K in keyof T]-?: Field };

export interface ShapeOptions {
  /** What becomes of members that the shape does not name: read all the same, or checked and left out. */
  readonly others?: 'value' | 'skip';
}

/** @param fields each member and how it is read, in the order in which senders usually write them. */
export function defineShape<T extends object>(fields: Fields<T>, options: ShapeOptions = {}): Shape<T> {
  return new Shape<T>(Object.entries<Field>(fields), options.others ?? 'value');
}

export class Shape<T extends object> implements Codec<T> {
  private readonly names: readonly string[];
  private readonly keys: readonly Uint8Array[];
  private readonly fields: readonly Field[];
  private readonly others: 'value' | 'skip';

  constructor(entries: readonly (readonly [string, Field])[], others: 'value' | 'skip') {
    this.names = entries.map(([name]) => name);
    this.keys = this.names.map(encodeMsgpack);
    this.fields = entries.map(([, field]) => field);
    this.others = others;
  }

  read(reader: MsgpackReader, room: number = MAX_DEPTH): T | undefined {
    const count = reader.readMapHeader();
    if (count < 0) return reader.readValue(room) as T | undefined;
    if (room <= 0) return reader.fail(`nesting is deeper than ${MAX_DEPTH}`);
    const object: Record<string, unknown> = {};
    let expected = 0;
    for (let i = 0; i < count; i++) {
      const index = this.match(reader, expected);
      if (index < 0) this.readOther(reader, object, room);
      else {
        this.readField(reader, object, index, room);
        expected = index + 1;
      }
      if (reader.fault !== undefined) return undefined;
    }
    return object as T;
  }

  private readField(reader: MsgpackReader, object: Record<string, unknown>, index: number, room: number): void {
    const field = this.fields[index]!;
    const name = this.names[index]!;
    if (field === 'value') object[name] = reader.readValue(room - 1);
    else if (field === 'raw') object[name] = readRaw(reader, room - 1);
    else if (field === 'skip') reader.skipValue(room - 1);
    else object[name] = field.read(reader, room - 1);
  }

  private readOther(reader: MsgpackReader, object: Record<string, unknown>, room: number): void {
    const key = reader.readKey();
    if (this.others === 'skip') reader.skipValue(room - 1);
    else setOwn(object, key, reader.readValue(room - 1));
  }

  /** The field whose key comes next, which is then consumed; -1 where it is none of the shape's. */
  private match(reader: MsgpackReader, expected: number): number {
    const { keys } = this;
    for (let tried = 0, index = expected; tried < keys.length; tried++, index++) {
      if (index >= keys.length) index = 0;
      if (consume(reader, keys[index]!)) return index;
    }
    return -1;
  }

  write(writer: MsgpackWriter, value: T, room: number = MAX_DEPTH): void {
    const { names, keys, fields } = this;
    const object = value as Record<string, unknown>;
    writer.ensure(5);
    const header = writer.pos++;
    let count = 0;
    for (let i = 0; i < names.length; i++) {
      const member = object[names[i]!];
      if (member === undefined) continue;
      count++;
      writer.writeBytes(keys[i]!);
      const field = fields[i]!;
      if (typeof field === 'string' || typeof member !== 'object' || member === null) writer.writeValue(member, room - 1);
      else field.write(writer, member as never, room - 1);
    }
    writer.bytes[header] = 0x80 | count;
  }
}

function consume(reader: MsgpackReader, key: Uint8Array): boolean {
  const { bytes, pos } = reader;
  const { length } = key;
  if (pos + length > reader.end || bytes[pos] !== key[0]) return false;
  for (let i = 1; i < length; i++) if (bytes[pos + i] !== key[i]) return false;
  reader.pos = pos + length;
  return true;
}

function readRaw(reader: MsgpackReader, room: number): RawMsgpack | undefined {
  const start = reader.pos;
  reader.skipValue(room);
  return reader.fault === undefined ? new RawMsgpack(reader.bytes.subarray(start, reader.pos)) : undefined;
}

/** An array whose every element is read and written by `element`. */
export function listOf<T>(element: Codec<T>): Codec<T[]> {
  return {
    read(reader, room = MAX_DEPTH) {
      const count = reader.readArrayHeader();
      if (count < 0) return reader.readValue(room) as T[] | undefined;
      if (room <= 0) return reader.fail(`nesting is deeper than ${MAX_DEPTH}`);
      const list: T[] = [];
      for (let i = 0; i < count; i++) {
        const value = element.read(reader, room - 1);
        if (reader.fault !== undefined) return undefined;
        list.push(value as T);
      }
      return list;
    },
    write(writer, list, room = MAX_DEPTH) {
      writer.writeArrayHeader(list.length);
      for (const value of list) element.write(writer, value, room - 1);
    },
  };
}
