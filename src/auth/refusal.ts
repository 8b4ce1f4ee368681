// How an authentication is refused: to the client in words that do not tell which part of the credential was wrong, for the operator with
// the reason. That it has expired is told, since only who once held a good one can bring it that far; and that the header's form is
// wrong, which is no secret.
import { Failure } from '../extension/failure.js';

/** For the log and the audit: a closed list, and nothing that a client sent. */
export type RefusalReason =
  | 'header_form'
  | 'unknown_form'
  | 'too_long'
  | 'api_key_wrong'
  | 'api_key_expired'
  | 'ticket_wrong'
  | 'ticket_expired'
  | 'jwt_not_configured'
  | 'jwt_malformed'
  | 'jwt_algorithm'
  | 'jwt_key'
  | 'jwt_signature'
  | 'jwt_issuer'
  | 'jwt_audience'
  | 'jwt_not_yet_valid'
  | 'jwt_expired'
  | 'jwt_expiry'
  | 'jwt_subject'
  | 'jwt_tenant';

/** What of a claim the operator may read: what was wanted, and what a token with a good signature had. Never a whole token. */
export interface ClaimMismatch {
  readonly expected: string;
  readonly found: string;
}

/** Of the kind `authentication_failed`. */
export class CredentialRefused extends Failure {
  constructor(
    readonly reason: RefusalReason,
    message: string,
    readonly mismatch?: ClaimMismatch,
  ) {
    super('authentication_failed', message);
  }
}

export const refused = (reason: RefusalReason, mismatch?: ClaimMismatch): CredentialRefused =>
  new CredentialRefused(reason, 'the credential is not valid', mismatch);

export const expired = (reason: RefusalReason): CredentialRefused => new CredentialRefused(reason, 'the credential has expired');

export const wrongForm = (): CredentialRefused =>
  new CredentialRefused('header_form', 'the Authorization header has the wrong form; it is Authorization: Bearer <API key or JWT>');
