// From a JWT to whose it is (PROTOCOL.md §8). jose does the cryptography; what each claim means is jwt-claims.ts.
import { Inject, Injectable } from '@nestjs/common';
import { errors, jwtVerify, type JWTPayload, type JWTVerifyOptions } from 'jose';

import { Config } from '../config/config.js';
import { keepCallerToken } from '../extension/caller-token.js';
import { Clock } from '../extension/clock.js';
import { Failure } from '../extension/failure.js';
import type { Authenticated } from './authenticated.js';
import { authenticatedOf, CLOCK_TOLERANCE_S } from './jwt-claims.js';
import { jwtKeys, type JwtKeys } from './jwt-keys.js';
import { jwtRefusal } from './jwt-refusal.js';
import { refused } from './refusal.js';

/** Three parts; with `none` the last is empty. */
const FORM = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/;

export const hasJwtForm = (text: string): boolean => FORM.test(text);

@Injectable()
export class JwtVerifier {
  private readonly keys: JwtKeys | undefined;

  /** @throws Error when the configured key cannot serve */
  constructor(
    @Inject(Config) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    this.keys = jwtKeys(config.auth.jwt, clock);
  }

  /**
   * @throws Failure authentication_failed; unavailable when the issuer's keys cannot be fetched, which is not the caller's fault
   */
  async verify(token: string): Promise<Authenticated> {
    if (!hasJwtForm(token)) throw refused('unknown_form');
    if (this.keys === undefined) throw refused('jwt_not_configured');
    const claims = await verifiedClaims(token, this.keys, this.options(this.keys)).catch((error: unknown) => {
      throw error instanceof Failure ? error : jwtRefusal(error, this.config.auth.jwt);
    });
    const authenticated = authenticatedOf(token, claims, this.config.auth.jwt);
    keepCallerToken(authenticated.principal, token);
    return authenticated;
  }

  private options({ algorithms }: JwtKeys): JWTVerifyOptions {
    const { issuer, audience } = this.config.auth.jwt;
    return {
      algorithms: [...algorithms],
      requiredClaims: ['exp', 'sub'],
      clockTolerance: CLOCK_TOLERANCE_S,
      currentDate: new Date(this.clock.now()),
      ...(issuer !== undefined && { issuer }),
      ...(audience !== undefined && { audience }),
    };
  }
}

async function verifiedClaims(token: string, { key }: JwtKeys, options: JWTVerifyOptions): Promise<JWTPayload> {
  if (typeof key !== 'function') return (await jwtVerify(token, key, options)).payload;
  try {
    return (await jwtVerify(token, key, options)).payload;
  } catch (error) {
    if (error instanceof errors.JWKSMultipleMatchingKeys) return verifiedByOneOf(error, token, options);
    throw error;
  }
}

/** A token that does not name its key (`kid`), while the issuer has several. */
async function verifiedByOneOf(candidates: errors.JWKSMultipleMatchingKeys, token: string, options: JWTVerifyOptions): Promise<JWTPayload> {
  for await (const key of candidates) {
    try {
      return (await jwtVerify(token, key, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw new errors.JWSSignatureVerificationFailed();
}
