// Requests that the server has sent to a peer and that wait for its answer.
import { Failure, type FailureKind } from '../extension/failure.js';
import { PeerFailure, type PeerRequestOptions } from '../extension/channel.js';
import type { TraceContext } from '../extension/trace-context.js';

interface Waiting {
  readonly options: PeerRequestOptions;
  settle(outcome: { result: unknown } | { failure: Failure }): void;
}

type PeerOutcome = { result: unknown } | { error: { code: number; message: string; data?: unknown } };

/** Codes of a peer's error that keep their meaning at our caller; all others are the peer's own trouble. */
const KINDS: Readonly<Record<number, FailureKind>> = {
  4005: 'invalid_params',
  4006: 'cancelled',
  4009: 'not_found',
  4014: 'timed_out',
  4016: 'unavailable',
};

export class PeerRequests {
  private readonly waiting = new Map<string, Waiting>();

  get size(): number {
    return this.waiting.size;
  }

  /** @param cancel tells the peer that its answer is no longer awaited */
  add(id: string, options: PeerRequestOptions, cancel: () => void): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const giveUp = (failure: Failure): void => {
        cancel();
        settle({ failure });
      };
      const onAbort = (): void => {
        const reason: unknown = options.signal?.reason;
        giveUp(reason instanceof Failure ? reason : new Failure('cancelled', 'cancelled'));
      };
      const timer =
        options.timeoutMs === undefined
          ? undefined
          : setTimeout(() => giveUp(new Failure('timed_out', `the peer did not answer within ${options.timeoutMs} ms`)), options.timeoutMs);
      const settle = (outcome: { result: unknown } | { failure: Failure }): void => {
        if (!this.waiting.delete(id)) return;
        clearTimeout(timer);
        options.signal?.removeEventListener('abort', onAbort);
        if ('failure' in outcome) reject(outcome.failure);
        else resolve(outcome.result);
      };
      this.waiting.set(id, { options, settle });
      if (options.signal?.aborted === true) onAbort();
      else options.signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  settle(id: string, outcome: PeerOutcome, trace?: TraceContext): void {
    const waiting = this.waiting.get(id);
    if (waiting === undefined) return;
    if (trace !== undefined) waiting.options.onTrace?.(trace);
    if ('result' in outcome) {
      waiting.settle(outcome);
      return;
    }
    const { code, message, data } = outcome.error;
    const details = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : undefined;
    const kind = KINDS[code];
    waiting.settle({ failure: kind === undefined ? new PeerFailure(message, details) : new Failure(kind, message, details) });
  }

  progress(id: string, progress: { progress: number; total?: number; message?: string }, trace?: TraceContext): void {
    this.waiting.get(id)?.options.onProgress?.(progress, trace);
  }

  rejectAll(failure: Failure): void {
    for (const waiting of [...this.waiting.values()]) waiting.settle({ failure });
  }
}
