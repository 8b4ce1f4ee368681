/**
 * Readers and writers made once for the members that a message is known to have. Reading compares each key with the
 * one expected next, byte for byte, and makes no string of it; writing copies keys that were encoded once. What does
 * not fit the shape (another order, another type, an unknown key) is read and written generically, so a shape never
 * changes what a message means.
 */
import { MAX_DEPTH } from '../limits.js';
import { compileShape, type CompiledShape, type ShapeLoops } from './compile-shape.js';
import { encodeMsgpack } from './encode.js';
import { type Codec, type Field, KnownTexts } from './field.js';
import { setOwn } from './json-value.js';
import { readLazy, readRaw } from './raw.js';
import { isWritten, type MsgpackWriter } from './writer.js';
import type { MsgpackReader } from './reader.js';

export type Fields<T> = { readonly [K in keyof T]-?: Field };

export interface ShapeOptions {
  /** What becomes of members that the shape does not name: read all the same, or checked and left out. */
  readonly others?: 'value' | 'skip';
  /** Whether values that are written never have members that the shape does not name: then nobody looks for them. */
  readonly isClosed?: boolean;
  /** `false` keeps to the loop where functions could be compiled; for tests. */
  readonly compiled?: boolean;
}

/** @param fields at most 15 members and how each is read, in the order in which senders usually write them. */
export function defineShape<T extends object>(fields: Fields<T>, options: ShapeOptions = {}): Shape<T> {
  return new Shape<T>(Object.entries<Field>(fields), options);
}

export class Shape<T extends object> implements Codec<T> {
  private readonly names: readonly string[];
  private readonly keys: readonly Uint8Array[];
  private readonly fields: readonly Field[];
  private readonly others: 'value' | 'skip';
  private readonly chosen: CompiledShape;

  constructor(entries: readonly (readonly [string, Field])[], options: ShapeOptions) {
    if (entries.length > 15) throw new RangeError(`shape of ${entries.length} members exceeds 15`);
    this.names = entries.map(([name]) => name);
    if (this.names.includes('__proto__')) throw new TypeError('a shape has no member __proto__');
    this.keys = this.names.map(encodeMsgpack);
    this.fields = entries.map(([, field]) => field);
    this.others = options.others ?? 'value';
    const loops: ShapeLoops = {
      read: (reader, room) => this.readLoop(reader, room),
      write: (writer, value, room) => this.writeLoop(writer, value as Record<string, unknown>, room),
      hasOthers: (value) => this.hasOthers(value as Record<string, unknown>),
    };
    const parts = entries.map(([name, field], i) => ({ name, field, key: this.keys[i]! }));
    this.chosen = (options.compiled === false ? undefined : compileShape(parts, loops, options.isClosed === true)) ?? loops;
  }

  read(reader: MsgpackReader, room: number = MAX_DEPTH): T | undefined {
    return this.chosen.read(reader, room) as T | undefined;
  }

  /** Writes a value: its members in the shape's order, or, where it has others too or is no plain object, as it is. */
  write(writer: MsgpackWriter, value: T, room: number = MAX_DEPTH): void {
    if (isPlainObject(value)) this.chosen.write(writer, value, room);
    else writer.writeValue(value, room);
  }

  private readLoop(reader: MsgpackReader, room: number): unknown {
    const count = reader.readMapHeader();
    if (count < 0) return reader.readValue(room);
    if (room <= 0) return reader.fail(`nesting is deeper than ${MAX_DEPTH}`);
    const object: Record<string, unknown> = {};
    let expected = 0;
    for (let i = 0; i < count; i++) {
      const index = this.match(reader, expected);
      if (index < 0) this.readOther(reader, object, room - 1);
      else this.readField(reader, object, index, room - 1);
      if (reader.fault !== undefined) return undefined;
      expected = index + 1;
    }
    return object;
  }

  private readField(reader: MsgpackReader, object: Record<string, unknown>, index: number, room: number): void {
    const field = this.fields[index]!;
    const name = this.names[index]!;
    if (field === 'skip') reader.dropValue(room);
    else if (field === 'value' || field instanceof KnownTexts) object[name] = reader.readValue(room);
    else if (field === 'raw') object[name] = readRaw(reader, room);
    else if (field === 'lazy') object[name] = readLazy(reader, room);
    else object[name] = field.read(reader, room);
  }

  private readOther(reader: MsgpackReader, object: Record<string, unknown>, room: number): void {
    const key = reader.readKey();
    if (this.others === 'skip') reader.skipValue(room);
    else setOwn(object, key, reader.readValue(room));
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

  private hasOthers(object: Record<string, unknown>): boolean {
    return Object.keys(object).some((name) => !this.names.includes(name) && isWritten(object[name]));
  }

  private writeLoop(writer: MsgpackWriter, object: Record<string, unknown>, room: number): void {
    if (room <= 0) throw new RangeError(`nesting is deeper than ${MAX_DEPTH}`);
    if (this.hasOthers(object)) return writer.writeValue(object, room);
    const { names, keys, fields } = this;
    let count = 0;
    for (const name of names) if (isWritten(object[name])) count++;
    writer.writeMapHeader(count);
    for (let i = 0; i < names.length; i++) {
      const member = object[names[i]!];
      if (!isWritten(member)) continue;
      const field = fields[i]!;
      writer.writeBytes(keys[i]!);
      if (typeof field === 'string' || field instanceof KnownTexts) writer.writeValue(member, room - 1);
      else field.write(writer, member as never, room - 1);
    }
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

/** Types are not there at run time: a program may hold a value of any kind where a shape was promised. */
function isPlainObject(value: unknown): boolean {
  return (value as object | null | undefined)?.constructor === Object;
}
