// Waits for work that may ignore that nobody wants it any more.
import { Failure } from '../extension/failure.js';
import { NoOutcome } from './tool-source.js';

export interface Patience {
  /** Aborted with a `Failure` when the answer is no longer awaited. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** What is waited for, for the message: `tool echo`. */
  readonly what: string;
  readonly onGivenUp: (failure: Failure) => void;
}

/** @throws NoOutcome when time is up or the signal aborts, whatever the work does; otherwise as the work does */
export function inTime<T>(work: PromiseLike<T>, patience: Patience): Promise<T> {
  const { signal, timeoutMs, what, onGivenUp } = patience;
  return new Promise((resolve, reject) => {
    const giveUp = (failure: Failure): void => {
      release();
      onGivenUp(failure);
      reject(new NoOutcome(failure));
    };
    const onAbort = (): void => giveUp(signal.reason instanceof Failure ? signal.reason : new Failure('cancelled', 'cancelled'));
    const timer = setTimeout(() => giveUp(new Failure('timed_out', `${what} did not finish within ${timeoutMs} ms`)), timeoutMs);
    const release = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    work.then(
      (value) => {
        release();
        resolve(value);
      },
      (error: Error) => {
        release();
        reject(error);
      },
    );
  });
}
