// One request of an MCP client on its way: what its method is told, and where its answer goes. The same for every transport and era.
import { LOG_LEVEL_META_KEY, TRACEPARENT_META_KEY, TRACESTATE_META_KEY } from '@modelcontextprotocol/server';

import type { PendingCall } from '../connection/connection.js';
import type { Caller, CallMeta } from '../extension/caller.js';
import { LOG_LEVELS, type CallingClient, type LogLevel } from '../extension/calling-client.js';
import type { Channel } from '../extension/channel.js';
import { Failure } from '../extension/failure.js';
import { isRecord } from '../extension/is-record.js';
import type { Principal } from '../extension/principal.js';
import type { TraceContext } from '../extension/trace-context.js';
import { CallChannel, type ProgressToken } from './call-channel.js';
import type { CallLink } from './call-link.js';
import { isSession, type McpClient } from './client.js';
import { notificationText, type RpcId, type RpcParams } from './json-rpc.js';
import type { MethodOf } from './mcp-method.js';

export type McpMethod = MethodOf<McpCall>;

/** What is done with calls as they end. */
export interface CallObserver {
  settled(call: McpCall, outcome: { readonly result: unknown } | { readonly error: unknown }): void;
}

type Responses = CallingClient['responses'];

const NO_META: CallMeta = Object.freeze({});
const NO_RESPONSES: Responses = Object.freeze({});

export class McpCall implements Caller, CallingClient, PendingCall {
  responses: Responses = NO_RESPONSES;
  state: unknown = undefined;
  /** Milliseconds of the clock at which it is given up. */
  deadline = Infinity;
  /** Of who did the work elsewhere: the result bears it. */
  trace: TraceContext | undefined = undefined;
  isSettled = false;
  /** Calls that are under way beside it, by id, while it is one of them. */
  home: Map<RpcId, PendingCall> | undefined;
  private controller: AbortController | undefined;
  private callChannel: CallChannel | undefined;

  /** @param startedAt of the performance clock, ms */
  constructor(
    readonly caller: McpClient,
    readonly id: RpcId,
    readonly method: McpMethod,
    readonly params: RpcParams,
    readonly link: CallLink,
    readonly startedAt: number,
    private readonly observer: CallObserver,
  ) {}

  get principal(): Principal {
    return this.caller.principal;
  }

  get requestId(): RpcId {
    return this.id;
  }

  get channel(): Channel {
    return (this.callChannel ??= new CallChannel(this.caller.id, this.link, this.progressToken));
  }

  get client(): CallingClient {
    return this;
  }

  get capabilities(): Readonly<Record<string, unknown>> {
    return this.caller.capabilities;
  }

  get signal(): AbortSignal {
    return (this.controller ??= new AbortController()).signal;
  }

  /** W3C trace context, as MCP has it. */
  get meta(): CallMeta {
    const meta = this.rpcMeta;
    const traceparent = meta?.[TRACEPARENT_META_KEY];
    if (typeof traceparent !== 'string') return NO_META;
    const tracestate = meta?.[TRACESTATE_META_KEY];
    return { traceparent, ...(typeof tracestate === 'string' && { tracestate }) };
  }

  /** Set where the client wants to hear how far the call is. */
  get progressToken(): ProgressToken | undefined {
    const token = this.rpcMeta?.['progressToken'];
    return typeof token === 'string' || typeof token === 'number' ? token : undefined;
  }

  get rpcMeta(): Readonly<Record<string, unknown>> | undefined {
    const meta = this.params['_meta'];
    return isRecord(meta) ? meta : undefined;
  }

  get logLevel(): LogLevel | undefined {
    return isSession(this.caller) ? this.caller.logLevel : (this.rpcMeta?.[LOG_LEVEL_META_KEY] as LogLevel | undefined);
  }

  log(level: LogLevel, data: unknown, logger?: string): void {
    const least = this.logLevel;
    const isWanted = least !== undefined && LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(least);
    if (!isWanted || this.isSettled || !this.link.isWritable) return;
    this.link.send(notificationText('notifications/message', { level, data, logger }));
  }

  traceAnswer(trace: TraceContext): void {
    this.trace = trace;
  }

  complete(result: unknown): void {
    if (!this.isSettled) this.settle({ result });
  }

  fail(error: unknown): void {
    if (!this.isSettled) this.settle({ error });
  }

  /** Gives the call up: its method's signal is aborted, and the failure is the answer. */
  abort(failure: Failure): void {
    this.controller?.abort(failure);
    this.fail(failure);
  }

  abandon(): void {
    this.abort(new Failure('unavailable', 'the connection has ended'));
  }

  private settle(outcome: { readonly result: unknown } | { readonly error: unknown }): void {
    this.isSettled = true;
    this.observer.settled(this, outcome);
  }
}
