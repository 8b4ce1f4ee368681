import { describe, expect, it } from 'vitest';
import fc from 'fast-check';

import { readWholeFrames } from './whole-frames.js';

const TEXT = 0x81;
const BINARY = 0x82;

/** A client's frame, with the length written as RFC 6455 §5.2 wants it. */
function frame(head: number, payload: Uint8Array, mask: Uint8Array = Uint8Array.of(1, 2, 3, 4)): Buffer {
  const { length } = payload;
  const size =
    length < 126
      ? [length]
      : length < 65_536
        ? [126, length >> 8, length & 255]
        : [127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 255, length & 255];
  size[0] = (size[0] as number) | 0x80;
  return Buffer.concat([Buffer.of(head, ...size), mask, payload.map((byte, i) => byte ^ (mask[i % 4] as number))]);
}

function read(chunk: Buffer, mostBytes = 1_000_000): { read: number; messages: [text: string, isBinary: boolean][] } {
  const messages: [string, boolean][] = [];
  const count = readWholeFrames(chunk, {
    mostBytes,
    take: (bytes, isBinary, start, end) => messages.push([bytes.toString('latin1', start, end), isBinary]),
  });
  return { read: count, messages };
}

describe('readWholeFrames', () => {
  it('reads whatever clients send whole, wherever in a chunk it is, and leaves what is cut off', () => {
    const message = fc.record({
      payload: fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ minLength: 120, maxLength: 3_000 })),
      mask: fc.uint8Array({ minLength: 4, maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), fc.nat(7), fc.nat(9), (messages, before, missing) => {
        const frames = messages.map(({ payload, mask }) => frame(BINARY, payload, mask));
        const cut = frame(BINARY, new Uint8Array(10)).subarray(0, missing);
        const chunk = Buffer.concat([Buffer.alloc(before), ...frames, cut]).subarray(before);
        const found = read(chunk);
        expect(found.messages).toEqual(messages.map(({ payload }) => [Buffer.from(payload).toString('latin1'), true]));
        expect(found.read).toBe(chunk.length - missing);
      }),
    );
  });

  it('tells text from binary, and takes text that is UTF-8', () => {
    const chunk = Buffer.concat([frame(TEXT, Buffer.from('héllo €')), frame(BINARY, Uint8Array.of(0xff)), frame(TEXT, new Uint8Array(0))]);
    expect(read(chunk)).toEqual({
      read: chunk.length,
      messages: [
        [Buffer.from('héllo €').toString('latin1'), false],
        ['\xff', true],
        ['', false],
      ],
    });
  });

  it.each([
    ['a fragment', frame(0x01, Buffer.from('a'))],
    ['a continuation', frame(0x80, Buffer.from('a'))],
    ['a ping', frame(0x89, Buffer.from('a'))],
    ['a close', frame(0x88, Buffer.of(3, 232))],
    ['a reserved bit', frame(0xc1, Buffer.from('a'))],
    ['text that is not UTF-8', frame(TEXT, Uint8Array.of(0x61, 0xff, 0x62, 0xc3, 0x28))],
    ['a long text that is not UTF-8', frame(TEXT, new Uint8Array(301).fill(0x61).with(150, 0xff))],
    ['a frame without a mask', Buffer.of(TEXT, 1, 0x61, 0, 0, 0, 0)],
    ['a message of 64 KiB', frame(BINARY, new Uint8Array(65_536))],
    ['a message over the limit', frame(BINARY, new Uint8Array(1_001))],
  ])('leaves %s as it came, and what is behind it', (_, left) => {
    const chunk = Buffer.concat([frame(TEXT, Buffer.from('{}')), left, frame(TEXT, Buffer.from('{}'))]);
    const first = frame(TEXT, Buffer.from('{}')).length;
    const rest = Buffer.from(chunk.subarray(first));
    expect(read(chunk, 1_000)).toEqual({ read: first, messages: [['{}', false]] });
    expect(chunk.subarray(first).equals(rest)).toBe(true);
  });

  it('asks for the limit before each message', () => {
    const taker = {
      mostBytes: 2,
      take: () => {
        taker.mostBytes = 10;
      },
    };
    const two = Buffer.concat([frame(TEXT, Buffer.from('{}')), frame(TEXT, Buffer.from('{"a":1}'))]);
    expect(readWholeFrames(two, taker)).toBe(two.length);
    taker.mostBytes = 1;
    expect(readWholeFrames(frame(TEXT, Buffer.from('{}')), taker)).toBe(0);
  });
});
