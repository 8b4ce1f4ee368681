// One request on its way: what its handler is told, and where its answer goes. It is an ExecutionContext too, so that guards
// are plain Nest guards which the dispatcher can ask without Nest's chain of promises around them.
import type { ExecutionContext, Type } from '@nestjs/common';
import { MessageType } from '@mcpw/protocol';

import type { Connection, PendingCall } from '../connection/connection.js';
import { PlacedFrame } from '../connection/frame-slab.js';
import type { MessageId } from '../connection/message-codec.js';
import type { Caller, CallMeta, OnceClaim } from '../extension/caller.js';
import { Failure } from '../extension/failure.js';
import type { Principal } from '../extension/principal.js';
import type { TraceContext } from '../extension/trace-context.js';
import type { CallParts, Inbound } from './inbound.js';
import type { Method } from './method.js';

/** What is done with calls as they end. */
export interface CallObserver {
  settled(call: Call, error: unknown): void;
  /** @param bytes of an answer that the connection can never take. @returns what the peer gets in its place */
  unsendable(call: Call, bytes: number): Failure;
}

const NO_META: CallMeta = Object.freeze({});

/** What is kept of a call whose answer is waited for: most are answered at once. */
export interface Pending {
  /** Its name among the connection's pending calls. */
  readonly name: MessageId;
  /** Milliseconds of the clock at which it is given up. */
  deadline: number;
  timer: NodeJS.Timeout | undefined;
}

export class Call implements Caller, CallParts, ExecutionContext, PendingCall {
  /** Its params: decoded and checked only after the guards have let it pass. */
  body: unknown = undefined;
  meta: CallMeta = NO_META;
  once: OnceClaim | undefined = undefined;
  isSettled = false;
  pending: Pending | undefined = undefined;
  /** What was thrown inside Nest's chain, which itself does not throw. */
  thrown: { error: unknown } | undefined = undefined;
  private trace: TraceContext | undefined = undefined;
  private afterAnswer: (() => void)[] | undefined = undefined;
  private controller: AbortController | undefined = undefined;

  /** @param startedAt of the performance clock, ms */
  constructor(
    readonly channel: Connection,
    readonly head: Inbound,
    readonly method: Method,
    readonly startedAt: number,
    private readonly observer: CallObserver,
  ) {}

  get id(): MessageId {
    return this.head.id;
  }

  get params(): unknown {
    return this.body;
  }

  get deadline(): number {
    return this.pending?.deadline ?? Infinity;
  }

  /** False for a notification. */
  get expectsAnswer(): boolean {
    return this.head.type === MessageType.REQUEST;
  }

  get caller(): Caller {
    return this;
  }

  get principal(): Principal {
    const identity = this.channel.identity;
    if (identity === undefined) throw new Failure('not_initialized', 'no credential yet');
    return identity.principal;
  }

  get requestId(): MessageId {
    return this.id;
  }

  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (!this.channel.isOpen && this.once === undefined) this.controller.abort(gone());
    }
    return this.controller.signal;
  }

  answer(result: unknown): void {
    if (this.isSettled) return;
    if (this.expectsAnswer) {
      // A result that cannot be encoded is the handler's fault, and must not take the connection with it.
      let message: string | PlacedFrame;
      try {
        message = this.head.codec.response(this.head.id, this.method, result, this.trace);
      } catch (error) {
        this.fail(error);
        return;
      }
      if (message.length > this.channel.largestMessage) {
        if (message instanceof PlacedFrame) message.release();
        this.fail(this.observer.unsendable(this, message.length));
        return;
      }
      this.channel.send(message);
    }
    this.isSettled = true;
    if (this.afterAnswer !== undefined) for (const task of this.afterAnswer) task();
    this.observer.settled(this, undefined);
  }

  traceAnswer(trace: TraceContext): void {
    this.trace = trace;
  }

  /** Runs the task once the answer is on its way, and before anything else is sent. Never, where the answer is an error. */
  onceAnswered(task: () => void): void {
    (this.afterAnswer ??= []).push(task);
  }

  /** Ends the call with an error; what the error is to the peer says the observer's table. */
  fail(error: unknown): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.observer.settled(this, error);
  }

  /** Gives the call up: its handler's signal is aborted, and the failure is the answer. */
  abort(failure: Failure): void {
    this.controller?.abort(failure);
    this.fail(failure);
  }

  /** What is to run once goes on: its caller will come back for the answer (PROTOCOL.md §6). All else is aborted. */
  abandon(): void {
    if (this.once === undefined) this.abort(gone());
    else this.isSettled = true;
  }

  getType<T extends string>(): T {
    return 'ws' as T;
  }
  getClass<T>(): Type<T> {
    return this.method.gateway as Type<T>;
  }
  getHandler(): () => void {
    return this.method.handler as () => void;
  }
  getArgs<T extends unknown[]>(): T {
    return [this.channel, this.params, this, this.method.name] as unknown as T;
  }
  getArgByIndex<T>(index: number): T {
    return (index === 0 ? this.channel : index === 1 ? this.params : index === 2 ? this : this.method.name) as T;
  }
  switchToWs(): ReturnType<ExecutionContext['switchToWs']> {
    return {
      getClient: <T>() => this.channel as T,
      getData: <T>() => this.params as T,
      getPattern: () => this.method.name,
    };
  }
  switchToRpc(): never {
    throw new Error('a WebSocket call is no RPC call');
  }
  switchToHttp(): never {
    throw new Error('a WebSocket call is no HTTP call');
  }
}

function gone(): Failure {
  return new Failure('unavailable', 'the connection has ended');
}
