import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ErrorCode } from '../catalog/error-code.js';
import { FrameFlag } from '../catalog/frame-flag.js';
import { MessageType } from '../catalog/message-type.js';
import { METHOD_NUMBERS } from '../catalog/method-numbers.js';
import { defineShape } from '../msgpack/shape.js';
import { metaShape, controlMetaShape } from './meta-shape.js';
import { Frame, type ParsedFrame } from './frame.js';
import { FrameWriter } from './frame-writer.js';
import { HEADER_BYTES, writeHeader } from './header.js';
import { readFrame } from './read-frame.js';

const MAX = 4096;
const writer = new FrameWriter();
const name = (): fc.Arbitrary<object> => fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.constant(null)));
const frame = () =>
  fc
    .record({
      type: fc.constantFrom(0, 1, 2, 4, 5),
      sequenceId: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      method: fc.nat(0xffff),
      body: name(),
      timeoutMs: fc.option(fc.integer({ min: 1 }), { nil: undefined }),
      json: fc.boolean(),
    })
    .map((message) => ({ message, bytes: new Uint8Array(write(message)) }));

interface Message {
  type: number;
  sequenceId: number;
  method: number;
  body: object;
  timeoutMs: number | undefined;
  json: boolean;
}

function write({ type, sequenceId, method, body, timeoutMs, json }: Message): Uint8Array {
  const meta = timeoutMs === undefined ? undefined : { timeout_ms: timeoutMs };
  if (!json) return writer.frame(type as MessageType, sequenceId, method, body, undefined, meta);
  const text = JSON.stringify(meta === undefined ? body : [meta, body]);
  return writer.json(type as MessageType, sequenceId, method, text, meta === undefined ? 0 : FrameFlag.META);
}

const accepted = (parsed: ParsedFrame): Frame => {
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed;
};

describe('a frame', () => {
  it('reads to itself what it is written from', () => {
    fc.assert(
      fc.property(frame(), ({ message, bytes }) => {
        const read = accepted(readFrame(bytes, MAX));
        const payload = read.payload();
        expect([read.type, read.sequenceId, read.method]).toEqual([message.type, message.sequenceId, message.method]);
        expect(payload.meta()?.timeout_ms).toBe(message.timeoutMs);
        expect(payload.params()).toEqual(message.body);
        expect(read.payload().params(), 'without reading the meta first').toEqual(message.body);
      }),
    );
  });

  it('is read or refused by name, whatever happened to its bytes', () => {
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(frame(), edits, fc.nat(8), ({ bytes }, changes, cut) => {
        const damaged = bytes.slice(0, Math.max(0, bytes.length - cut));
        for (const [at, byte] of changes) if (damaged.length > 0) damaged[at % damaged.length] = byte;
        readAll(readFrame(damaged, MAX));
      }),
      { numRuns: 3000 },
    );
  });

  it('is read or refused by name where it was never one', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => readAll(readFrame(bytes, MAX))),
      { numRuns: 3000 },
    );
  });

  function readAll(parsed: ParsedFrame): void {
    if (!parsed.ok) {
      expect([ErrorCode.INVALID_MESSAGE, ErrorCode.TOO_LARGE]).toContain(parsed.code);
      expect(Number.isSafeInteger(parsed.sequenceId) && parsed.message.length > 0).toBe(true);
      return;
    }
    parsed.members?.forEach(readAll);
    if (parsed.members !== undefined || parsed.has(0xffff)) return;
    const payload = parsed.payload();
    payload.meta();
    if (payload.params() === undefined) expect(payload.fault).toBeTypeOf('string');
  }

  it('is checked by its header before anything is said of its payload', () => {
    const bytes = new Uint8Array(HEADER_BYTES + 1).fill(0xc1);
    const view = new DataView(bytes.buffer);
    writeHeader(view, 0, 9, 0xffff, 0, 1, 5000);
    view.setUint32(0, 0);
    const refusals = [
      () => view.setUint32(0, 0x4d435057),
      () => view.setUint8(4, 2),
      () => view.setUint8(4, 1),
      () => view.setUint8(5, 0),
      () => view.setUint16(6, 0),
      () => view.setUint32(12, 7),
      () => view.setUint32(20, 1),
    ].map((repair) => {
      const parsed = readFrame(bytes, 0);
      repair();
      return parsed.ok ? 'accepted' : parsed.message;
    });
    expect(refusals).toEqual([
      'the magic is not 0x4D435057',
      'type 9 is not 0 to 6',
      'version 2 is not known, 1 is',
      'type 9 is not 0 to 6',
      'flags 0xffc0 are not known',
      'a request has a sequence id of 1 or more',
      'the header declares 5000 bytes and 1 follow it',
    ]);
    expect(readFrame(bytes, 0)).toMatchObject({ code: ErrorCode.TOO_LARGE, message: 'payload of 1 bytes exceeds max_message_size 0' });
  });

  it('is not decoded while it is signed, encrypted or compressed', () => {
    const bytes = new Uint8Array(HEADER_BYTES + 40);
    writeHeader(new DataView(bytes.buffer), 0, 0, FrameFlag.SIGNED, 1, 2, 40);
    expect(() => accepted(readFrame(bytes, MAX)).payload()).toThrow('still signed');
  });

  it('may be read from the middle of a buffer', () => {
    const pooled = Buffer.concat([Buffer.alloc(13, 0xff), writer.request(5, 2, { query: 'q' }), Buffer.alloc(9, 0xff)]);
    const read = accepted(readFrame(pooled.subarray(13, pooled.length - 9), MAX));
    expect(read.payload().params()).toEqual({ query: 'q' });
  });
});

describe('the writer', () => {
  it.each([
    ['request', writer.request(7, 3, { name: 'n' }), MessageType.REQUEST, 3, { name: 'n' }],
    ['request without params', writer.request(7, 2), MessageType.REQUEST, 2, {}],
    ['request with meta alone', writer.request(7, 2, undefined, { timeout_ms: 5 }), MessageType.REQUEST, 2, {}],
    ['response', writer.response(7, 3, { tool: 't' }), MessageType.RESPONSE, 3, { tool: 't' }],
    ['error', writer.error(7, 3, { code: 4009, message: 'not found' }), MessageType.ERROR, 3, { code: 4009, message: 'not found' }],
    ['notification', writer.notification(7, 14, { event: 'e' }), MessageType.NOTIFICATION, 14, { event: 'e' }],
    ['ping', writer.ping(7), MessageType.PING, METHOD_NUMBERS.ping, {}],
    ['pong', writer.pong(7, 'now'), MessageType.PONG, METHOD_NUMBERS.pong, { timestamp: 'now' }],
  ])('%s', (_name, bytes, type, method, body) => {
    const read = accepted(readFrame(bytes, MAX));
    expect([read.type, read.sequenceId, read.method, read.payload().body()]).toEqual([type, 7, method, body]);
  });

  it('a batch of frames', () => {
    const bytes = writer.batch(1, [writer.ping(2), writer.request(3, 3, { name: 'n' })]);
    const read = accepted(readFrame(bytes, MAX));
    expect(read.members?.map((member) => member.sequenceId)).toEqual([2, 3]);
    expect(accepted(read.members![1]!).payload().params()).toEqual({ name: 'n' });
  });

  it('what failed to be written leaves nothing behind', () => {
    expect(() => writer.request(1, 3, { n: 2n ** 60n })).toThrow(TypeError);
    expect(
      accepted(readFrame(writer.request(2, 3, { n: 1 }), MAX))
        .payload()
        .params(),
    ).toEqual({ n: 1 });
  });
});

describe('a payload', () => {
  const bytes = writer.request(1, 3, { name: 'n', arguments: { a: 1 } }, { traceparent: 't', timeout_ms: 5 });

  it('is read in parts, in any order', () => {
    const peek = defineShape<{ name: string }>({ name: 'value' }, { others: 'skip' });
    const payload = accepted(readFrame(bytes, MAX)).payload();
    expect(payload.params(peek)).toEqual({ name: 'n' });
    expect(payload.meta(metaShape)).toEqual({ traceparent: 't', timeout_ms: 5 });
    expect(payload.meta(controlMetaShape)).toEqual({ timeout_ms: 5 });
    expect(payload.params()).toEqual({ name: 'n', arguments: { a: 1 } });
  });

  it('remembers what was wrong', () => {
    const payload = accepted(readFrame(writer.frame(MessageType.REQUEST, 1, 3, [1]), MAX)).payload();
    expect([payload.params(), payload.fault]).toEqual([undefined, 'the body is an object']);
  });
});
