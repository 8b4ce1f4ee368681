// From a request to its method and back, for all transports and both eras alike. A promise is waited for only where the method
// returns one.
import { randomUUID } from 'node:crypto';

import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

import { Config } from '../config/config.js';
import { TrafficMeter } from '../connection/traffic-meter.js';
import { InputRequired } from '../extension/calling-client.js';
import { Clock } from '../extension/clock.js';
import { Failure } from '../extension/failure.js';
import { holdsScope } from '../extension/principal.js';
import { RefusalAudit } from '../protocol/refusal-audit.js';
import type { PendingCall } from '../connection/connection.js';
import type { CallLink } from './call-link.js';
import type { McpClient } from './client.js';
import { encodeResult } from './encode-result.js';
import { InputRounds } from './input-rounds.js';
import { errorText, resultText, type RpcId } from './json-rpc.js';
import { McpCall, type CallObserver } from './mcp-call.js';
import { MethodRegistry } from './method-registry.js';
import type { InboundRequest } from './read-message.js';
import { httpStatus, rpcError } from './rpc-error.js';

const OK = { status: 200 } as const;
/** Calls that have an answer are swept by nobody; the others at least as often as this. */
const SWEEP_MS = 1_000;

@Injectable()
export class McpDispatcher implements CallObserver, OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Mcp');
  /** Calls that wait for something. */
  private readonly pending = new Set<McpCall>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(Config) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    private readonly methods: MethodRegistry,
    private readonly inputs: InputRounds,
    private readonly meter: TrafficMeter,
    private readonly audit: RefusalAudit,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.sweep(), SWEEP_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Calls that have no answer yet. */
  get pendingCount(): number {
    return this.pending.size;
  }

  /**
   * Runs a request, whose answer goes to the link.
   * @param home calls beside it, by id: it joins them while it waits
   * @returns the call
   */
  run(request: InboundRequest, client: McpClient, link: CallLink, home?: Map<RpcId, PendingCall>): McpCall {
    const method = this.methods.find(request.method, request.era);
    const call = new McpCall(client, request.id, method, request.params, link, performance.now(), this);
    try {
      if (home?.has(request.id) === true) throw new Failure('invalid_message', 'a request of this id is under way');
      if (method.scope !== undefined && !holdsScope(client.principal, method.scope)) throw Failure.forbidden(method.scope);
      const result = method.mayAsk === true ? this.inputs.run(call) : method.run(call);
      if (result instanceof Promise) this.wait(call, result, home);
      else call.complete(result);
    } catch (error) {
      this.failed(call, error, home);
    }
    return call;
  }

  settled(call: McpCall, outcome: { readonly result: unknown } | { readonly error: unknown }): void {
    this.release(call);
    const { method, startedAt } = call;
    const told = 'error' in outcome && outcome.error instanceof Failure ? method.told?.(outcome.error) : undefined;
    if ('error' in outcome && told === undefined) this.answerError(call, outcome.error);
    else this.answerResult(call, told ?? (outcome as { readonly result: unknown }).result);
    this.meter.handled(this.methods.indexOf(method), (performance.now() - startedAt) * 1000);
  }

  sweep(): void {
    const now = this.clock.now();
    for (const call of this.pending) if (call.deadline <= now) call.abort(new Failure('timed_out', 'the request has run out of time'));
  }

  private failed(call: McpCall, error: unknown, home: Map<RpcId, PendingCall> | undefined): void {
    if (!(error instanceof InputRequired)) return call.fail(error);
    this.enlist(call, home);
    this.ask(call, error);
  }

  private wait(call: McpCall, result: Promise<unknown>, home: Map<RpcId, PendingCall> | undefined): void {
    this.enlist(call, home);
    result.then(
      (value) => call.complete(value),
      (error: unknown) => (error instanceof InputRequired ? this.ask(call, error) : call.fail(error)),
    );
  }

  private enlist(call: McpCall, home: Map<RpcId, PendingCall> | undefined): void {
    call.home = home;
    home?.set(call.id, call);
    this.pending.add(call);
    if (call.method.isStream === undefined) call.deadline = this.clock.now() + this.config.websocket.requestTimeoutMs;
  }

  private ask(call: McpCall, needed: InputRequired): void {
    this.inputs.ask(call, needed).then(
      (value) => call.complete(value),
      (error: unknown) => call.fail(error),
    );
  }

  private release(call: McpCall): void {
    this.pending.delete(call);
    if (call.home?.get(call.id) === call) call.home.delete(call.id);
  }

  /** A result that cannot be encoded is its method's fault, and an error. */
  private answerResult(call: McpCall, result: unknown): void {
    let text: string;
    try {
      text = resultText(call.id, encodeResult(call.method, call.caller.era, result, call.trace));
    } catch (error) {
      this.answerError(call, error);
      return;
    }
    call.link.answer(text, OK);
  }

  private answerError(call: McpCall, error: unknown): void {
    const { era } = call.caller;
    const wire = rpcError(error, era, () => {
      const reference = randomUUID();
      this.logger.error({ err: error, ref: reference, method: call.method.name }, 'a method threw');
      return reference;
    });
    this.meter.failed(error instanceof Failure ? error.kind : wire.data === undefined ? 'invalid_params' : 'server_error');
    if (error instanceof Failure) this.audit.refused({ identity: call.caller, id: call.caller.id }, error.kind, call.method.name);
    const isCancelled = error instanceof Failure && error.kind === 'cancelled';
    const failure = error instanceof Failure ? error : undefined;
    call.link.answer(errorText(call.id, wire), { status: httpStatus(error, wire, era), failure, isCancelled });
  }
}
