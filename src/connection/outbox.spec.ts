import { describe, expect, it } from 'vitest';

import { BufferPool } from './buffer-pool.js';
import { FlushQueue } from './flush-queue.js';
import { HEAD_ROOM, PlacedFrame, SLAB_BYTES, takeSlab } from './frame-slab.js';
import { Outbox, type OutboxSettings } from './outbox.js';
import { Addressed, FramedBlock, type SharedMessage } from './shared-message.js';
import type { SocketPort } from './socket-port.js';

/** Takes bytes only when told to, as a socket whose peer reads slowly. */
class SlowSocket implements SocketPort {
  readonly written: Buffer[] = [];
  readonly references: Uint8Array[] = [];
  private readonly pending: (() => void)[] = [];

  holdsBytes = true;

  write(frames: Uint8Array): void {
    this.references.push(frames);
    this.written.push(Buffer.from(frames));
  }
  onceTaken(done: () => void): void {
    this.pending.push(done);
  }
  writeTogether(writes: () => void): void {
    writes();
  }
  takeAll(): void {
    for (const done of this.pending.splice(0)) done();
  }
  ping(): void {}
  pause(): void {}
  resume(): void {}
  close(): void {}
  terminate(): void {}
}

function make(changes: Partial<OutboxSettings> = {}) {
  const socket = new SlowSocket();
  const pool = new BufferPool(256);
  let overflows = 0;
  let now = 1000;
  const sent: [number, number][] = [];
  const settings: OutboxSettings = {
    pool,
    flushQueue: new FlushQueue(),
    highWaterBytes: 1000,
    limitBytes: 5000,
    onSent: (messages, bytes) => sent.push([messages, bytes]),
    now: () => now,
    ...changes,
  };
  const outbox = new Outbox(socket, settings, { overflowed: () => overflows++ });
  return { socket, pool, outbox, sent, overflows: () => overflows, advance: (ms: number) => (now += ms) };
}

/** Payloads of unmasked frames end to end. */
function payloads(bytes: Buffer): { isText: boolean; data: Buffer }[] {
  const found: { isText: boolean; data: Buffer }[] = [];
  for (let at = 0; at < bytes.length;) {
    const isText = (bytes[at] as number) === 0x81;
    const short = bytes[at + 1] as number;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
    found.push({ isText, data: bytes.subarray(at + head, at + head + length) });
    at += head + length;
  }
  return found;
}

describe('Outbox', () => {
  it('writes all messages of a turn at once, in order', async () => {
    const { socket, outbox, sent } = make();
    outbox.send('one');
    outbox.send(Buffer.from([1, 2, 3]));
    outbox.send('zwölf ✓');
    await new Promise((resolve) => setImmediate(resolve));
    expect(socket.written).toHaveLength(1);
    expect(payloads(socket.written[0] as Buffer).map(({ isText, data }) => (isText ? data.toString() : [...data]))).toEqual([
      'one',
      [1, 2, 3],
      'zwölf ✓',
    ]);
    expect(sent).toEqual([[3, (socket.written[0] as Buffer).length]]);
  });

  it.each([0, 1, 125, 126, 127, 250, 254, 255, 256, 1000, 65535, 65536, 70000])('frames a message of %i bytes', (length) => {
    const { socket, outbox } = make({ limitBytes: 1e6 });
    outbox.send('a'.repeat(length));
    outbox.send(Buffer.alloc(length, 7));
    outbox.flush();
    const found = payloads(Buffer.concat(socket.written));
    expect(found.map(({ data }) => data.length)).toEqual([length, length]);
    expect(found[0]?.data.every((byte) => byte === 97)).toBe(true);
    expect(found[1]?.data.every((byte) => byte === 7)).toBe(true);
  });

  it('gives no buffer back before the socket has taken its bytes', () => {
    const { socket, pool, outbox } = make({ limitBytes: 1e6 });
    const texts = Array.from({ length: 200 }, (_, i) => `message ${i} ${'x'.repeat(i)}`);
    for (const text of texts) {
      outbox.send(text);
      outbox.flush();
    }
    expect(pool.inUse).toBeGreaterThan(100);
    // What the socket holds references to still says what was written, though hundreds of messages came after.
    expect(Buffer.concat(socket.references)).toEqual(Buffer.concat(socket.written));
    expect(payloads(Buffer.concat(socket.references)).map(({ data }) => data.toString())).toEqual(texts);
    socket.takeAll();
    expect(pool.inUse).toBe(0);
    outbox.send('again');
    outbox.flush();
    expect(pool.inUse).toBe(1);
  });

  it('gives its buffers back at once where the socket holds nothing', () => {
    const { socket, pool, outbox } = make({ limitBytes: 1e6 });
    socket.holdsBytes = false;
    for (let i = 0; i < 20; i++) outbox.send('x'.repeat(100));
    outbox.flush();
    expect(payloads(Buffer.concat(socket.written))).toHaveLength(20);
    expect(pool.inUse).toBe(0);
    expect(outbox.unsentBytes).toBe(0);
  });

  it('sends what is sent while it writes, afterwards', async () => {
    const { socket, outbox, sent } = make();
    outbox.send('first');
    socket.write = (frames) => {
      socket.written.push(Buffer.from(frames));
      if (socket.written.length === 1) outbox.send('second');
    };
    outbox.flush();
    await new Promise((resolve) => setImmediate(resolve));
    expect(payloads(Buffer.concat(socket.written)).map(({ data }) => data.toString())).toEqual(['first', 'second']);
    expect(sent.map(([messages]) => messages)).toEqual([1, 1]);
  });

  it('is not writable above the mark, and says once when it is again', () => {
    const { socket, outbox } = make();
    outbox.send('x'.repeat(1200));
    outbox.flush();
    expect(outbox.isWritable).toBe(false);
    let drained = 0;
    outbox.onceDrained(() => drained++);
    const takeBack = outbox.onceDrained(() => (drained += 100));
    takeBack();
    socket.takeAll();
    expect(drained).toBe(1);
    expect(outbox.isWritable).toBe(true);
    expect(outbox.unsentBytes).toBe(0);
  });

  it('says that it is writable again where the socket takes all at once', () => {
    const { socket, outbox } = make();
    socket.holdsBytes = false;
    outbox.send('x'.repeat(1200));
    let drained = 0;
    outbox.onceDrained(() => drained++);
    expect(drained).toBe(0);
    outbox.flush();
    expect(drained).toBe(1);
  });

  it('gives the connection up past its limit', () => {
    const { outbox, overflows } = make();
    for (let i = 0; i < 10; i++) outbox.send('x'.repeat(600));
    expect(overflows()).toBe(1);
    outbox.send('more');
    expect(outbox.unsentBytes).toBe(0);
  });

  it('knows for how long nothing has gone out', () => {
    const { socket, outbox, advance } = make();
    expect(outbox.stalledMs(99999)).toBe(0);
    outbox.send('a');
    outbox.flush();
    advance(500);
    expect(outbox.stalledMs(1500)).toBe(500);
    socket.takeAll();
    expect(outbox.stalledMs(9999)).toBe(0);
  });

  describe('a frame in a slab', () => {
    const frameOf = (text: string) => {
      const slab = takeSlab(SLAB_BYTES);
      const end = HEAD_ROOM + slab.bytes.write(text, HEAD_ROOM);
      return { slab, frame: new PlacedFrame(slab, HEAD_ROOM, end) };
    };

    it('is written from there while the socket holds nothing, and released once that has taken it', () => {
      const { socket, outbox, pool } = make();
      socket.holdsBytes = false;
      const { slab, frame } = frameOf('one');
      outbox.send(frame);
      expect(slab.isIdle).toBe(false);
      outbox.flush();
      expect(socket.references[0]?.buffer).toBe(slab.bytes.buffer);
      expect(payloads(Buffer.concat(socket.written)).map(({ data }) => String(data))).toEqual(['one']);
      expect([slab.isIdle, pool.inUse]).toEqual([true, 0]);
    });

    it('is copied for a peer that reads slowly, and for one that is sent more', () => {
      const { socket, outbox } = make();
      const { slab, frame } = frameOf('slow');
      outbox.send(frame);
      outbox.flush();
      socket.holdsBytes = false;
      outbox.send('and');
      outbox.send(frameOf('more').frame);
      outbox.flush();
      expect(payloads(Buffer.concat(socket.written)).map(({ data }) => String(data))).toEqual(['slow', 'and', 'more']);
      expect(socket.references.some(({ buffer }) => buffer === slab.bytes.buffer)).toBe(false);
      expect(slab.isIdle).toBe(false);
      socket.takeAll();
      expect(slab.isIdle).toBe(true);
    });

    it('is released where nothing is sent any more', () => {
      const { outbox } = make();
      const waiting = frameOf('waiting');
      const late = frameOf('late');
      outbox.send(waiting.frame);
      outbox.close();
      outbox.send(late.frame);
      expect([waiting.slab.isIdle, late.slab.isIdle]).toEqual([true, true]);
    });

    it('too large for a pooled buffer is written from there in any case, in its place', () => {
      const { socket, outbox } = make();
      outbox.send('before');
      outbox.send(frameOf('x'.repeat(300)).frame);
      outbox.send('after');
      outbox.flush();
      expect(payloads(Buffer.concat(socket.written)).map(({ data }) => String(data))).toEqual(['before', 'x'.repeat(300), 'after']);
    });
  });

  describe('a piece of several messages', () => {
    const template = (length: number): SharedMessage => ({
      isText: true,
      length,
      idOffset: 0,
      sequenceOffset: undefined,
      place: (target, offset, id) => void target.fill('.', offset, offset + length).latin1Write(id, offset, 22),
    });
    const id = (n: number): string => String(n).padStart(22, '#');
    const textsOf = (bytes: Buffer): string[] => payloads(bytes).map(({ data }) => data.toString().replaceAll('.', ''));

    it.each([30, 300, 30_000])('is written whole, %i bytes each, in its place, and counts as so many', (length) => {
      const { socket, outbox, sent } = make({ limitBytes: 1e6 });
      outbox.send('before');
      outbox.send(new Addressed(new FramedBlock([template(length), template(length), template(length)]), id(7), 1));
      outbox.send('after');
      outbox.flush();
      expect(textsOf(Buffer.concat(socket.written))).toEqual(['before', id(7), id(7), id(7), 'after']);
      expect(sent).toEqual([[5, Buffer.concat(socket.written).length]]);
    });

    it.each([300, 30_000])('keeps its memory, %i bytes each, until the socket has taken it', (length) => {
      const { socket, outbox } = make({ limitBytes: 1e7, highWaterBytes: 1e7 });
      const block = new FramedBlock([template(length), template(length)]);
      for (let i = 0; i < 40; i++) {
        socket.holdsBytes = i % 2 === 1;
        outbox.send(new Addressed(block, id(i), 1));
        socket.holdsBytes = i % 2 === 1;
        const { write } = socket;
        // It holds nothing before, and then cannot take all.
        socket.write = (frames) => {
          write.call(socket, frames);
          socket.holdsBytes = true;
        };
        outbox.flush();
        socket.write = write;
      }
      expect(Buffer.concat(socket.references)).toEqual(Buffer.concat(socket.written));
      expect(textsOf(Buffer.concat(socket.references))).toEqual(Array.from({ length: 40 }, (_, i) => [id(i), id(i)]).flat());
      socket.takeAll();
      expect(outbox.unsentBytes).toBe(0);
    });

    it('is written from the same memory again where the socket takes all at once', () => {
      const { socket, outbox } = make({ limitBytes: 1e6 });
      socket.holdsBytes = false;
      const block = new FramedBlock([template(300), template(300)]);
      for (let i = 0; i < 3; i++) {
        outbox.send(new Addressed(block, id(i), 1));
        outbox.flush();
      }
      expect(new Set(socket.references.map(({ buffer }) => buffer)).size).toBe(1);
      expect(textsOf(Buffer.concat(socket.written))).toEqual([0, 0, 1, 1, 2, 2].map(id));
    });
  });

  it('puts each receiver’s own parts into a shared message', () => {
    const { socket, outbox } = make();
    const shared: SharedMessage = {
      isText: true,
      length: 24,
      idOffset: 0,
      sequenceOffset: undefined,
      place: (target, offset, id, sequence) => void target.write(`${id}/${sequence}`, offset),
    };
    outbox.send(new Addressed(shared, 'abcdefghijklmnopqrstuv', 1));
    outbox.send(new Addressed({ ...shared, isText: false }, 'ABCDEFGHIJKLMNOPQRSTUV', 2));
    outbox.flush();
    const sent = payloads(Buffer.concat(socket.written)).map(({ isText, data }) => ({ isText, text: data.toString() }));
    expect(sent).toEqual([
      { isText: true, text: 'abcdefghijklmnopqrstuv/1' },
      { isText: false, text: 'ABCDEFGHIJKLMNOPQRSTUV/2' },
    ]);
  });
});
