// A call of an upstream's tool, from the caller's to the upstream's session and back, within the limits.
import { SdkHttpError } from '@modelcontextprotocol/client';

import type { Redact } from '../egress/redact.js';
import { callerTokenOf } from '../extension/caller-token.js';
import { InputRequired } from '../extension/calling-client.js';
import { Failure } from '../extension/failure.js';
import type { ToolCaller, ToolOutput, ToolReturn } from '../extension/tool.decorator.js';
import { traceOf } from '../extension/trace-context.js';
import { NoOutcome } from '../tools/tool-source.js';
import { readCallError, readCallResult, ToolFailed } from './call-outcome.js';
import type { Asked, McpPeer, PeerCall } from './mcp-peer.js';
import type { CallerSessions } from './caller-sessions.js';
import { NO_LIMITS, type LiveCaller } from './live-call.js';
import type { ParkedCalls } from './parked-calls.js';
import { askedOf, inputParams, readInputRequired } from './upstream-input.js';
import type { CircuitBreaker } from '../egress/circuit-breaker.js';
import type { UpstreamDefinition } from './upstream-definition.js';
import type { UpstreamLink } from './upstream-link.js';
import type { Outcome, CallStats } from '../egress/call-stats.js';
import { upstreamRedactor } from './upstream-secrets.js';
import type { UpstreamTool } from './upstream-tool.js';

const NOT_FOUND = 404;
const NOBODY_TO_ASK = 'the tool asks for input, and this caller has no client that can be asked';
/** The part of the time that a call may take after which one that its caller gave up counts against the upstream. */
const PATIENT = 0.9;

export interface CallLimits {
  readonly timeoutMs: number;
  readonly idleTimeoutMs: number;
}

/** What of an upstream its calls need. */
export interface CallTarget {
  readonly definition: UpstreamDefinition;
  readonly limits: CallLimits;
  readonly breaker: CircuitBreaker;
  readonly stats: CallStats;
  readonly link: UpstreamLink;
  readonly callers: CallerSessions;
}

export class UpstreamCalls {
  constructor(
    private readonly upstream: CallTarget,
    private readonly parked: ParkedCalls,
  ) {}

  /**
   * @throws ToolFailed the tool ran and failed
   * @throws InputRequired it needs something of the caller's client to go on
   * @throws NoOutcome `unavailable` while there is no session or the circuit is open; `timed_out`; `cancelled`; `forbidden`
   */
  call(tool: UpstreamTool, args: Readonly<Record<string, unknown>>, caller: ToolCaller): Promise<ToolReturn> {
    return this.parked.run(caller, this.upstream.limits.idleTimeoutMs, (live) => this.callOnce(tool, args, live));
  }

  private async callOnce(tool: UpstreamTool, args: Readonly<Record<string, unknown>>, caller: LiveCaller): Promise<ToolReturn> {
    const { upstream } = this;
    const startedAt = performance.now();
    const elapsedMs = (): number => caller.activeMs?.() ?? performance.now() - startedAt;
    const signal = caller.signal;
    const waitMs = upstream.breaker.admit();
    if (waitMs > 0) {
      upstream.stats.add('unavailable', 0);
      throw this.unavailable(waitMs);
    }
    try {
      const output = await this.onSession(caller, (peer) => this.send(peer, tool, args, caller));
      upstream.breaker.succeeded();
      upstream.stats.add('completed', elapsedMs());
      return output;
    } catch (thrown) {
      if (thrown instanceof InputRequired) {
        upstream.breaker.succeeded();
        throw thrown;
      }
      const { error, isTrouble } = readCallError(upstream.definition.source, thrown, signal, this.redactFor(caller));
      const isHanging = outcomeOf(error) === 'timed_out' && elapsedMs() >= PATIENT * upstream.limits.timeoutMs;
      if (isTrouble || isHanging) this.trouble();
      else if (error instanceof ToolFailed) upstream.breaker.succeeded();
      else upstream.breaker.abandoned();
      upstream.stats.add(outcomeOf(error), elapsedMs());
      throw error;
    }
  }

  /** Counts, and looks whether the session is one that nobody answers on any more. */
  private trouble(): void {
    const { breaker, link } = this.upstream;
    breaker.failed();
    if (link.peer !== undefined) void link.suspect(link.peer);
  }

  private async send(peer: McpPeer, tool: UpstreamTool, args: Readonly<Record<string, unknown>>, caller: LiveCaller): Promise<ToolOutput> {
    const input = peer.era === 'modern' ? inputParams(caller.client) : {};
    const params = { name: tool.originalName, arguments: args as Record<string, unknown>, ...input };
    const call = this.peerCall(caller);
    try {
      const result = tool.wantsHeaders
        ? await peer.callWithHeaders(params, tool.inputSchema, call)
        : await peer.request('tools/call', params, call);
      const trace = traceOf(result);
      if (trace !== undefined) caller.traceAnswer?.(trace);
      const needed = peer.era === 'modern' ? readInputRequired(result) : undefined;
      if (needed !== undefined) throw caller.client === undefined ? new ToolFailed('unavailable', NOBODY_TO_ASK) : needed;
      return readCallResult(this.upstream.definition.source, result, this.redactFor(caller));
    } catch (error) {
      // The session is one that the upstream has forgotten: the next call shall find another.
      if (error instanceof SdkHttpError && error.status === NOT_FOUND)
        void this.upstream.link.drop(peer, new Error('it has forgotten the session'));
      throw error;
    }
  }

  private peerCall(caller: LiveCaller): PeerCall {
    return {
      ...(caller.ask === undefined ? this.upstream.limits : NO_LIMITS),
      asked: this.heardOf(askedOf(caller)),
      signal: caller.signal,
      meta: caller.meta,
      onProgress: (progress, total, message, trace) => caller.progress?.(progress, total, message, trace),
    };
  }

  /** An upstream that asks something is there, however long its question waits for an answer: a trial of it is over. */
  private heardOf(asked: Asked): Asked {
    const { ask } = asked;
    if (ask === undefined) return asked;
    return {
      ...asked,
      ask: (...question) => {
        this.upstream.breaker.succeeded();
        return ask(...question);
      },
    };
  }

  /** The shared session, or that of the caller's own token where it goes on. */
  private onSession<T>(caller: LiveCaller, work: (peer: McpPeer) => Promise<T>): Promise<T> {
    const token = this.tokenOf(caller);
    if (token !== undefined) return this.upstream.callers.use(token, work);
    const { peer } = this.upstream.link;
    if (peer === undefined) throw this.unavailable(this.upstream.link.retryAfterMs());
    return work(peer);
  }

  /** The caller's own, where it goes on. */
  private tokenOf({ principal }: LiveCaller): string | undefined {
    const { server } = this.upstream.definition;
    return server.type !== 'stdio' && server.forwardCallerToken ? callerTokenOf(principal) : undefined;
  }

  private redactFor(caller: LiveCaller): Redact {
    return upstreamRedactor(this.upstream.definition.server, this.tokenOf(caller));
  }

  private unavailable(retryAfterMs: number): NoOutcome {
    const data = retryAfterMs > 0 ? { retry_after_ms: Math.ceil(retryAfterMs) } : undefined;
    return new NoOutcome(new Failure('unavailable', `${this.upstream.definition.source} is not reached at the moment`, data));
  }
}

function outcomeOf(error: Error): Outcome {
  if (!(error instanceof NoOutcome)) return 'failed';
  const { kind } = error.failure;
  if (kind === 'too_large') return 'failed';
  return kind === 'timed_out' || kind === 'cancelled' || kind === 'forbidden' ? kind : 'unavailable';
}
