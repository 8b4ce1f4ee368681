// Why jose did not take a token, in our words. Who sent it is told nothing of it.
import { errors } from 'jose';

import type { JwtConfig } from '../config/config.js';
import { expired, refused, type ClaimMismatch, type CredentialRefused, type RefusalReason } from './refusal.js';

const OF_CLAIM: Readonly<Record<string, RefusalReason>> = {
  nbf: 'jwt_not_yet_valid',
  exp: 'jwt_expiry',
  sub: 'jwt_subject',
};
const SHOWN_LENGTH = 128;

/** @param error what jose threw */
export function jwtRefusal(error: unknown, { issuer, audience }: Pick<JwtConfig, 'issuer' | 'audience'>): CredentialRefused {
  if (error instanceof errors.JWTExpired) return expired('jwt_expired');
  if (error instanceof errors.JWTClaimValidationFailed) {
    const { claim, payload } = error;
    if (claim === 'iss') return refused('jwt_issuer', mismatch(issuer, payload.iss));
    if (claim === 'aud') return refused('jwt_audience', mismatch(audience, payload.aud));
    return refused(OF_CLAIM[claim] ?? 'jwt_malformed');
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return refused('jwt_signature');
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) return refused('jwt_algorithm');
  if (error instanceof errors.JWKSNoMatchingKey) return refused('jwt_key');
  return refused('jwt_malformed');
}

/** The issuer signed the claim before it is looked at, but what is in it may be long, or no text. */
function mismatch(expected = 'any', claim: unknown): ClaimMismatch {
  const found = typeof claim === 'string' ? claim : (JSON.stringify(claim) ?? 'none');
  return { expected, found: found.slice(0, SHOWN_LENGTH).replaceAll(/\p{C}/gu, '?') };
}
