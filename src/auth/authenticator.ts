// From a credential to who calls: the one place that knows the kinds of credentials. Where a request carries one: credential.ts.
import { Injectable } from '@nestjs/common';

import { ApiKeyVerifier } from './api-key-verifier.js';
import type { Authenticated } from './authenticated.js';
import { AuthenticationAudit } from './authentication-audit.js';
import { MAX_CREDENTIAL_LENGTH } from './credential.js';
import { JwtVerifier } from './jwt-verifier.js';
import { refused } from './refusal.js';

@Injectable()
export class Authenticator {
  constructor(
    private readonly apiKeys: ApiKeyVerifier,
    private readonly tokens: JwtVerifier,
    private readonly attempts: AuthenticationAudit,
  ) {}

  /**
   * An API key (answered synchronously) or a JWT, as in `initialize.params.token` and `session.authenticate`.
   * @param address the client's, for slowing failures
   * @throws Failure, or rejects with one: authentication_failed, in words that do not tell what was wrong; rate_limited after too many of those;
   *   unavailable when the issuer's keys cannot be had
   */
  authenticate(token: string, address: string): Authenticated | Promise<Authenticated> {
    return this.attempts.watch({ address, credential: { kind: 'token', value: token } }, () => {
      if (token.length > MAX_CREDENTIAL_LENGTH) throw refused('too_long');
      return this.apiKeys.verify(token) ?? this.tokens.verify(token);
    });
  }
}
