import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { METHOD_NUMBERS } from '../catalog/method-numbers.js';
import { contextGetParams } from '../shapes/context-shapes.js';
import { FrameWriter } from './frame-writer.js';
import type { Frame } from './frame.js';
import { readBare, type BareParts } from './read-bare.js';
import { readFrame } from './read-frame.js';

const MAX = 1_048_576;
const writer = new FrameWriter();
const params = fc.record(
  { context_id: fc.string(), limit: fc.nat(), before: fc.oneof(fc.string(), fc.double({ noNaN: true })), other: fc.jsonValue() },
  { requiredKeys: [] },
);
const meta = fc.option(fc.record({ traceparent: fc.string(), timeout_ms: fc.integer({ min: 1, max: 9_999 }) }, { requiredKeys: [] }), {
  nil: undefined,
});
const frameOf = (body: object | undefined, of: object | undefined): Uint8Array =>
  Uint8Array.from(writer.request(7, METHOD_NUMBERS['context.get'], body, of));

/** What both ways make of the same bytes. */
function bothWays(bytes: Uint8Array) {
  const read = () => readFrame(bytes, MAX) as Frame;
  if (!readFrame(bytes, MAX).ok || !read().isBare) return undefined;
  const parts: BareParts = { meta: undefined, body: undefined };
  const fault = readBare(read(), contextGetParams, parts);
  const payload = read().payload();
  const inSteps = { meta: payload.meta(), body: payload.params(contextGetParams) };
  return {
    atOnce: fault === undefined ? parts : 'refused',
    inSteps: payload.fault === undefined ? inSteps : 'refused',
    says: [fault, payload.fault],
  };
}

describe('a frame read in one go', () => {
  it('has the parts that it has read one after the other', () => {
    fc.assert(
      fc.property(params, meta, (body, of) => {
        const both = bothWays(frameOf(body, of));
        expect(both?.atOnce).toEqual(both?.inSteps);
        expect(both?.atOnce).not.toBe('refused');
      }),
    );
  });

  it('is refused in the same words where its bytes are damaged', () => {
    fc.assert(
      fc.property(params, meta, fc.nat(), fc.integer({ min: 0, max: 255 }), (body, of, at, byte) => {
        const bytes = frameOf(body, of);
        if (bytes.length === 24) return;
        bytes[24 + (at % (bytes.length - 24))] = byte;
        const both = bothWays(bytes);
        expect(both?.atOnce).toEqual(both?.inSteps);
        expect(both?.says[0]).toBe(both?.says[1]);
      }),
      { numRuns: 2000 },
    );
  });

  it('without a payload has params without members', () => {
    expect(bothWays(frameOf(undefined, undefined))?.atOnce).toEqual({ meta: undefined, body: {} });
  });
});
