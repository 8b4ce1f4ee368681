// What a credential proved, in the words of the rest of the server. Never the credential itself.
import { AGENT_SCOPES, type Principal } from '../extension/principal.js';

/**
 * The credential behind a connection, by a name that may be logged. A ticket has none of its own: who comes with one is
 * there by the credential that got it, and goes when that goes.
 */
export interface CredentialRef {
  readonly kind: 'api_key' | 'jwt' | 'anonymous';
  /** Of an API key its id; of a JWT 22 characters of its hash. */
  readonly id: string;
}

export interface Authenticated {
  readonly principal: Principal;
  readonly credential: CredentialRef;
  /** Milliseconds since the Unix epoch from which the credential is no longer good. Absent: it has no end. May be very far away. */
  readonly expiresAt?: number;
}

/** The tenant whose admins run the server. */
export const OPERATOR_TENANT = 'default';

/** Who calls without a credential where `require_auth` is false: everything but the server's own affairs (PROTOCOL.md §1). */
export const ANONYMOUS: Authenticated = Object.freeze({
  principal: Object.freeze({
    id: 'anonymous',
    tenant: OPERATOR_TENANT,
    scopes: Object.freeze([...AGENT_SCOPES]),
  }),
  credential: Object.freeze({ kind: 'anonymous', id: 'anonymous' }),
} as const);
