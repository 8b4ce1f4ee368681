// Every attempt to authenticate, by whatever way it came, as the audit log has it: who, or why not; never the credential. Why not, the log of
// the server tells as well.
import { Inject, Injectable, Optional } from '@nestjs/common';

import { AuditLog, NO_AUDIT } from '../extension/audit-log.js';
import { Failure } from '../extension/failure.js';
import { apiKeyIdOf } from './api-key-format.js';
import type { Authenticated } from './authenticated.js';
import type { Credential } from './credential.js';
import { FailedAuthLimiter, type Attempt } from './failed-auth-limiter.js';
import { hasJwtForm } from './jwt-verifier.js';
import { CredentialRefused } from './refusal.js';
import { RefusalLog } from './refusal-log.js';

@Injectable()
export class AuthenticationAudit {
  constructor(
    private readonly limiter: FailedAuthLimiter,
    private readonly refusals: RefusalLog,
    @Optional() @Inject(AuditLog) private readonly log: AuditLog = NO_AUDIT,
  ) {}

  /** As `FailedAuthLimiter.watch`. */
  watch(attempt: Attempt, authenticate: () => Authenticated | Promise<Authenticated>): Authenticated | Promise<Authenticated> {
    const succeeded = (authenticated: Authenticated): Authenticated => this.succeeded(attempt, authenticated);
    const failed = (error: unknown): never => this.failed(attempt.address, kindOf(attempt.credential), error);
    try {
      const result = this.limiter.watch(attempt, authenticate);
      return result instanceof Promise ? result.then(succeeded, failed) : succeeded(result);
    } catch (error) {
      return failed(error);
    }
  }

  /** Looks where a request carries its credential. What cannot be read as one is an attempt too. @throws Failure as `look` */
  find(address: string, look: () => Credential | null): Credential | null {
    try {
      return look();
    } catch (error) {
      return this.failed(address, 'unknown', error);
    }
  }

  /** A credential was needed, and none came. */
  missing(address: string): void {
    this.log.record({ action: 'authenticate', outcome: 'authentication_failed', address, target: 'none' });
  }

  private succeeded({ address }: Attempt, authenticated: Authenticated): Authenticated {
    const { principal, credential } = authenticated;
    const { id: principalId, tenant } = principal;
    this.log.record({ action: 'authenticate', outcome: 'ok', tenant, principal: principalId, address, target: credential.kind });
    return authenticated;
  }

  private failed(address: string, target: string, error: unknown): never {
    const outcome = error instanceof Failure ? error.kind : 'server_error';
    const refusal = refusalIn(error);
    if (refusal !== undefined) this.refusals.note(refusal, address);
    this.log.record({ action: 'authenticate', outcome, address, target, reason: refusal?.reason });
    throw error;
  }
}

/** Who failed too often is told that, in place of why. */
function refusalIn(error: unknown): CredentialRefused | undefined {
  return [error, (error as { cause?: unknown }).cause].find((candidate) => candidate instanceof CredentialRefused);
}

/** The id of a key that was tried is no secret, and tells which one is under attack. */
function kindOf({ kind, value }: Attempt['credential']): string {
  if (kind === 'ticket') return kind;
  const keyId = apiKeyIdOf(value);
  if (keyId !== undefined) return `key:${keyId}`;
  return hasJwtForm(value) ? 'jwt' : 'unknown';
}
