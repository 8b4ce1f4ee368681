// What a feature may know of a connection: that things can be sent to the peer, and when it is gone.
// Not the socket, the encoding or the state machine: those are connection/ and protocol/.

import { Failure } from './failure.js';
import type { TraceContext } from './trace-context.js';

/** Params of a notification whose maker has them encoded; each form is asked for by those who need it. */
export abstract class EncodedParams {
  /** The params as an object. */
  abstract readonly value: Readonly<Record<string, unknown>>;
  /** JSON text of the members with commas between them, and no braces. */
  abstract readonly text: string;
  /** The members as MessagePack, one after the other, without the map's header. */
  abstract readonly packed: Uint8Array;
  /** How many they are: 1 to 14. */
  abstract readonly count: number;
}

/** A notification that many receive alike but for its `subscription_id`; it is encoded once for each encoding. */
export class SharedNotification {
  /** Owned by the protocol layer: the encoded forms, made at the first use. */
  encoded: unknown = undefined;

  /**
   * @param method notification's name, e.g. `event`
   * @param given its params but `subscription_id`, which each receiver gets as the first member
   */
  constructor(
    readonly method: string,
    readonly given: Readonly<Record<string, unknown>> | EncodedParams,
  ) {}

  get params(): Readonly<Record<string, unknown>> {
    return this.given instanceof EncodedParams ? this.given.value : this.given;
  }
}

/** Notifications that many receive one after the other, e.g. a burst of events: made into one piece once for each encoding. */
export class SharedNotifications {
  /** Owned by the connection layer: the encoded forms, made at the first use. */
  encoded: unknown = undefined;

  /** @param all at least one, in their order */
  constructor(readonly all: readonly SharedNotification[]) {}
}

/** A peer's error in its own words, with a code that has no meaning here: it was asked, and says that it failed. */
export class PeerFailure extends Failure {
  constructor(message: string, data?: Readonly<Record<string, unknown>>) {
    super('unavailable', message, data);
  }
}

export interface PeerRequestOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** What is told of the call: trace context, and how long it may take. */
  readonly meta?: TraceContext & { readonly timeout_ms?: number };
  /** @param trace the progress' own trace context, where the peer sends one */
  readonly onProgress?: (progress: { progress: number; total?: number; message?: string }, trace?: TraceContext) => void;
  /** The answer's trace context, where the peer sends one; called before the answer is there. */
  readonly onTrace?: (trace: TraceContext) => void;
}

export interface Channel {
  /** The session's id. */
  readonly id: string;
  readonly isOpen: boolean;
  /** False while the peer reads more slowly than we write: hold back, and go on at `onceDrained`. */
  readonly isWritable: boolean;
  /** @param trace goes as the message's `meta` */
  notify(method: string, params: object, trace?: TraceContext): void;
  /** Sends a notification encoded once for all receivers. `subscriptionId` is 22 characters of base64url. */
  forward(shared: SharedNotification, subscriptionId: string): void;
  /** The same of several, which the peer gets together. */
  forwardAll(shared: SharedNotifications, subscriptionId: string): void;
  /** Asks the peer. Rejects with a `Failure`: `unavailable` when the connection ends, `timed_out`, `cancelled`, or the peer's own (`PeerFailure`). */
  request(method: string, params: object, options?: PeerRequestOptions): Promise<unknown>;
  /** Calls back once, when the peer has caught up (at once if it has). Returns the way to take it back. */
  onceDrained(listener: () => void): () => void;
  /** Calls back once, when the connection has ended. Returns the way to take it back. */
  onceClosed(listener: () => void): () => void;
}
