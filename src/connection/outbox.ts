// What a connection sends: gathered over one turn of the event loop, framed into pooled buffers, counted until the socket
// has taken it. Not how messages are encoded: they come as text, as bytes, or as a template that many connections share.
import type { BufferPool } from './buffer-pool.js';
import type { Flushable, FlushQueue } from './flush-queue.js';
import { PlacedFrame, takeSlab, type Slab } from './frame-slab.js';
import { Addressed, FramedBlock } from './shared-message.js';
import type { SocketPort } from './socket-port.js';
import { headLength, OPCODE_BINARY, OPCODE_TEXT, writeHead } from './websocket-frame.js';

/** A text message, a binary message, one in a slab (which the outbox releases), or one made from a template. */
export type Outgoing = string | Uint8Array | PlacedFrame | Addressed;

/** Joins messages for peers that take batches. */
export interface Batcher {
  /** How long the first message waits for others, ms; 0: only what one turn sends is joined. */
  readonly flushIntervalMs: number;
  /** Bytes waiting from which there is no more waiting. */
  readonly maxBytes: number;
  /** The messages to send in place of these, in the same order. */
  join(messages: readonly Outgoing[]): readonly Outgoing[];
}

/** What all outboxes of a server share. */
export interface OutboxSettings {
  readonly pool: BufferPool;
  readonly flushQueue: FlushQueue;
  /** Unsent bytes from which the connection is not writable. */
  readonly highWaterBytes: number;
  /** Unsent bytes past which the connection is given up. */
  readonly limitBytes: number;
  readonly onSent: (messages: number, bytes: number) => void;
  readonly now: () => number;
}

/** Whose messages they are. */
export interface OutboxOwner {
  /** More than the limit waits: nothing is sent any more. */
  overflowed(): void;
}

const LARGEST_HEAD = 10;
/** A queue that held a burst is not kept for the connection's idle time. */
const KEPT_QUEUE = 64;
/** Queues that a flush is done with, for whoever is sent something next: an idle connection has none. */
const spareQueues: Outgoing[][] = [];
const KEPT_SPARES = 4096;
/** The pooled buffers, and what is in slabs, of the flush that is running. */
const filled: Buffer[] = [];
const placed: (PlacedFrame | Slab)[] = [];

export class Outbox implements Flushable {
  /** What waits, where it is one message; several are in the queue. */
  private only: Outgoing | undefined;
  private queue: Outgoing[] | undefined;
  private queuedBytes = 0;
  private writtenBytes = 0;
  private lastProgressAt = 0;
  private isClosed = false;
  private drainListeners: (() => void)[] | undefined;
  /** Runs while messages wait for others to share a batch with. */
  private timer: NodeJS.Timeout | undefined;
  /** Set where the peer takes batches. */
  batcher: Batcher | undefined;

  constructor(
    private readonly socket: SocketPort,
    private readonly settings: OutboxSettings,
    private readonly owner: OutboxOwner,
  ) {}

  /** Bytes that the socket has not taken yet. */
  get unsentBytes(): number {
    return this.queuedBytes + this.writtenBytes;
  }

  get isWritable(): boolean {
    return this.unsentBytes < this.settings.highWaterBytes;
  }

  /** Bytes that may wait: a message of more would be the connection's end. */
  get largestMessage(): number {
    return this.settings.limitBytes;
  }

  /** Milliseconds for which nothing has gone out although something waits; 0 where nothing waits. */
  stalledMs(now: number): number {
    return this.writtenBytes === 0 ? 0 : now - this.lastProgressAt;
  }

  send(message: Outgoing): void {
    if (this.isClosed) {
      if (message instanceof PlacedFrame) message.release();
      return;
    }
    const isFirst = this.only === undefined && this.queue === undefined;
    this.enqueue(message);
    this.queuedBytes += sizeHint(message);
    if (isFirst) this.scheduleFlush();
    else if (this.timer !== undefined && this.queuedBytes >= (this.batcher?.maxBytes ?? 0)) this.flushSoon();
    if (this.unsentBytes > this.settings.limitBytes) {
      this.close();
      this.owner.overflowed();
    }
  }

  private enqueue(message: Outgoing): void {
    if (this.queue !== undefined) this.queue.push(message);
    else if (this.only === undefined) this.only = message;
    else {
      this.queue = spareQueues.pop() ?? [];
      this.queue.push(this.only, message);
      this.only = undefined;
    }
  }

  /** Calls back once, when the queue is below the mark again; the way to take it back is returned. */
  onceDrained(listener: () => void): () => void {
    const listeners = (this.drainListeners ??= []);
    listeners.push(listener);
    if (this.isWritable) queueMicrotask(() => this.tellDrained());
    return () => {
      const index = listeners.indexOf(listener);
      if (index >= 0) listeners.splice(index, 1);
    };
  }

  private scheduleFlush(): void {
    const waitMs = this.batcher?.flushIntervalMs ?? 0;
    if (waitMs === 0) this.settings.flushQueue.add(this);
    else this.timer = setTimeout(() => this.flush(), waitMs);
  }

  private flushSoon(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.settings.flushQueue.add(this);
  }

  /** Drops what is not written yet; nothing is sent from here on. */
  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    if (this.only instanceof PlacedFrame) this.only.release();
    for (const message of this.queue ?? []) if (message instanceof PlacedFrame) message.release();
    this.only = undefined;
    this.queue = undefined;
    this.queuedBytes = 0;
    this.drainListeners = undefined;
  }

  flush(): void {
    if (this.timer !== undefined) {
      clearTimeout(this.timer);
      this.timer = undefined;
    }
    const { only, queue, queuedBytes } = this;
    this.only = undefined;
    this.queue = undefined;
    this.queuedBytes = 0;
    if (only !== undefined) this.flushOne(only);
    else if (queue !== undefined) this.flushAll(queue, queuedBytes);
  }

  private flushOne(message: Outgoing): void {
    let bytes = 0;
    try {
      if (message instanceof PlacedFrame) placed.push(message);
      bytes = this.writeOne(message);
    } finally {
      this.settings.onSent(countOf(message), bytes);
      this.settle(bytes);
    }
  }

  private flushAll(queue: Outgoing[], queuedBytes: number): void {
    let bytes = 0;
    let count = 0;
    try {
      for (let i = 0; i < queue.length; i++) {
        const message = queue[i] as Outgoing;
        count += countOf(message);
        if (message instanceof PlacedFrame) placed.push(message);
      }
      const messages = this.batcher === undefined ? queue : this.batcher.join(queue);
      if (queuedBytes > this.settings.pool.size) this.socket.writeTogether(() => (bytes = this.writeAll(messages)));
      else bytes = this.writeAll(messages);
    } finally {
      this.settings.onSent(count, bytes);
      if (queue.length <= KEPT_QUEUE && spareQueues.length < KEPT_SPARES) {
        while (queue.length > 0) queue.pop();
        spareQueues.push(queue);
      }
      this.settle(bytes);
    }
  }

  /** Gives the buffers of this flush back, and releases its frames: now, where the socket has taken everything, or when it has. */
  private settle(bytes: number): void {
    if (!this.socket.holdsBytes) {
      // Popped, since to set a length is a call out of compiled code.
      while (filled.length > 0) this.settings.pool.give(filled.pop() as Buffer);
      while (placed.length > 0) placed.pop()?.release();
      if (this.drainListeners !== undefined) this.tellDrained();
      return;
    }
    const buffers = filled.splice(0);
    const frames = placed.splice(0);
    if (this.writtenBytes === 0) this.lastProgressAt = this.settings.now();
    this.writtenBytes += bytes;
    this.socket.onceTaken(() => {
      for (const buffer of buffers) this.settings.pool.give(buffer);
      for (const frame of frames) frame.release();
      this.writtenBytes -= bytes;
      this.lastProgressAt = this.settings.now();
      if (this.drainListeners !== undefined && this.isWritable) this.tellDrained();
    });
  }

  private writeOne(message: Outgoing): number {
    if (message instanceof PlacedFrame && !this.socket.holdsBytes) return this.writePlaced(message);
    const { pool } = this.settings;
    const length = byteLength(message);
    const whole = wholeLength(message, length);
    if (whole > pool.size) this.writeLarge(message, length, whole);
    else {
      const buffer = pool.take();
      this.writePooled(buffer, place(buffer, 0, message, length));
    }
    return whole;
  }

  private writeAll(messages: readonly Outgoing[]): number {
    if (messages.length === 1) return this.writeOne(messages[0] as Outgoing);
    const { pool } = this.settings;
    let buffer = pool.take();
    let used = 0;
    let total = 0;
    for (let i = 0; i < messages.length; i++) {
      const message = messages[i] as Outgoing;
      const length = byteLength(message);
      const whole = wholeLength(message, length);
      total += whole;
      if (whole > buffer.length - used) {
        if (used > 0) {
          this.writePooled(buffer, used);
          buffer = pool.take();
          used = 0;
        }
        if (whole > buffer.length) {
          this.writeLarge(message, length, whole);
          continue;
        }
      }
      used = place(buffer, used, message, length);
    }
    if (used > 0) this.writePooled(buffer, used);
    else pool.give(buffer);
    return total;
  }

  private writePooled(buffer: Buffer, length: number): void {
    filled.push(buffer);
    this.socket.write(length === buffer.length ? buffer : buffer.subarray(0, length));
  }

  /** From the slab, without a copy. Only while the socket holds nothing, or for what is large: a slow peer is to keep no slab for a few bytes. */
  private writePlaced(frame: PlacedFrame): number {
    const framed = frame.framed();
    this.socket.write(framed);
    return framed.length;
  }

  /** A message larger than a pooled buffer; bytes go out as they are, behind a head of their own. */
  private writeLarge(message: Outgoing, length: number, whole: number): void {
    if (message instanceof PlacedFrame) {
      this.writePlaced(message);
      return;
    }
    if (message instanceof Uint8Array) {
      const head = Buffer.allocUnsafe(LARGEST_HEAD);
      const headBytes = writeHead(head, 0, OPCODE_BINARY, length);
      this.socket.writeTogether(() => {
        this.socket.write(head.subarray(0, headBytes));
        this.socket.write(message);
      });
      return;
    }
    if (this.socket.holdsBytes) {
      const buffer = Buffer.allocUnsafe(whole);
      place(buffer, 0, message, length);
      this.socket.write(buffer);
      return;
    }
    const slab = takeSlab(whole);
    placed.push(slab);
    place(slab.bytes, 0, message, length);
    this.socket.write(slab.bytes.subarray(0, whole));
  }

  private tellDrained(): void {
    const listeners = this.drainListeners;
    if (listeners === undefined || !this.isWritable) return;
    this.drainListeners = undefined;
    for (const listener of listeners) listener();
  }
}

/** Exact for bytes; for text the number of UTF-16 units, which is what is queued in memory until the flush. */
function sizeHint(message: Outgoing): number {
  if (typeof message === 'string' || message instanceof PlacedFrame || message instanceof Uint8Array) return message.length;
  return message.shared.length;
}

function byteLength(message: Outgoing): number {
  return typeof message === 'string' ? Buffer.byteLength(message) : sizeHint(message);
}

/** With the head of its frame. */
function wholeLength(message: Outgoing, length: number): number {
  return message instanceof Addressed && message.shared instanceof FramedBlock ? length : length + headLength(length);
}

/** Messages that it is. */
function countOf(message: Outgoing): number {
  return message instanceof Addressed && message.shared instanceof FramedBlock ? message.shared.count : 1;
}

/** Writes one frame, or a block of them, at `offset` and returns where it ends. */
function place(buffer: Buffer, offset: number, message: Outgoing, length: number): number {
  if (typeof message === 'string') {
    const start = writeHead(buffer, offset, OPCODE_TEXT, length);
    if (length === message.length) buffer.latin1Write(message, start, length);
    else buffer.utf8Write(message, start, length);
    return start + length;
  }
  if (message instanceof PlacedFrame || message instanceof Uint8Array) {
    const start = writeHead(buffer, offset, OPCODE_BINARY, length);
    if (message instanceof PlacedFrame) message.copyTo(buffer, start);
    else buffer.set(message, start);
    return start + length;
  }
  const { shared, subscriptionId, sequence } = message;
  if (shared instanceof FramedBlock) {
    shared.place(buffer, offset, subscriptionId, sequence);
    return offset + length;
  }
  const start = writeHead(buffer, offset, shared.isText ? OPCODE_TEXT : OPCODE_BINARY, length);
  shared.place(buffer, start, subscriptionId, sequence);
  return start + length;
}
