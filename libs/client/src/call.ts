// One request of ours from when it is asked to when it is settled, over as many connections as that takes. It owns its
// timers and its listener; where it stands in a queue is the business of calls.ts.
import type { EnvelopeMeta } from '@mcpw/protocol';

import { ConnectionLostError, RequestTimeoutError } from './errors.js';
import { isCancellable, type Repeat } from './method-traits.js';
import type { Clock } from './platform.js';

export interface Progress {
  readonly progress: number;
  readonly total?: number;
  readonly message?: string;
}

export interface RequestOptions {
  /** Rejects the request with the signal's reason; a tool that runs is cancelled. */
  readonly signal?: AbortSignal;
  /** Milliseconds, waiting and repeating included. Default: the client's `requestTimeoutMs`. */
  readonly timeoutMs?: number;
  /** Of the caller's own: the same one, in another process too, is the same request for ten minutes. Default: made where the method changes something. */
  readonly idempotencyKey?: string;
  /** W3C Trace Context. */
  readonly traceparent?: string;
  readonly tracestate?: string;
}

export interface CallDescription {
  /** Counts on: of two calls in one line the one that was asked first goes first, also where it comes back to it. */
  readonly number: number;
  /** Whether it goes before all that are not. */
  readonly isUrgent: boolean;
  readonly method: string;
  readonly params: unknown;
  readonly repeat: Repeat;
  readonly meta: EnvelopeMeta | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

export class Call {
  readonly promise: Promise<unknown>;
  /** The id of the message that is under way, if one is. */
  sentAs: number | undefined;
  firstSentAt: number | undefined;
  isSettled = false;
  private readonly deadline: number;
  private readonly stopTimeout: () => void;
  private stopWaiting: () => void = () => undefined;
  private resolve!: (result: unknown) => void;
  private reject!: (error: unknown) => void;

  /** @param givenUp is told when time is up or the signal aborted, before the promise is rejected */
  constructor(
    readonly description: CallDescription,
    private readonly clock: Clock,
    private readonly givenUp: (call: Call) => void,
  ) {
    const { timeoutMs, method, signal } = description;
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.deadline = clock.now() + timeoutMs;
    this.stopTimeout =
      timeoutMs === Infinity ? () => undefined : clock.after(timeoutMs, () => this.giveUp(new RequestTimeoutError(method, timeoutMs)));
    if (signal?.aborted === true) this.giveUp(signal.reason);
    else signal?.addEventListener('abort', this.onAbort, { once: true });
  }

  /** How long it waits for a connection from now on. */
  waitForConnection(maxWaitMs: number): void {
    this.stopWaiting();
    if (maxWaitMs === Infinity || this.isSettled) return;
    const error = new ConnectionLostError(`no connection for ${maxWaitMs} ms`);
    this.stopWaiting = this.clock.after(maxWaitMs, () => this.giveUp(error));
  }

  hasConnection(): void {
    this.stopWaiting();
  }

  /** `meta` as of now: what can take long tells the server for how much longer it is waited for. */
  meta(): EnvelopeMeta | undefined {
    const { meta, method } = this.description;
    if (this.deadline === Infinity || !isCancellable(method)) return meta;
    return { ...meta, timeout_ms: Math.max(1, Math.ceil(this.deadline - this.clock.now())) };
  }

  succeed(result: unknown): void {
    if (this.release()) this.resolve(result);
  }

  fail(error: unknown): void {
    if (this.release()) this.reject(error);
  }

  private readonly onAbort = (): void => this.giveUp(this.description.signal?.reason);

  private giveUp(reason: unknown): void {
    if (this.isSettled) return;
    this.givenUp(this);
    this.fail(reason);
  }

  private release(): boolean {
    if (this.isSettled) return false;
    this.isSettled = true;
    this.stopTimeout();
    this.stopWaiting();
    this.description.signal?.removeEventListener('abort', this.onAbort);
    return true;
  }
}
