// Slows those who guess: failed authentications are counted per address and per API key. Not how many requests one may make:
// that is the throttler's.
import { Inject, Injectable } from '@nestjs/common';
import { normalizeIp } from '@nestjs/throttler';

import { Clock } from '../extension/clock.js';
import { Failure } from '../extension/failure.js';
import { apiKeyIdOf } from './api-key-format.js';
import type { Credential } from './credential.js';
import { WindowCounter } from './window-counter.js';

const WINDOW_MS = 60_000;
export const MAX_FAILURES_OF_ADDRESS = 20;
export const MAX_FAILURES_OF_KEY = 10;

export interface Attempt {
  /** The client's. An IPv6 network of /64 counts as one. */
  readonly address: string;
  readonly credential: Credential;
}

@Injectable()
export class FailedAuthLimiter {
  private readonly ofAddress = new WindowCounter(WINDOW_MS);
  private readonly ofKey = new WindowCounter(WINDOW_MS);

  constructor(@Inject(Clock) private readonly clock: Clock) {}

  /**
   * Runs an attempt to authenticate, synchronously where that is. Who has failed too often is told `rate_limited` in place of
   * `authentication_failed`. A right key, ticket or JWT passes all the same: nobody guesses one, and one broken agent must not lock out
   * all who share its address. What looking at them costs is bounded by how many requests an address may make.
   * @throws Failure rate_limited, and what `authenticate` throws
   */
  watch<T>({ address, credential }: Attempt, authenticate: () => T | Promise<T>): T | Promise<T> {
    const isToken = credential.kind === 'token';
    const failed = (error: unknown): never => this.failed(normalizeIp(address), isToken ? apiKeyIdOf(credential.value) : undefined, error);
    try {
      const result = authenticate();
      return result instanceof Promise ? result.catch(failed) : result;
    } catch (error) {
      return failed(error);
    }
  }

  private failed(network: string, keyId: string | undefined, error: unknown): never {
    if (!(error instanceof Failure) || error.kind !== 'authentication_failed') throw error;
    const now = this.clock.now();
    this.ofAddress.add(network, now);
    if (keyId !== undefined) this.ofKey.add(keyId, now);
    this.refuseIfOver(this.ofAddress, network, MAX_FAILURES_OF_ADDRESS + 1, 'ip', error);
    if (keyId !== undefined) this.refuseIfOver(this.ofKey, keyId, MAX_FAILURES_OF_KEY + 1, 'user', error);
    throw error;
  }

  private refuseIfOver(counter: WindowCounter, name: string, limit: number, scope: 'ip' | 'user', cause: Failure): void {
    const now = this.clock.now();
    if (counter.count(name, now) < limit) return;
    const data = { retry_after_ms: counter.remainingMs(name, now), scope };
    throw new Failure('rate_limited', 'too many failed authentications', data, { cause });
  }
}
