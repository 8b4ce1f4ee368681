import { describe, expect, it } from 'vitest';

import { HEAD_ROOM, PlacedFrame, SLAB_BYTES, takeSlab } from './frame-slab.js';

describe('a slab', () => {
  it('is idle again when all its frames are released, each once, however often that is said', () => {
    const slab = takeSlab(SLAB_BYTES);
    const frames = [0, 100].map((start) => new PlacedFrame(slab, start + HEAD_ROOM, start + 50));
    expect(slab.isIdle).toBe(false);
    frames[0]?.release();
    frames[0]?.release();
    expect(slab.isIdle).toBe(false);
    frames[1]?.release();
    expect(slab.isIdle).toBe(true);
  });

  it('is given to another only when its writer has left it and all its frames are released', () => {
    const slab = takeSlab(SLAB_BYTES);
    const frame = new PlacedFrame(slab, HEAD_ROOM, 50);
    slab.release();
    const next = takeSlab(SLAB_BYTES);
    expect(next).not.toBe(slab);
    frame.release();
    expect(takeSlab(SLAB_BYTES)).toBe(slab);
  });

  it('of more than the usual size is used once', () => {
    const slab = takeSlab(SLAB_BYTES + 1);
    expect(slab.bytes.length).toBe(SLAB_BYTES + 1);
    slab.release();
    expect(takeSlab(SLAB_BYTES + 1)).not.toBe(slab);
  });
});

describe('a frame in a slab', () => {
  it.each([
    [100, 2],
    [1000, 4],
    [70_000, 10],
  ])('of %i bytes has the head of its WebSocket frame, of %i bytes, put before it', (length, head) => {
    const slab = takeSlab(HEAD_ROOM + length);
    slab.bytes.fill(7);
    const frame = new PlacedFrame(slab, HEAD_ROOM, HEAD_ROOM + length);
    const framed = frame.framed();
    expect(frame.length).toBe(length);
    expect(framed.length).toBe(head + length);
    expect(framed[0]).toBe(0x82);
    expect(framed.subarray(head).equals(frame.bytes)).toBe(true);
    expect(frame.bytes.every((byte) => byte === 7)).toBe(true);
  });
});
