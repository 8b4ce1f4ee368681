// Runs a tool and makes the answer of `tool.execute`. Whether the caller may run it was asked before: tool.service.ts.
// A tool that returns a plain value is answered at once: no promise, no timer, no AbortController.
import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import { randomUUID } from 'node:crypto';

import { Config } from '../config/config.js';
import { AuditLog, NO_AUDIT } from '../extension/audit-log.js';
import type { Caller } from '../extension/caller.js';
import { InputRequired } from '../extension/calling-client.js';
import { Clock } from '../extension/clock.js';
import { EventPublisher } from '../extension/event-publisher.js';
import { Failure } from '../extension/failure.js';
import type { ToolReturn } from '../extension/tool.decorator.js';
import { inTime } from './in-time.js';
import { ProgressReporter } from './progress-reporter.js';
import { ToolCall } from './tool-call.js';
import { toolResult, type ToolResult } from './tool-result.js';
import { NoOutcome, type RegisteredTool } from './tool-source.js';

/** Result of `tool.execute` (PROTOCOL.md §5). */
export interface ToolOutcome {
  readonly tool: string;
  readonly status: 'completed' | 'failed';
  readonly result?: ToolResult;
  readonly error?: { readonly message: string; readonly data?: unknown };
  readonly duration_ms: number;
}

/** The longest that a timer can wait. */
const LONGEST_TIMER_MS = 0x7fff_ffff;

@Injectable()
export class ToolRunner {
  private readonly logger = new Logger('Tools');

  constructor(
    @Inject(EventPublisher) private readonly events: Pick<EventPublisher, 'isHeard' | 'announce'>,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Config) private readonly config: Config,
    @Optional() @Inject(AuditLog) private readonly audit: AuditLog = NO_AUDIT,
  ) {}

  /**
   * @param args valid for the tool
   * @param isStreamed whether the caller wants `tool.progress`
   * @throws Failure `timed_out`, `cancelled`, or why the tool's source could not run it; `InputRequired` as the tool does
   */
  run(
    tool: RegisteredTool,
    args: Readonly<Record<string, unknown>>,
    caller: Caller,
    isStreamed: boolean,
  ): ToolOutcome | Promise<ToolOutcome> {
    const startedAt = this.clock.now();
    const reporter = isStreamed ? new ProgressReporter(caller.channel, caller.requestId) : undefined;
    const call = new ToolCall(caller, reporter, Math.min(tool.timeoutMs ?? Infinity, this.config.tools.timeoutMs, LONGEST_TIMER_MS));
    try {
      const returned = tool.execute(args, call);
      if (isPromise(returned)) return this.finish(tool, returned, call, caller, startedAt);
      return this.completed(tool, returned, call, startedAt);
    } catch (error) {
      return this.failed(tool, error, call, startedAt);
    }
  }

  private async finish(
    tool: RegisteredTool,
    work: Promise<ToolReturn>,
    call: ToolCall,
    caller: Caller,
    startedAt: number,
  ): Promise<ToolOutcome> {
    try {
      const returned = await inTime(work, {
        signal: caller.signal,
        timeoutMs: call.timeoutMs,
        what: `tool ${tool.name}`,
        onGivenUp: (failure) => call.abort(failure),
      });
      return this.completed(tool, returned, call, startedAt);
    } catch (error) {
      return this.failed(tool, error, call, startedAt);
    }
  }

  private completed(tool: RegisteredTool, returned: ToolReturn, call: ToolCall, startedAt: number): ToolOutcome {
    const result = toolResult(tool.name, returned);
    const durationMs = this.end(call, startedAt);
    this.record(tool, call, 'completed', startedAt, durationMs);
    const { tenant } = call.principal;
    if (this.events.isHeard?.(tenant, 'tool.executed') !== false) {
      this.events.announce(tenant, 'tool.executed', {
        tool: tool.name,
        principal_id: call.principal.id,
        session_id: call.channel.id,
        request_id: call.requestId,
        duration_ms: durationMs,
      });
    }
    return { tool: tool.name, status: 'completed', result, duration_ms: durationMs };
  }

  private failed(tool: RegisteredTool, error: unknown, call: ToolCall, startedAt: number): ToolOutcome {
    const durationMs = this.end(call, startedAt);
    // Not an end yet: the tool is called again.
    if (error instanceof InputRequired) throw error;
    const outcome = error instanceof NoOutcome ? error.failure.kind : 'failed';
    this.record(tool, call, outcome, startedAt, durationMs);
    this.events.announce(call.principal.tenant, 'tool.failed', {
      tool: tool.name,
      principal_id: call.principal.id,
      session_id: call.channel.id,
      request_id: call.requestId,
      reason: outcome,
      duration_ms: durationMs,
    });
    if (error instanceof NoOutcome) throw error.failure;
    return { tool: tool.name, status: 'failed', error: this.explained(tool, error), duration_ms: durationMs };
  }

  /** A failure speaks for itself; of anything else the caller learns only where the log tells of it. */
  private explained(tool: RegisteredTool, error: unknown): { message: string; data?: unknown } {
    if (error instanceof Failure)
      return error.data === undefined ? { message: error.message } : { message: error.message, data: error.data };
    const ref = randomUUID();
    this.logger.error({ msg: 'a tool failed', ref, tool: tool.name, err: error });
    return { message: 'the tool failed', data: { ref } };
  }

  /** Who, what, how it ended and how long it took; nothing of what went in or came out. */
  private record(tool: RegisteredTool, { principal, channel }: ToolCall, outcome: string, startedAt: number, durationMs: number): void {
    this.audit.recordCall(principal, channel.id, tool.name, outcome, startedAt + durationMs, durationMs);
  }

  private end(call: ToolCall, startedAt: number): number {
    call.end();
    return Math.max(0, Math.round(this.clock.now() - startedAt));
  }
}

function isPromise(returned: ToolReturn | Promise<ToolReturn>): returned is Promise<ToolReturn> {
  return typeof returned === 'object' && returned !== null && typeof (returned as Promise<ToolReturn>).then === 'function';
}
