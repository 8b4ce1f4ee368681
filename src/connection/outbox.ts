// What a connection sends: gathered over one turn of the event loop, framed into pooled buffers, counted until the socket
// has taken it. Not how messages are encoded: they come as text, as bytes, or as a template that many connections share.
import type { BufferPool } from './buffer-pool.js';
import type { Flushable, FlushQueue } from './flush-queue.js';
import { PlacedFrame } from './frame-slab.js';
import type { SocketPort } from './socket-port.js';
import { headLength, OPCODE_BINARY, OPCODE_TEXT, writeHead } from './websocket-frame.js';

/** An encoded message that differs between its receivers only in a subscription id and a sequence number. */
export interface SharedMessage {
  readonly isText: boolean;
  /** Bytes of the whole message. */
  readonly length: number;
  /** Copies it to `offset` with the receiver's own parts. @param subscriptionId 22 characters */
  place(target: Buffer, offset: number, subscriptionId: string, sequence: number): void;
}

/** A shared message with the parts of one receiver. */
export interface Addressed {
  readonly shared: SharedMessage;
  readonly subscriptionId: string;
  readonly sequence: number;
}

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
/** The pooled buffers, and the frames in slabs, of the flush that is running. */
const filled: Buffer[] = [];
const placed: PlacedFrame[] = [];

export class Outbox implements Flushable {
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

  /** Milliseconds for which nothing has gone out although something waits; 0 where nothing waits. */
  stalledMs(now: number): number {
    return this.writtenBytes === 0 ? 0 : now - this.lastProgressAt;
  }

  send(message: Outgoing): void {
    if (this.isClosed) {
      if (message instanceof PlacedFrame) message.release();
      return;
    }
    const isFirst = (this.queue ??= spareQueues.pop() ?? []).push(message) === 1;
    this.queuedBytes += sizeHint(message);
    if (isFirst) this.scheduleFlush();
    else if (this.timer !== undefined && this.queuedBytes >= (this.batcher?.maxBytes ?? 0)) this.flushSoon();
    if (this.unsentBytes > this.settings.limitBytes) {
      this.close();
      this.owner.overflowed();
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
    for (const message of this.queue ?? []) if (message instanceof PlacedFrame) message.release();
    this.queue = undefined;
    this.queuedBytes = 0;
    this.drainListeners = undefined;
  }

  flush(): void {
    if (this.timer !== undefined) {
      clearTimeout(this.timer);
      this.timer = undefined;
    }
    const { queue, queuedBytes } = this;
    if (queue === undefined) return;
    this.queue = undefined;
    this.queuedBytes = 0;
    let bytes = 0;
    try {
      for (let i = 0; i < queue.length; i++) if (queue[i] instanceof PlacedFrame) placed.push(queue[i] as PlacedFrame);
      const messages = this.batcher === undefined ? queue : this.batcher.join(queue);
      if (queuedBytes > this.settings.pool.size) this.socket.writeTogether(() => (bytes = this.writeAll(messages)));
      else bytes = this.writeAll(messages);
    } finally {
      this.settings.onSent(queue.length, bytes);
      if (queue.length <= KEPT_QUEUE && spareQueues.length < KEPT_SPARES) {
        queue.length = 0;
        spareQueues.push(queue);
      }
      this.settle(bytes);
    }
  }

  /** Gives the buffers of this flush back, and releases its frames: now, where the socket has taken everything, or when it has. */
  private settle(bytes: number): void {
    if (!this.socket.holdsBytes) {
      for (let i = 0; i < filled.length; i++) this.settings.pool.give(filled[i] as Buffer);
      for (let i = 0; i < placed.length; i++) (placed[i] as PlacedFrame).release();
      filled.length = placed.length = 0;
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

  private writeAll(messages: readonly Outgoing[]): number {
    const [first] = messages;
    if (messages.length === 1 && first instanceof PlacedFrame && !this.socket.holdsBytes) return this.writePlaced(first);
    const { pool } = this.settings;
    let buffer = pool.take();
    let used = 0;
    let total = 0;
    for (let i = 0; i < messages.length; i++) {
      const message = messages[i] as Outgoing;
      const length = byteLength(message);
      const whole = length + headLength(length);
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
    const buffer = Buffer.allocUnsafe(whole);
    place(buffer, 0, message, length);
    this.socket.write(buffer);
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

/** Writes one frame at `offset` and returns where it ends. */
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
  const start = writeHead(buffer, offset, shared.isText ? OPCODE_TEXT : OPCODE_BINARY, length);
  shared.place(buffer, start, subscriptionId, sequence);
  return start + length;
}
