// Who asks for an upgrade to WebSocket. What follows from there being no credential is the caller's to decide.
import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';

import type { Authenticated } from './authenticated.js';
import { AuthenticationAudit } from './authentication-audit.js';
import { ClientAddress } from './client-address.js';
import { CredentialPassport } from './credential-passport.js';
import { upgradeCredentialOf } from './credential.js';

@Injectable()
export class UpgradeAuthenticator {
  constructor(
    private readonly passport: CredentialPassport,
    private readonly addresses: ClientAddress,
    private readonly attempts: AuthenticationAudit,
  ) {}

  /**
   * @returns null when the request carries no credential
   * @throws Failure authentication_failed, rate_limited or unavailable; a wrong credential is refused whatever `require_auth` says
   */
  async authenticate(request: IncomingMessage): Promise<Authenticated | null> {
    const address = this.addresses.of(request);
    const credential = this.attempts.find(address, () => upgradeCredentialOf(request));
    return credential === null ? null : this.passport.authenticate(credential, address);
  }
}
