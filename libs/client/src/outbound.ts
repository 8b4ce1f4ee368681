// The way out: what is sent when. Keeps to the server's rate and to the requests it works on at a time, and joins what one
// turn of the event loop sends where that is wanted.
import type { Calls } from './calls.js';
import type { Settings } from './client-options.js';
import type { Connection } from './connection.js';
import type { Encoded } from './message-codec.js';
import type { Limits } from './method-map.js';
import type { Platform } from './platform.js';
import { PROTECTION_BYTES } from './protection.js';
import { refuseTooLarge } from './sendable.js';
import { TokenBucket } from './token-bucket.js';

interface Open {
  readonly connection: Connection;
  readonly bucket: TokenBucket;
  /** Whether the bucket is asked: from the start, or once the server refused something. */
  isPaced: boolean;
  readonly maxInFlight: number;
  readonly maxMessageBytes: number;
  readonly maxBatch: number;
}

export class Outbound {
  private open: Open | undefined;
  /** Answers, pings, cancels: they go before requests. */
  private readonly posted: Encoded[] = [];
  private flight: Encoded[] = [];
  private flightBytes = 0;
  private stopTimer: (() => void) | undefined;

  constructor(
    private readonly platform: Platform,
    private readonly settings: Settings,
    private readonly calls: () => Calls,
  ) {}

  connected(connection: Connection, limits: Limits): void {
    const { rateLimit, security } = this.settings;
    const bucket = new TokenBucket(limits.rate ?? 0, limits.burst ?? 0, this.platform.clock.now());
    bucket.take(this.platform.clock.now()); // that of `initialize`
    const room = security === 'none' ? 0 : PROTECTION_BYTES;
    this.open = {
      connection,
      bucket,
      isPaced: rateLimit,
      // A server that has all it works on at a time reads no more: not a cancel, not an answer that it waits for itself.
      maxInFlight: Math.max(1, limits.max_in_flight - 1),
      maxMessageBytes: limits.max_message_size - room,
      maxBatch: limits.max_batch,
    };
  }

  lost(): void {
    this.open = undefined;
    this.posted.length = this.flight.length = 0;
    this.stopTimer?.();
    this.stopTimer = undefined;
  }

  /**
   * Sends what is not a request of ours. Without a connection it is dropped: it was about that connection.
   * @throws McpwError `too_large`
   */
  post(message: Encoded): void {
    if (this.open === undefined) return;
    refuseTooLarge(message, this.open.maxMessageBytes);
    this.posted.push(message);
    this.pump();
  }

  /** The server's rate limit is reached: from here on what is sent keeps to it, what was refused and all else in one line. */
  limited(retryAfterMs: number): void {
    if (this.open === undefined) return;
    this.open.isPaced = true;
    this.open.bucket.refused(this.platform.clock.now(), retryAfterMs);
  }

  /** Sends as much as may be sent now. */
  pump(): void {
    const { open } = this;
    if (open === undefined || this.stopTimer !== undefined) return;
    // What is sent may end the connection.
    while (this.open === open && this.hasNext(open)) {
      const waitMs = open.isPaced ? open.bucket.take(this.platform.clock.now()) : 0;
      if (waitMs > 0) {
        this.stopTimer = this.platform.clock.after(waitMs, () => {
          this.stopTimer = undefined;
          this.pump();
        });
        return;
      }
      const message = this.posted.shift() ?? this.calls().next(open.maxMessageBytes);
      if (message !== undefined) this.put(open, message);
    }
  }

  /** Sends what waits to be joined with more. */
  flush(): void {
    const { flight } = this;
    if (flight.length === 0) return;
    this.flight = [];
    this.flightBytes = 0;
    this.open?.connection.send(flight);
  }

  private hasNext({ maxInFlight }: Open): boolean {
    const calls = this.calls();
    return this.posted.length > 0 || calls.hasUrgent || (calls.hasWaiting && calls.inFlightCount < maxInFlight);
  }

  private put(open: Open, message: Encoded): void {
    if (!this.settings.batching) return open.connection.send([message]);
    // A text's bytes are at most three a unit; what cannot be told cheaply is taken as large.
    const bytes = (typeof message === 'string' ? message.length * 3 : message.length) + PROTECTION_BYTES;
    if (this.flight.length >= open.maxBatch || this.flightBytes + bytes > open.maxMessageBytes - PROTECTION_BYTES) this.flush();
    if (this.flight.push(message) === 1) this.platform.defer(() => this.flush());
    this.flightBytes += bytes;
  }
}
