// What the client needs of the platform that it runs on; the adapters are platform.node.ts and platform.web.ts. Time and
// randomness are here too, so that tests move the one and choose the other.
import type { CompressionName, Frame, FrameRefusal, KeyAgreement, KeyPair, OpenedText } from '@mcpw/protocol';

import type { MaybePromise } from './maybe-promise.js';

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls back once; returns the way to take it back. */
  after(ms: number, task: () => void): () => void;
}

/** What is offered when a WebSocket is opened. */
export interface UpgradeRequest {
  readonly url: string;
  readonly protocols: readonly string[];
  /** Empty where the platform cannot send any. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface SocketEvents {
  message(data: string | Uint8Array): void;
  /** A ping or pong of the WebSocket itself, where the platform shows them. */
  activity(): void;
  /** Once, and nothing after it; 1006 where there was no close frame. */
  closed(code: number, reason: string): void;
}

export interface Socket {
  send(message: string | Uint8Array): void;
  /** A WebSocket ping whose pong is told as `activity`; absent where the platform has none. */
  readonly ping?: () => void;
  /** Starts the closing handshake. */
  close(code: number, reason: string): void;
  /** Ends at once; `closed` is told with 1006 unless it was before. */
  terminate(): void;
}

/** The two adapters of `@mcpw/protocol` fit: Node's answers at once, that of browsers with promises. */
export interface Channel {
  signText(json: string): MaybePromise<string>;
  openText(message: string): MaybePromise<OpenedText>;
  signFrame(frame: Uint8Array, atMs: number): MaybePromise<Uint8Array>;
  encryptFrame(frame: Uint8Array): MaybePromise<Uint8Array>;
  openFrame(frame: Frame): MaybePromise<Frame | FrameRefusal>;
  wipe(): void;
}

export interface KeyExchange {
  generateKeyPair(): MaybePromise<KeyPair>;
  /** `undefined` where the peer's key or the shared secret is refused. */
  channel(agreement: KeyAgreement, role: 'client'): MaybePromise<Channel | undefined>;
}

export interface FrameCompressor {
  readonly name: CompressionName;
  compress(frame: Uint8Array, thresholdBytes: number): MaybePromise<Uint8Array>;
  inflate(frame: Frame, maxMessageBytes: number): MaybePromise<Frame | FrameRefusal>;
}

export interface Platform {
  readonly clock: Clock;
  /** From 0 up to but not 1. */
  random(): number;
  randomBytes(count: number): Uint8Array;
  /** Runs the task when the present turn of the event loop is over. */
  defer(task: () => void): void;
  /** Whether an upgrade can carry headers; where not, the credential is a subprotocol entry. */
  readonly sendsHeaders: boolean;
  /**
   * Opens a WebSocket. The promise is rejected with an `UpgradeRefusedError` where the server answered something else
   * and the platform says what, with any other error where it did not.
   * @param signal gives the attempt up
   */
  openSocket(request: UpgradeRequest, events: SocketEvents, signal: AbortSignal): Promise<Socket>;
  /** SHA-256. */
  hash(bytes: Uint8Array): MaybePromise<Uint8Array>;
  readonly keyExchange: KeyExchange;
  /** The best first. */
  readonly compressors: readonly FrameCompressor[];
}
