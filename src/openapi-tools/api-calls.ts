// Calls of one API: counted, and not made while it is left alone because it was not there for several in a row.
import { CallStats, type Outcome } from '../egress/call-stats.js';
import { CircuitBreaker } from '../egress/circuit-breaker.js';
import type { HttpCaller } from '../egress/http-caller.js';
import type { Redact } from '../egress/redact.js';
import type { Clock } from '../extension/clock.js';
import { Failure } from '../extension/failure.js';
import type { ToolCaller, ToolOutput } from '../extension/tool.decorator.js';
import { readTrace } from '../extension/trace-context.js';
import { NoOutcome } from '../tools/tool-source.js';
import type { operationRequest } from './operation-request.js';
import { readResponse } from './operation-response.js';

/** Answers of who stands before an API that is not there. */
const NOT_THERE: ReadonlySet<unknown> = new Set([502, 503, 504]);
/** The part of the time that a call may take after which one that ran out of it counts against the API. */
const PATIENT = 0.9;

export class ApiCalls {
  readonly stats = new CallStats();
  readonly breaker: CircuitBreaker;

  /**
   * @param timeoutMs of a call
   * @param redact of what the API says in its errors
   */
  constructor(
    private readonly api: string,
    clock: Clock,
    private readonly timeoutMs: number,
    private readonly redact: Redact,
  ) {
    this.breaker = new CircuitBreaker(clock);
  }

  /**
   * @param what the tool's name
   * @throws Failure the API answered with an error
   * @throws NoOutcome where there is no answer, and while the API is left alone
   */
  async call(what: string, request: ReturnType<typeof operationRequest>, http: HttpCaller, caller: ToolCaller): Promise<ToolOutput> {
    const startedAt = performance.now();
    const waitMs = this.breaker.admit();
    if (waitMs > 0) {
      this.stats.add('unavailable', 0);
      throw new NoOutcome(new Failure('unavailable', `${this.api} is left alone at the moment`, { retry_after_ms: Math.ceil(waitMs) }));
    }
    try {
      const output = await this.fetched(what, request, http, caller);
      this.breaker.succeeded();
      this.stats.add('completed', performance.now() - startedAt);
      return output;
    } catch (error) {
      const ms = performance.now() - startedAt;
      this.judge(error, ms);
      this.stats.add(outcomeOf(error), ms);
      throw error;
    }
  }

  private async fetched(
    what: string,
    { url, ...init }: ReturnType<typeof operationRequest>,
    http: HttpCaller,
    { signal, meta }: ToolCaller,
  ): Promise<ToolOutput> {
    const headers = { ...init.headers, ...readTrace(meta) };
    try {
      return await readResponse(what, await http.fetch(url, { ...init, headers, signal } as RequestInit), this.redact);
    } catch (error) {
      if (error instanceof NoOutcome) throw error;
      if (signal.aborted && signal.reason instanceof Failure) throw new NoOutcome(signal.reason);
      if (error instanceof Failure) throw error;
      throw new NoOutcome(new Failure('unavailable', `the API behind ${what} is not reached at the moment`, undefined, { cause: error }));
    }
  }

  /** An error that the API answers with says that it is there; a caller that gave up says nothing. */
  private judge(error: unknown, ms: number): void {
    const outcome = outcomeOf(error);
    const isHanging = outcome === 'timed_out' && ms >= PATIENT * this.timeoutMs;
    const isGone = outcome === 'unavailable' || (error instanceof Failure && NOT_THERE.has(error.data?.['status']));
    if (isHanging || isGone) this.breaker.failed();
    else if (outcome === 'failed') this.breaker.succeeded();
    else this.breaker.abandoned();
  }
}

function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof NoOutcome)) return 'failed';
  const { kind } = error.failure;
  return kind === 'timed_out' || kind === 'cancelled' || kind === 'unavailable' ? kind : 'failed';
}
