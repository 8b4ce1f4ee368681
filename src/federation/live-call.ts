// A call whose upstream asks its caller for something while it goes on, as MCP's older era has it. The caller is answered with what is
// asked (`InputRequired`) and comes back with answers, whichever era it speaks itself; the call at the upstream waits for it meanwhile,
// and its time stands still.
import { ProtocolError, SdkError, SdkErrorCode } from '@modelcontextprotocol/client';

import type { Caller } from '../extension/caller.js';
import { InputRequired, type CallingClient, type InputRequest } from '../extension/calling-client.js';
import { Failure } from '../extension/failure.js';
import type { Principal } from '../extension/principal.js';
import { missingCapabilities } from '../extension/missing-capabilities.js';
import type { ToolCaller } from '../extension/tool.decorator.js';
import { NoOutcome } from '../tools/tool-source.js';
import type { Asked } from './mcp-peer.js';

/** Who waits for what an upstream answers. */
export type UpstreamCaller = Pick<Caller, 'principal' | 'meta' | 'signal' | 'client' | 'traceAnswer'> &
  Partial<Pick<ToolCaller, 'progress'>>;

/** How the work of a call sees it: one caller, whichever round it is. */
export interface LiveCaller extends UpstreamCaller {
  readonly ask?: Asked['ask'];
  readonly log?: Asked['log'];
  /** Milliseconds that the caller did not spend on answering. */
  activeMs?(): number;
}

interface Question {
  readonly request: InputRequest;
  settle(outcome: { readonly answer: object } | { readonly error: Error }): void;
}

/** Whose call it is. */
export const ownerOf = ({ tenant, id }: Principal): string => `${tenant}\0${id}`;

/** A place where a call waits. */
export interface Parking {
  /** What its caller is given to remember. */
  readonly ticket: unknown;
  release(): void;
}

/** Of the request that a live call makes: it keeps the time itself. */
export const NO_LIMITS = { timeoutMs: 0x7fff_ffff, idleTimeoutMs: 0x7fff_ffff } as const;

const MOST_QUESTIONS = 16;
/** A client that answers needs one for each question. One that comes back without answers is not waited for without an end. */
const MOST_ROUNDS = 24;
/** JSON-RPC's code for an answer that the client did not give; MCP has it for a user who says no. */
const NOT_ANSWERED = -1;
const INVALID_PARAMS = -32_602;

export class LiveCall {
  private readonly controller = new AbortController();
  private readonly questions = new Map<string, Question>();
  private outcome: Promise<unknown> = Promise.resolve();
  private isOver = false;
  private asked = 0;
  private rounds = 0;
  private caller: UpstreamCaller | undefined;
  private wake: (() => void) | undefined;
  private idle: NodeJS.Timeout | undefined;
  private spentMs = 0;
  private resumedAt = performance.now();

  constructor(private readonly idleTimeoutMs: number) {}

  /** @param work what is done with the upstream; it is called once, whatever is asked */
  begin(first: UpstreamCaller, work: (caller: LiveCaller) => Promise<unknown>): this {
    const { principal, meta, client } = first;
    this.resume(first);
    this.outcome = work({
      principal,
      meta,
      client,
      signal: this.controller.signal,
      traceAnswer: (trace) => this.caller?.traceAnswer?.(trace),
      progress: (...progress) => {
        this.touch();
        this.caller?.progress?.(...progress);
      },
      log: (...said) => this.caller?.client?.log(...said),
      ask: (request, signal) => this.ask(client, request, signal),
      activeMs: () => this.spentMs + (this.caller === undefined ? 0 : performance.now() - this.resumedAt),
    }).finally(() => this.end());
    // Who is asked at that moment comes back for it, or never.
    this.outcome.catch(() => undefined);
    return this;
  }

  /**
   * Waits for the outcome, or for the next question.
   * @param park keeps the call until its caller comes back
   * @throws InputRequired with what is asked; what the work throws
   * @throws NoOutcome `unavailable` after too many rounds
   */
  async goOn(caller: UpstreamCaller, park: () => Parking): Promise<unknown> {
    this.resume(caller);
    const onAbort = (): void => this.controller.abort(caller.signal.reason);
    caller.signal.addEventListener('abort', onAbort, { once: true });
    if (caller.signal.aborted) onAbort();
    try {
      for (const [name, answer] of Object.entries(caller.client?.responses ?? {})) this.questions.get(name)?.settle({ answer });
      // A question may be taken back before this goes on: then the next is waited for.
      while (!this.isOver && this.questions.size === 0) await new Promise<void>((resolve) => (this.wake = resolve));
      if (this.isOver) return await this.outcome;
    } finally {
      caller.signal.removeEventListener('abort', onAbort);
      this.pause();
    }
    const requests = Object.fromEntries([...this.questions].map(([name, { request }]) => [name, request]));
    return this.parked(requests, park);
  }

  /** Nobody comes back for it. */
  giveUp(reason: Error): void {
    const error = new ProtocolError(NOT_ANSWERED, reason.message);
    for (const question of [...this.questions.values()]) question.settle({ error });
    this.controller.abort(reason instanceof Failure ? reason : new Failure('cancelled', 'the client did not come back'));
  }

  private parked(requests: Readonly<Record<string, InputRequest>>, park: () => Parking): never {
    let parking: Parking;
    try {
      if (++this.rounds > MOST_ROUNDS)
        throw new NoOutcome(new Failure('unavailable', `a client is asked in at most ${MOST_ROUNDS} rounds`));
      parking = park();
    } catch (error) {
      this.giveUp(error as Error);
      throw error;
    }
    throw new InputRequired(requests, parking.ticket, (reason) => {
      parking.release();
      this.giveUp(reason);
    });
  }

  private async ask(client: CallingClient | undefined, request: InputRequest, signal: AbortSignal): Promise<object> {
    const name = `question-${++this.asked}`;
    const missing = missingCapabilities({ [name]: request }, client?.capabilities ?? {});
    if (missing !== undefined)
      throw new ProtocolError(INVALID_PARAMS, `the client of this call has no ${Object.keys(missing).join(' and ')}`);
    if (this.isOver || this.controller.signal.aborted) throw new ProtocolError(NOT_ANSWERED, 'the call is over');
    if (signal.aborted) throw new ProtocolError(NOT_ANSWERED, 'taken back');
    if (this.asked > MOST_QUESTIONS) throw new ProtocolError(NOT_ANSWERED, `a call asks its client at most ${MOST_QUESTIONS} times`);
    return new Promise((resolve, reject) => {
      const settle: Question['settle'] = (outcome) => {
        if (!this.questions.delete(name)) return;
        signal.removeEventListener('abort', onTakenBack);
        if ('answer' in outcome) resolve(outcome.answer);
        else reject(outcome.error);
      };
      const onTakenBack = (): void => settle({ error: new ProtocolError(NOT_ANSWERED, 'taken back') });
      signal.addEventListener('abort', onTakenBack, { once: true });
      this.questions.set(name, { request, settle });
      this.wakeUp();
    });
  }

  private end(): void {
    this.isOver = true;
    clearTimeout(this.idle);
    for (const question of [...this.questions.values()]) question.settle({ error: new ProtocolError(NOT_ANSWERED, 'the call is over') });
    this.wakeUp();
  }

  private wakeUp(): void {
    this.wake?.();
    this.wake = undefined;
  }

  private resume(caller: UpstreamCaller): void {
    this.caller = caller;
    this.resumedAt = performance.now();
    this.touch();
  }

  private pause(): void {
    this.spentMs += performance.now() - this.resumedAt;
    this.caller = undefined;
    clearTimeout(this.idle);
  }

  /** It is not silent. */
  private touch(): void {
    clearTimeout(this.idle);
    if (this.isOver || this.caller === undefined) return;
    const silent = (): void => this.controller.abort(new SdkError(SdkErrorCode.RequestTimeout, 'nothing was heard of it'));
    this.idle = setTimeout(silent, this.idleTimeoutMs).unref();
  }
}
