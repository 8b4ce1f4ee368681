// A call as its tool sees it. Most tools answer without looking at the signal, so it is made when asked for.
import type { CallMeta, Caller } from '../extension/caller.js';
import type { CallingClient } from '../extension/calling-client.js';
import type { Channel } from '../extension/channel.js';
import type { Failure } from '../extension/failure.js';
import type { Principal } from '../extension/principal.js';
import type { ToolCaller } from '../extension/tool.decorator.js';
import type { TraceContext } from '../extension/trace-context.js';
import type { ProgressReporter } from './progress-reporter.js';

export class ToolCall implements ToolCaller {
  private controller: AbortController | undefined;
  private onOuterAbort: (() => void) | undefined;
  private isOver = false;

  /** @param limitMs how long the tool may take, whoever calls it */
  constructor(
    private readonly caller: Caller,
    private readonly reporter: ProgressReporter | undefined,
    private readonly limitMs: number,
  ) {}

  get principal(): Principal {
    return this.caller.principal;
  }

  get channel(): Channel {
    return this.caller.channel;
  }

  get requestId(): string | number {
    return this.caller.requestId;
  }

  get meta(): CallMeta {
    return this.caller.meta;
  }

  get timeoutMs(): number {
    return Math.min(this.caller.meta.timeout_ms ?? Infinity, this.limitMs);
  }

  get client(): CallingClient | undefined {
    return this.caller.client;
  }

  /** Never the request's own: the answer to be kept is the call's (PROTOCOL.md §6), not that of a service its tool uses. */
  get once(): undefined {
    return undefined;
  }

  get signal(): AbortSignal {
    if (this.controller !== undefined) return this.controller.signal;
    const outer = this.caller.signal;
    if (this.isOver || outer.aborted) return outer;
    const controller = (this.controller = new AbortController());
    this.onOuterAbort = () => controller.abort(outer.reason);
    outer.addEventListener('abort', this.onOuterAbort, { once: true });
    return controller.signal;
  }

  progress(progress: number, total?: number, message?: string, trace?: TraceContext): void {
    this.reporter?.report(progress, total, message, trace);
  }

  traceAnswer(trace: TraceContext): void {
    if (!this.isOver) this.caller.traceAnswer?.(trace);
  }

  /** Tells the tool that its answer is no longer awaited. */
  abort(reason: Failure): void {
    this.end();
    this.controller ??= new AbortController();
    this.controller.abort(reason);
  }

  /** The call has its answer. */
  end(): void {
    this.isOver = true;
    this.reporter?.end();
    if (this.onOuterAbort !== undefined) this.caller.signal.removeEventListener('abort', this.onOuterAbort);
    this.onOuterAbort = undefined;
  }
}
