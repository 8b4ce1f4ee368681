/**
 * What a frame says, kept as bytes and decoded as far as its reader asks: `[meta, body]` or `body`, MessagePack or JSON
 * text. PROTOCOL.md §3. A read gives `undefined` where the bytes are wrong, and `fault` says why (an error 4000).
 */
import { FrameFlag } from '../catalog/frame-flag.js';
import { MAX_DEPTH } from '../limits.js';
import { MsgpackReader } from '../msgpack/reader.js';
import type { Codec } from '../msgpack/field.js';
import { decodeUtf8 } from '../msgpack/utf8.js';
import type { EnvelopeMeta } from '../text/envelope.js';
import { isDeeperThan } from '../text/json-depth.js';
import { metaProblem } from '../text/meta-problem.js';
import { metaShape } from './meta-shape.js';

const shared = new MsgpackReader();

export class Payload {
  /** What is wrong with the payload, in words, once a read found it. */
  fault: string | undefined = undefined;

  private readonly bytes: Uint8Array;
  private readonly start: number;
  private readonly end: number;
  private readonly flags: number;
  /** Where the body starts, once the meta before it was read. */
  private bodyStart = 0;
  /** The parsed text of a JSON payload. */
  private json: unknown = undefined;

  constructor(bytes: Uint8Array, start: number, end: number, flags: number) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.flags = flags;
  }

  /**
   * The meta, `undefined` where there is none or it is wrong.
   * @param shape what is read of it; the rest is left out.
   */
  meta(shape: Codec<EnvelopeMeta> = metaShape): EnvelopeMeta | undefined {
    if ((this.flags & FrameFlag.META) === 0) return undefined;
    const meta = this.isJson ? this.jsonPair()?.[0] : this.readMeta(shape);
    this.fault ??= metaProblem(meta);
    return this.fault === undefined ? (meta as EnvelopeMeta) : undefined;
  }

  /**
   * The body, as `codec` reads it, or whole. A JSON payload is whole in any case: its text must be parsed at once.
   * Binary values are views of the message.
   */
  body<T = unknown>(codec?: Codec<T>): T | undefined {
    if (this.isJson) return this.jsonBody() as T | undefined;
    if (this.start === this.end && (this.flags & FrameFlag.META) === 0) return {} as T;
    const reader = this.atBody();
    const value = codec === undefined ? (reader.readValue() as T | undefined) : codec.read(reader, MAX_DEPTH);
    reader.finish();
    this.fault ??= reader.fault;
    return this.fault === undefined ? value : undefined;
  }

  /** The body where it must be an object, as `params` and `error` are. */
  params<T extends object = Record<string, unknown>>(codec?: Codec<T>): T | undefined {
    const value = this.body<T>(codec);
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)) return value;
    this.fault ??= NO_OBJECT;
    return undefined;
  }

  private get isJson(): boolean {
    return (this.flags & FrameFlag.JSON) !== 0;
  }

  private readMeta(shape: Codec<EnvelopeMeta>): EnvelopeMeta | undefined {
    const reader = this.intoPair();
    const meta = shape.read(reader);
    this.fault ??= reader.fault;
    this.bodyStart = reader.pos;
    return meta;
  }

  private atBody(): MsgpackReader {
    if ((this.flags & FrameFlag.META) === 0) return shared.reset(this.bytes, this.start, this.end);
    if (this.bodyStart !== 0) return shared.reset(this.bytes, this.bodyStart, this.end);
    const reader = this.intoPair();
    metaShape.read(reader);
    return reader;
  }

  private intoPair(): MsgpackReader {
    const reader = shared.reset(this.bytes, this.start, this.end);
    if (reader.readArrayHeader() !== 2) reader.fail(NO_PAIR);
    return reader;
  }

  private jsonBody(): unknown {
    const body = (this.flags & FrameFlag.META) === 0 ? this.parsed() : this.jsonPair()?.[1];
    if (this.fault === undefined && isDeeperThan(body, MAX_DEPTH)) this.fault = `nesting is deeper than ${MAX_DEPTH}`;
    return this.fault === undefined ? body : undefined;
  }

  private jsonPair(): readonly unknown[] | undefined {
    const pair = this.parsed();
    if (this.fault === undefined && Array.isArray(pair) && pair.length === 2) return pair as unknown[];
    this.fault ??= NO_PAIR;
    return undefined;
  }

  private parsed(): unknown {
    if (this.json !== undefined || this.fault !== undefined) return this.json;
    if (this.start === this.end) return (this.json = {});
    const text = decodeUtf8(this.bytes, this.start, this.end);
    try {
      if (text === undefined) this.fault = 'the payload is not UTF-8';
      else this.json = JSON.parse(text);
    } catch {
      this.fault = 'the payload is not JSON';
    }
    return this.json;
  }
}

export const NO_OBJECT = 'the body is an object';
export const NO_PAIR = 'a payload with meta is the array [meta, body]';
