// All requests of ours: which wait to be sent, which wait for their answer, and what becomes of them when a connection ends.
// When and how fast they are sent is outbound.ts.
import { ErrorCode, toBase64url, type EnvelopeMeta, type WireError } from '@mcpw/protocol';

import { Call, type Progress, type RequestOptions } from './call.js';
import type { Settings } from './client-options.js';
import { ConnectionLostError, McpwError, QueueFullError } from './errors.js';
import { tell } from './listener.js';
import type { Encoded, MessageCodec } from './message-codec.js';
import { isCancellable, repeatOf } from './method-traits.js';
import { ABOVE_0, BOOLEAN, type Checks, FUNCTION, mistakeAmong, SIGNAL, TEXT } from './option-checks.js';
import type { Platform } from './platform.js';
import { retryAfterOf } from './reconnect-policy.js';
import { refuseTooLarge, withParams } from './sendable.js';

const KEY_BYTES = 16;
/** A server keeps keys for ten minutes (protocol §6); asking again later could run a request twice. */
const KEY_LIFETIME_MS = 9 * 60_000;

export interface CallOptions extends RequestOptions {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** The client's own, about the connection: it goes before all others. */
  readonly isUrgent?: boolean;
}

const CHECKS: Checks<CallOptions> = {
  signal: SIGNAL,
  timeoutMs: ABOVE_0,
  idempotencyKey: TEXT,
  onProgress: FUNCTION,
  isUrgent: BOOLEAN,
  // The server says what is wrong with them.
  traceparent: undefined,
  tracestate: undefined,
};

export interface CallsEvents {
  /** There is something to send. */
  ready(): void;
  /** A message that need not wait in line. */
  cancel(method: 'tool.cancel', params: { request_id: string | number }): void;
  /** The server takes nothing more for so long. */
  limited(retryAfterMs: number): void;
}

export class Calls {
  private readonly urgent: Call[] = [];
  private readonly waiting: Call[] = [];
  private readonly delayed = new Map<Call, () => void>();
  private readonly inFlight = new Map<number, Call>();
  private lastNumber = 0;
  private isConnected = false;
  private stoppedBy: Error | undefined;

  constructor(
    private readonly platform: Platform,
    private readonly settings: Settings,
    private readonly codec: MessageCodec,
    private readonly nextId: () => number,
    private readonly events: CallsEvents,
  ) {}

  get inFlightCount(): number {
    return this.inFlight.size;
  }

  get hasUrgent(): boolean {
    return this.urgent.length > 0;
  }

  get hasWaiting(): boolean {
    return this.waiting.length > 0;
  }

  /** @throws (by its promise) TypeError for params that cannot be sent, InvalidOptionError, McpwError, RequestTimeoutError, ConnectionLostError, QueueFullError, ClientClosedError, or the signal's reason */
  start(method: string, params: unknown, options: CallOptions = {}): Promise<unknown> {
    if (this.stoppedBy !== undefined) return Promise.reject(this.stoppedBy);
    const mistake = mistakeAmong(options, CHECKS, 'a request');
    if (mistake !== undefined) return Promise.reject(mistake);
    const { maxWaiting, maxWaitMs, requestTimeoutMs } = this.settings;
    const { signal, onProgress, timeoutMs = requestTimeoutMs, isUrgent = false } = options;
    if (!isUrgent && this.waiting.length + this.delayed.size >= maxWaiting) return Promise.reject(new QueueFullError(maxWaiting));
    const { repeat, meta } = this.identify(method, options);
    const number = ++this.lastNumber;
    const call = new Call({ number, isUrgent, method, params, repeat, meta, timeoutMs, signal, onProgress }, this.platform.clock, (gone) =>
      this.forget(gone),
    );
    if (call.isSettled) return call.promise;
    if (!this.isConnected) call.waitForConnection(maxWaitMs);
    this.lineOf(call).push(call);
    this.events.ready();
    return call.promise;
  }

  /** The next request to send, under way from here on; undefined where none is left. @param maxBytes of a message */
  next(maxBytes: number): Encoded | undefined {
    for (let call = this.shift(); call !== undefined; call = this.shift()) {
      const message = this.encode(call, maxBytes);
      if (message !== undefined) return message;
    }
    return undefined;
  }

  succeeded(id: number, result: unknown): void {
    this.take(id)?.succeed(result);
  }

  failed(id: number, error: WireError): void {
    const retryAfterMs = retryAfterOf(error.data);
    const isOfAll = retryAfterMs > 0 && isRateOfAll(error);
    // Before the call is gone: that makes room for the next.
    if (isOfAll) this.events.limited(retryAfterMs);
    const call = this.take(id);
    if (call === undefined) return;
    call.sentAs = undefined;
    if (retryAfterMs === 0 || !mayAskAgain(call, error)) call.fail(McpwError.of(error));
    else if (isOfAll) this.putBack(call);
    else this.delay(call, retryAfterMs);
  }

  progressed(id: number, progress: Progress): void {
    tell(this.inFlight.get(id)?.description.onProgress, progress);
  }

  connected(): void {
    this.isConnected = true;
    for (const call of this.waiting) call.hasConnection();
  }

  /** Those under way go back to the head of the line, or fail where they cannot be asked again. */
  lost(error: Error): void {
    this.isConnected = false;
    const unanswered = [...this.inFlight.values()];
    this.inFlight.clear();
    const ofTheConnection = (call: Call): boolean => call.description.repeat === 'never';
    for (const call of unanswered) if (!ofTheConnection(call)) this.putBack(call);
    for (const call of this.waiting) call.waitForConnection(this.settings.maxWaitMs);
    for (const call of [...unanswered, ...this.delayed.keys(), ...this.urgent.splice(0)].filter(ofTheConnection)) {
      this.undelay(call);
      call.fail(
        new ConnectionLostError(`the connection was lost before ${call.description.method} was answered`, undefined, { cause: error }),
      );
    }
  }

  /** Nobody will come for the answers: tools that run need not go on. */
  cancelAll(): void {
    for (const [id, { description }] of this.inFlight) if (isCancellable(description.method)) this.cancel(id);
  }

  /** There will be no connection any more. */
  stop(error: Error): void {
    this.stoppedBy = error;
    for (const takeBack of this.delayed.values()) takeBack();
    const all = [...this.inFlight.values(), ...this.delayed.keys(), ...this.urgent, ...this.waiting];
    this.inFlight.clear();
    this.delayed.clear();
    this.urgent.length = this.waiting.length = 0;
    for (const call of all) call.fail(error);
  }

  private identify(
    method: string,
    { idempotencyKey, traceparent, tracestate }: RequestOptions,
  ): Pick<Call['description'], 'repeat' | 'meta'> {
    const repeat = idempotencyKey === undefined ? repeatOf(method) : 'by-key';
    const key = repeat === 'by-key' ? (idempotencyKey ?? toBase64url(this.platform.randomBytes(KEY_BYTES))) : undefined;
    const meta: EnvelopeMeta = {
      ...(key === undefined ? {} : { idempotency_key: key }),
      ...(traceparent === undefined ? {} : { traceparent }),
      ...(tracestate === undefined ? {} : { tracestate }),
    };
    return { repeat, meta: Object.keys(meta).length === 0 ? undefined : meta };
  }

  private lineOf({ description }: Call): Call[] {
    return description.isUrgent ? this.urgent : this.waiting;
  }

  /** It was under way, and is asked again before what was asked after it. */
  private putBack(call: Call): void {
    const line = this.lineOf(call);
    const at = line.findIndex(({ description }) => description.number > call.description.number);
    line.splice(at < 0 ? line.length : at, 0, call);
    if (!this.isConnected) call.waitForConnection(this.settings.maxWaitMs);
    this.events.ready();
  }

  private shift(): Call | undefined {
    return this.urgent.shift() ?? this.waiting.shift();
  }

  private encode(call: Call, maxBytes: number): Encoded | undefined {
    const { description, firstSentAt } = call;
    const now = this.platform.clock.now();
    if (firstSentAt !== undefined && description.repeat === 'by-key' && now - firstSentAt > KEY_LIFETIME_MS) {
      call.fail(new ConnectionLostError(`${description.method} was sent too long ago to be asked for again: it may or may not have run`));
      return undefined;
    }
    const id = this.nextId();
    try {
      const { method, params } = description;
      const message = withParams(method, () => this.codec.request(id, method, params, call.meta()));
      refuseTooLarge(message, maxBytes);
      call.sentAs = id;
      call.firstSentAt = firstSentAt ?? now;
      this.inFlight.set(id, call);
      return message;
    } catch (error) {
      call.fail(error);
      return undefined;
    }
  }

  private take(id: number): Call | undefined {
    const call = this.inFlight.get(id);
    if (this.inFlight.delete(id)) this.events.ready();
    return call;
  }

  /** Nothing else is held back by it. */
  private delay(call: Call, ms: number): void {
    const takeBack = this.platform.clock.after(ms, () => {
      this.delayed.delete(call);
      this.putBack(call);
    });
    this.delayed.set(call, takeBack);
  }

  private undelay(call: Call): void {
    this.delayed.get(call)?.();
    this.delayed.delete(call);
  }

  /** A call was given up by who asked: it is nowhere any more, and a tool need not go on. */
  private forget(call: Call): void {
    for (const line of [this.urgent, this.waiting]) {
      const at = line.indexOf(call);
      if (at >= 0) line.splice(at, 1);
    }
    this.undelay(call);
    const { sentAs } = call;
    if (sentAs === undefined || !this.inFlight.delete(sentAs)) return;
    if (isCancellable(call.description.method)) this.cancel(sentAs);
    this.events.ready();
  }

  private cancel(id: number): void {
    this.events.cancel('tool.cancel', { request_id: this.codec.idOf(id) });
  }
}

/** A refused message costs nothing and nothing ran; a server that was not available may have begun. */
function mayAskAgain(call: Call, { code }: WireError): boolean {
  return code === ErrorCode.RATE_LIMITED || (code === ErrorCode.UNAVAILABLE && call.description.repeat !== 'never');
}

/** Whether the rate is not one tool's own, but that of whatever this client sends. */
function isRateOfAll({ code, data }: WireError): boolean {
  return code === ErrorCode.RATE_LIMITED && (data as { scope?: unknown }).scope !== 'tool';
}
