// Runs the passport strategies of this application over a credential, for REST and for the upgrade alike. Its registry is its
// own: passport's default one is the whole process's, where a second application's strategies would take the first one's place.
import { Injectable } from '@nestjs/common';
import passport from 'passport';

import { Failure } from '../extension/failure.js';
import { API_KEY_STRATEGY, ApiKeyStrategy } from './api-key.strategy.js';
import type { Authenticated } from './authenticated.js';
import { AuthenticationAudit } from './authentication-audit.js';
import type { Credential } from './credential.js';
import type { CredentialRequest } from './credential.strategy.js';
import { JWT_STRATEGY, JwtStrategy } from './jwt.strategy.js';
import { refused } from './refusal.js';
import { TICKET_STRATEGY, TicketStrategy } from './ticket.strategy.js';

const STRATEGIES: Readonly<Record<Credential['kind'], string[]>> = {
  token: [API_KEY_STRATEGY, JWT_STRATEGY],
  ticket: [TICKET_STRATEGY],
};

@Injectable()
export class CredentialPassport {
  private readonly registry = new passport.Passport();

  constructor(
    apiKey: ApiKeyStrategy,
    jwt: JwtStrategy,
    ticket: TicketStrategy,
    private readonly attempts: AuthenticationAudit,
  ) {
    this.registry.use(API_KEY_STRATEGY, apiKey).use(JWT_STRATEGY, jwt).use(TICKET_STRATEGY, ticket);
  }

  /**
   * @param address the client's, for slowing failures
   * @throws Failure as `Authenticator.authenticate`
   */
  async authenticate(credential: Credential, address: string): Promise<Authenticated> {
    return this.attempts.watch({ address, credential }, () => this.run(credential));
  }

  private run(credential: Credential): Promise<Authenticated> {
    return new Promise((resolve, reject) => {
      const decided = (error: Error | null | undefined, user?: unknown, challenges?: unknown): void => {
        if (error) reject(error);
        else if (user) resolve(user as Authenticated);
        else reject(failureOf(challenges));
      };
      const request: CredentialRequest = { credential };
      const attempt = this.registry.authenticate(STRATEGIES[credential.kind], { session: false }, decided) as (
        request: CredentialRequest,
        response: undefined,
        next: (error?: Error) => void,
      ) => void;
      attempt(request, undefined, decided);
    });
  }
}

/** passport-jwt hands on why a token was refused as a challenge. */
function failureOf(challenges: unknown): Failure {
  const reasons: unknown[] = Array.isArray(challenges) ? challenges : [challenges];
  return reasons.find((reason) => reason instanceof Failure) ?? refused('unknown_form');
}
