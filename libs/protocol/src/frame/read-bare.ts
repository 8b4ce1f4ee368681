/**
 * Reads meta and params of a frame in one go, where nothing is to be taken off before: what most frames are. The same as
 * `Payload` reads, without what that needs to be asked for one part at a time. PROTOCOL.md §3.
 */
import { FrameFlag } from '../catalog/frame-flag.js';
import { MAX_DEPTH } from '../limits.js';
import type { AnyCodec } from '../msgpack/field.js';
import { MsgpackReader } from '../msgpack/reader.js';
import type { EnvelopeMeta } from '../text/envelope.js';
import { metaProblem } from '../text/meta-problem.js';
import type { Frame } from './frame.js';
import { metaShape } from './meta-shape.js';
import { NO_OBJECT, NO_PAIR } from './payload.js';

/** Where `readBare` puts what it read. */
export interface BareParts {
  meta: EnvelopeMeta | undefined;
  body: unknown;
}

const reader = new MsgpackReader();

/**
 * @param frame one that `isBare`
 * @param codec how the params are read; whole without it
 * @returns what is wrong with the payload, in words; `undefined` where nothing is, and the parts are filled in
 */
export function readBare(frame: Frame, codec: AnyCodec | undefined, parts: BareParts): string | undefined {
  const { flags, start, end } = frame;
  if (start === end && (flags & FrameFlag.META) === 0) {
    parts.body = {};
    return undefined;
  }
  reader.reset(frame.source, start, end);
  if ((flags & FrameFlag.META) !== 0) {
    if (reader.readArrayHeader() !== 2) return reader.fault ?? NO_PAIR;
    const meta = metaShape.read(reader);
    const problem = reader.fault ?? metaProblem(meta);
    if (problem !== undefined) return problem;
    parts.meta = meta;
  }
  const body = codec === undefined ? reader.readValue() : codec.read(reader, MAX_DEPTH);
  if (reader.pos !== reader.end) reader.finish();
  if (reader.fault !== undefined) return reader.fault;
  if (typeof body !== 'object' || body === null || Array.isArray(body) || body instanceof Uint8Array) return NO_OBJECT;
  parts.body = body;
  return undefined;
}
