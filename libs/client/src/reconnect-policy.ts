// Whether to come back after a connection ended, and when (protocol §7): exponential backoff with full jitter, the server's own
// hints obeyed, and no coming back as one was where the fault was the client's.
import { CloseCode, ErrorCode, mayReconnect } from '@mcpw/protocol';

import type { Settings } from './client-options.js';
import type { Ending } from './ending.js';
import { ConnectionLostError, InvalidOptionError, wordsOf } from './errors.js';
import type { Platform } from './platform.js';

/** A connection that held so long begins anew: with short waits, and with a credential that was accepted. */
const STABLE_MS = 5_000;
/** Closed without a code, by something between, or by a failing TLS: the network's doing. */
const NETWORK_CODES: ReadonlySet<number> = new Set([1005, 1014, 1015]);
const RETRIED_STATUSES: ReadonlySet<number> = new Set([408, 425, 429]);
const RETRIED_CODES: ReadonlySet<number> = new Set([
  ErrorCode.RATE_LIMITED,
  ErrorCode.SERVER_ERROR,
  ErrorCode.TIMED_OUT,
  ErrorCode.UNAVAILABLE,
]);

export type Verdict = { readonly retryInMs: number } | { readonly stop: Error };

export class ReconnectPolicy {
  private attempts = 0;
  private openedAt: number | undefined;
  private notBefore: number | undefined;
  /** Whether a fresh credential was fetched because one was refused, and no connection that held came of it yet. */
  private triedFresh = false;

  constructor(
    private readonly options: Settings['reconnect'],
    private readonly credentialIsRenewable: boolean,
    private readonly platform: Pick<Platform, 'clock' | 'random'>,
  ) {}

  opened(): void {
    this.openedAt = this.platform.clock.now();
  }

  /** `server.draining`: a time of this client's own, already jittered. */
  draining(reconnectInMs: number): void {
    this.notBefore = this.platform.clock.now() + reconnectInMs;
  }

  judge(ending: Ending): Verdict {
    const { notBefore, openedAt, options } = this;
    const now = this.platform.clock.now();
    this.openedAt = this.notBefore = undefined;
    if (openedAt !== undefined && now - openedAt >= STABLE_MS) {
      this.attempts = 0;
      this.triedFresh = false;
    }
    if (options === undefined || !this.mayRetry(ending)) return { stop: errorOf(ending) };
    if (this.attempts >= options.maxAttempts) {
      return { stop: new ConnectionLostError(`no connection after ${this.attempts} attempts`, undefined, { cause: errorOf(ending) }) };
    }
    const jitterMs = this.platform.random() * Math.min(options.maxMs, options.baseMs * 2 ** this.attempts);
    this.attempts++;
    if (notBefore !== undefined) return { retryInMs: Math.max(0, notBefore - now) };
    return { retryInMs: Math.ceil(retryAfterMs(ending) + jitterMs) };
  }

  private mayRetry(ending: Ending): boolean {
    switch (ending.kind) {
      case 'closed':
        if (ending.code === CloseCode.UNAUTHENTICATED) return this.mayTryFresh();
        return mayReconnect(ending.code) || NETWORK_CODES.has(ending.code);
      case 'refused': {
        const { status } = ending.error;
        return status === 401 ? this.mayTryFresh() : status >= 500 || RETRIED_STATUSES.has(status);
      }
      case 'rejected':
        return ending.error.code === ErrorCode.AUTHENTICATION_FAILED ? this.mayTryFresh() : RETRIED_CODES.has(ending.error.code);
      case 'unreachable':
        return true;
      case 'unsupported':
        return false;
      case 'no-credential':
        // A function that could not get one may the next time; one that gave none is written so.
        return this.credentialIsRenewable && !(ending.error instanceof InvalidOptionError);
    }
  }

  private mayTryFresh(): boolean {
    if (!this.credentialIsRenewable || this.triedFresh) return false;
    return (this.triedFresh = true);
  }
}

export function errorOf(ending: Ending): Error {
  if (ending.kind === 'refused' || ending.kind === 'rejected' || ending.kind === 'unsupported') return ending.error;
  if (ending.kind === 'closed') {
    return new ConnectionLostError(
      `the connection was closed: ${ending.code}${ending.reason === '' ? '' : ` ${ending.reason}`}`,
      ending.code,
    );
  }
  if (ending.error instanceof InvalidOptionError) return ending.error;
  const what = ending.kind === 'unreachable' ? 'the server cannot be reached' : 'there is no credential';
  const { error } = ending;
  return new ConnectionLostError(`${what}: ${wordsOf(error)}`, undefined, { cause: error });
}

function retryAfterMs(ending: Ending): number {
  if (ending.kind === 'refused') return ending.error.retryAfterMs ?? 0;
  return ending.kind === 'rejected' ? retryAfterOf(ending.error.data) : 0;
}

/** `retry_after_ms` of an error's data; 0 where it has none. */
export function retryAfterOf(data: unknown): number {
  const ms = typeof data === 'object' && data !== null ? (data as { retry_after_ms?: unknown }).retry_after_ms : undefined;
  return typeof ms === 'number' && ms > 0 ? ms : 0;
}
