import { describe, expect, it } from 'vitest';
import { FrameFlag } from '../catalog/frame-flag.js';
import type { Frame } from '../frame/frame.js';
import { FrameWriter } from '../frame/frame-writer.js';
import { readFrame } from '../frame/read-frame.js';
import { nodeGzip, nodeZstd } from '../node/node-compressors.js';
import { webGzip } from '../web/web-compressors.js';
import { compressFrame, compressFrameAsync, inflateFrame, inflateFrameAsync } from './compress-frame.js';

const MAX = 1_048_576;
const writer = new FrameWriter();
const big = { name: 'big', content: 'words and '.repeat(300) };
const parsed = (bytes: Uint8Array, limit = MAX) => readFrame(bytes, limit) as Frame;

describe.each([
  ['gzip', nodeGzip],
  ['zstd', nodeZstd],
])('%s', (_name, compressor) => {
  it('gives back what it took', () => {
    const frame = writer.request(1, 10, big, { timeout_ms: 5 });
    const compressed = compressFrame(frame, compressor);
    expect(compressed.length).toBeLessThan(frame.length / 10);
    const read = parsed(compressed);
    expect(read.flags).toBe(FrameFlag.COMPRESSED | FrameFlag.META);
    const payload = (inflateFrame(read, compressor, MAX) as Frame).payload();
    expect([payload.meta(), payload.params()]).toEqual([{ timeout_ms: 5 }, big]);
  });

  it('stops at the limit', () => {
    const bomb = compressFrame(writer.request(1, 10, { content: 'a'.repeat(2_000_000) }), compressor);
    const before = process.memoryUsage().arrayBuffers;
    expect(inflateFrame(parsed(bomb), compressor, 100_000)).toMatchObject({
      code: 4015,
      message: 'payload inflates past max_message_size 100000',
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  });

  it('holds little for what failed, however much of it comes in one turn', () => {
    const whole = compressor.compress(new TextEncoder().encode(big.content.slice(0, 200)));
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 1000; i++) {
      expect(compressor.inflate(whole.subarray(0, -5), MAX)).toEqual({ ok: false, tooLarge: false });
      expect(compressor.inflate(new Uint8Array(7), MAX)).toEqual({ ok: false, tooLarge: false });
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4_000_000);
  });

  it('leaves alone what would not get smaller, is short, or is a batch', () => {
    const short = writer.request(1, 10, { content: 'a'.repeat(900) });
    const noise = writer.request(1, 10, { content: crypto.getRandomValues(new Uint8Array(3000)) });
    const batch = writer.batch(1, [writer.request(2, 10, big)]);
    for (const frame of [short, noise, batch]) expect(compressFrame(frame, compressor)).toBe(frame);
    expect(compressFrame(short, compressor, 500)).not.toBe(short);
  });
});

describe('gzip of the web', () => {
  it('and of Node read one another', async () => {
    const frame = writer.request(1, 10, big);
    const fromWeb = await compressFrameAsync(frame, webGzip);
    expect((inflateFrame(parsed(fromWeb), nodeGzip, MAX) as Frame).payload().params()).toEqual(big);
    const fromNode = compressFrame(frame, nodeGzip);
    expect(((await inflateFrameAsync(parsed(fromNode), webGzip, MAX)) as Frame).payload().params()).toEqual(big);
  });

  it('stops at the limit, and refuses what is no gzip', async () => {
    const bomb = compressFrame(writer.request(1, 10, { content: 'a'.repeat(2_000_000) }), nodeGzip);
    expect(await inflateFrameAsync(parsed(bomb), webGzip, 100_000)).toMatchObject({ code: 4015 });
    const broken = compressFrame(writer.request(1, 10, big), nodeGzip).slice();
    broken[24] = 0;
    expect(await inflateFrameAsync(parsed(broken), webGzip, MAX)).toMatchObject({ code: 4000 });
    expect(await inflateFrameAsync(parsed(writer.ping(1)), webGzip, MAX)).toMatchObject({ ok: true });
    expect(await inflateFrameAsync(parsed(bomb), undefined, MAX)).toMatchObject({ code: 4000 });
    expect(await compressFrameAsync(writer.ping(1), webGzip)).toHaveLength(24);
  });
});
