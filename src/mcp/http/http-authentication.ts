// Who makes a request to `/mcp`. A token that was found good is not checked again for a short while: clients send it with each
// request, and a signature costs more than the call it comes with. API keys are compared each time, in three microseconds.
import type { IncomingMessage } from 'node:http';

import { Inject, Injectable } from '@nestjs/common';

import { ANONYMOUS, type Authenticated } from '../../auth/authenticated.js';
import { Authenticator } from '../../auth/authenticator.js';
import { credentialOf } from '../../auth/credential.js';
import { Config } from '../../config/config.js';
import { Clock } from '../../extension/clock.js';
import { Failure } from '../../extension/failure.js';

const KEPT_MS = 30_000;
const KEPT_TOKENS = 1_000;

interface Kept {
  readonly authenticated: Authenticated;
  readonly until: number;
}

@Injectable()
export class HttpAuthentication {
  private readonly kept = new Map<string, Kept>();

  constructor(
    @Inject(Config) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    private readonly authenticator: Authenticator,
  ) {}

  /**
   * @returns at once for API keys and for tokens that came a moment ago
   * @throws Failure, or rejects with one: `authentication_failed`, `rate_limited`, `unavailable`
   */
  authenticate(request: IncomingMessage, address: string): Authenticated | Promise<Authenticated> {
    const credential = credentialOf(request);
    if (credential === null) {
      if (!this.config.websocket.security.requireAuth) return ANONYMOUS;
      throw new Failure('authentication_failed', 'a credential is needed: Authorization: Bearer <API key or token>');
    }
    const known = this.kept.get(credential.value);
    if (known !== undefined && known.until > this.clock.now()) return known.authenticated;
    const outcome = this.authenticator.authenticate(credential.value, address);
    return outcome instanceof Promise ? outcome.then((authenticated) => this.keep(credential.value, authenticated)) : outcome;
  }

  private keep(token: string, authenticated: Authenticated): Authenticated {
    const now = this.clock.now();
    if (this.kept.size >= KEPT_TOKENS) this.kept.clear();
    this.kept.set(token, { authenticated, until: Math.min(now + KEPT_MS, authenticated.expiresAt ?? Infinity) });
    return authenticated;
  }
}
