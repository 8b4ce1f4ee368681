// Waits for a client's first connection: until there is one, there will be none, it took too long, or the caller gives up.
import { ClientClosedError, ConnectionLostError } from './errors.js';
import type { StateChange } from './lifeline.js';
import type { Clock } from './platform.js';

export interface Connecting {
  /** Makes the first attempt. */
  readonly start: () => void;
  readonly onState: (listener: (change: StateChange) => void) => () => void;
  readonly maxWaitMs: number;
  readonly clock: Clock;
}

/** @throws why there is no connection, or the signal's reason */
export async function firstConnection({ start, onState, maxWaitMs, clock }: Connecting, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const releases: (() => void)[] = [];
  let lastError: Error | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const stopListening = onState(({ state, error }) => {
        lastError = error ?? lastError;
        if (state === 'open') resolve();
        if (state === 'closed') reject(error ?? new ClientClosedError());
      });
      const onAbort = (): void => reject(signal?.reason as Error);
      signal?.addEventListener('abort', onAbort, { once: true });
      releases.push(stopListening, () => signal?.removeEventListener('abort', onAbort));
      if (maxWaitMs < Infinity) releases.push(clock.after(maxWaitMs, () => reject(tooLong(maxWaitMs, lastError))));
      start();
    });
  } finally {
    for (const release of releases) release();
  }
}

function tooLong(maxWaitMs: number, cause: Error | undefined): ConnectionLostError {
  return new ConnectionLostError(`no connection for ${maxWaitMs} ms${cause === undefined ? '' : `: ${cause.message}`}`, undefined, {
    cause,
  });
}
