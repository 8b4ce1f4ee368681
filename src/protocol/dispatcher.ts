// From a message to its handler and back. The checks run in one synchronous line; a promise is waited for only where the
// handler returns one.
import { randomUUID } from 'node:crypto';

import { Inject, Injectable, Logger } from '@nestjs/common';
import { Config } from '../config/config.js';
import type { Connection } from '../connection/connection.js';
import { TrafficMeter, type ErrorName } from '../connection/traffic-meter.js';
import { Clock } from '../extension/clock.js';
import { Failure } from '../extension/failure.js';
import { canonicalHash } from '../idempotency/canonical-hash.js';
import { IdempotencyService } from '../idempotency/idempotency.service.js';
import { Call, type CallObserver, type Pending } from './call.js';
import { isDeferred, valueOf } from './deferred.js';
import { wireError } from './failure-code.js';
import type { Inbound } from './inbound.js';
import type { SyncGuard } from './method.js';
import { MethodTable } from './method-table.js';
import { RefusalAudit } from './refusal-audit.js';

@Injectable()
export class Dispatcher implements CallObserver {
  private readonly logger = new Logger('Gateway');
  /** When the call that was settled last was, of the performance clock: who has just run one need not look again. */
  settledAt = 0;
  /** Names of pending calls that their ids do not name: negative, as no peer's ids are. */
  private lastNameless = 0;
  /** Told when a connection has one pending call less. */
  onReleased: (connection: Connection) => void = () => undefined;

  constructor(
    @Inject(Config) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    private readonly methods: MethodTable,
    private readonly meter: TrafficMeter,
    private readonly idempotency: IdempotencyService,
    private readonly audit: RefusalAudit,
  ) {}

  /** Runs a request or a notification. @param startedAt of the performance clock, ms */
  run(connection: Connection, message: Inbound, startedAt: number): void {
    const method = message.method ?? this.methods.unknown;
    const call = new Call(connection, message, method, startedAt, this);
    try {
      // By index: until it is compiled, an iterator is 150 bytes of each call.
      const { guards } = method;
      for (let i = 0; i < guards.length; i++) (guards[i] as SyncGuard).canActivate(call);
      message.read(call);
      if (method.params !== undefined) call.body = this.checked(method.params, call.body);
      const result = call.meta.idempotency_key === undefined || !connection.isInitialized ? method.invoke(call) : this.runOnce(call);
      if (result instanceof Promise) this.wait(call, result);
      else if (isDeferred(result)) this.wait(call, lastOf(result, call));
      else call.answer(result);
    } catch (error) {
      call.fail(error);
    }
  }

  /** Answers a message that could not be read as one. */
  refuse(connection: Connection, message: string | Uint8Array, name: ErrorName): void {
    this.meter.failed(name);
    this.audit.refused(connection, name, '');
    connection.send(message);
  }

  /** Ends a connection for what came over it. */
  giveUp(connection: Connection, code: number, reason: string): void {
    if (!connection.isOpen) return;
    this.audit.closed(connection, code);
    connection.close(code, reason);
  }

  settled(call: Call, error: unknown): void {
    const { channel, method, startedAt } = call;
    if (call.pending !== undefined) this.release(call, call.pending);
    if (error !== undefined) this.sendError(call, error);
    const now = performance.now();
    this.settledAt = now;
    this.meter.handled(method.meterIndex, (now - startedAt) * 1000);
    if (this.config.logging.websocket.verbose) {
      const outcome = error === undefined ? 'ok' : error instanceof Failure ? error.kind : 'server_error';
      this.logger.debug({ session: channel.id, method: method.name, outcome, ms: Number((now - startedAt).toFixed(3)) }, 'message');
    }
  }

  unsendable({ channel, method }: Call, bytes: number): Failure {
    const failure = new Failure('too_large', `the answer of ${bytes} bytes exceeds send_queue_size ${channel.largestMessage}`);
    this.logger.warn({ msg: failure.message, method: method.name, session: channel.id });
    return failure;
  }

  /** Aliases are looked for where there may be some: a name that is not declared fails the first look. */
  private checked(validator: NonNullable<Call['method']['params']>, body: unknown): unknown {
    const given = body ?? {};
    if (validator.validate(given) === null) return given;
    const params = validator.normalise(given);
    const errors = validator.validate(params);
    if (errors !== null) throw Failure.invalidParams(errors);
    return params;
  }

  private runOnce(call: Call): unknown {
    call.once = {
      principalId: call.principal.id,
      method: call.method.name,
      key: call.meta.idempotency_key as string,
      paramsHash: canonicalHash(call.params),
      recorded: false,
    };
    return this.idempotency.run(call.once, () => lastOf(call.method.invoke(call), call));
  }

  private wait(call: Call, result: Promise<unknown>): void {
    const { channel, id } = call;
    const { requestTimeoutMs } = this.config.websocket;
    // A notification has no id to be found by, and an id that came again has another call: both count all the same.
    const name = call.expectsAnswer && !channel.calls.has(id) ? id : --this.lastNameless;
    const pending: Pending = { name, deadline: this.clock.now() + requestTimeoutMs, timer: undefined };
    call.pending = pending;
    channel.calls.set(name, call);
    const timeoutMs = call.meta.timeout_ms;
    if (timeoutMs !== undefined && timeoutMs < requestTimeoutMs) {
      pending.timer = setTimeout(() => call.abort(new Failure('timed_out', `not done within ${timeoutMs} ms`)), timeoutMs);
    }
    const answer = (value: unknown): void => this.answerInTurn(call, value);
    const fail = (error: unknown): void => call.fail(error);
    result.then((value) => (isDeferred(value) ? void lastOf(value, call).then(answer, fail) : answer(value)), fail);
  }

  /** Calls that ran at once are answered as the peer takes it: together, large answers would be more than its send queue may hold. */
  private answerInTurn(call: Call, value: unknown): void {
    const { channel } = call;
    if (channel.isWritable || !channel.isOpen) {
      call.answer(value);
      return;
    }
    // What is done can no longer run out of time.
    if (call.pending !== undefined) {
      call.pending.deadline = Infinity;
      clearTimeout(call.pending.timer);
    }
    channel.onceDrained(() => this.answerInTurn(call, value));
  }

  private release(call: Call, { name, timer }: Pending): void {
    call.pending = undefined;
    clearTimeout(timer);
    call.channel.calls.delete(name);
    this.onReleased(call.channel);
  }

  private sendError(call: Call, error: unknown): void {
    const wire = wireError(error, () => {
      const reference = randomUUID();
      this.logger.error({ err: error, ref: reference, method: call.method.name }, 'a handler threw');
      return reference;
    });
    const name = error instanceof Failure ? error.kind : 'server_error';
    this.meter.failed(name);
    this.audit.refused(call.channel, name, call.method.name);
    if (error instanceof Failure && error.data?.['scope'] === 'tool' && name === 'rate_limited') this.meter.refusedByRate('tool');
    if (call.expectsAnswer) call.channel.send(call.head.codec.error(call.id, call.head.methodNumber, wire));
  }
}

/** Apart from `run`, which makes no closure so. */
function lastOf(result: unknown, call: Call): Promise<unknown> {
  return valueOf(result, () => call.signal);
}
