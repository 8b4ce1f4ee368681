// The issuer's public keys from its JWKS URL, kept for ten minutes. The URL is the operator's; nothing in a token can change it.
import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { Logger } from '@nestjs/common';

import type { Clock } from '../extension/clock.js';
import { Failure } from '../extension/failure.js';

const FETCH_TIMEOUT_MS = 5_000;
const CACHE_MS = 600_000;
/** A token with an unknown `kid` has the keys fetched anew, but no more often than this. */
const COOLDOWN_MS = 30_000;
/** Nor are they asked for again sooner after a failure: tokens must not become requests to the issuer. */
export const RETRY_MS = 5_000;

/**
 * The getter of keys that jose wants. It throws jose's own error when no key fits the token, and Failure `unavailable`
 * when the keys cannot be had, which is not the caller's fault.
 */
export function remoteKeys(url: string, clock: Clock): JWTVerifyGetKey {
  const logger = new Logger('Jwks');
  const fetched = createRemoteJWKSet(new URL(url), {
    timeoutDuration: FETCH_TIMEOUT_MS,
    cacheMaxAge: CACHE_MS,
    cooldownDuration: COOLDOWN_MS,
  });
  let failedUntil = 0;
  return async (header, token) => {
    if (clock.now() < failedUntil && !fetched.fresh) throw unavailable(failedUntil - clock.now());
    try {
      return await fetched(header, token);
    } catch (error) {
      if (isTokensFault(error)) throw error;
      failedUntil = clock.now() + RETRY_MS;
      logger.warn(`the keys at auth.jwt.jwks_url could not be had: ${(error as Error).message}`);
      throw unavailable(RETRY_MS);
    }
  };
}

const isTokensFault = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys || error instanceof errors.JOSENotSupported;

const unavailable = (retryAfterMs: number): Failure =>
  new Failure('unavailable', 'tokens cannot be checked just now', { retry_after_ms: retryAfterMs });
