// From the claims of a verified token to who calls. Not whether the token is a good one: jwt-verifier.ts.
import { hash } from 'node:crypto';
import type { JWTPayload } from 'jose';

import type { JwtConfig } from '../config/config.js';
import type { Authenticated } from './authenticated.js';
import { MAX_SCOPES, SCOPE_NAME, TENANT_NAME } from './names.js';
import { refused } from './refusal.js';

/** How far the issuer's clock may be from ours: for that long a token is taken before its `nbf` and after its `exp`. */
export const CLOCK_TOLERANCE_S = 5;

/** No control characters, no lone surrogates, and short enough for a column and a log line. */
const SUBJECT = /^[^\p{C}]{1,255}$/u;
const LAST_DATE_MS = 8_640_000_000_000_000;
const REFERENCE_LENGTH = 22;

/** @throws Failure authentication_failed when the token does not say who it is for: no `exp`, `sub` or tenant, or one that cannot be a name */
export function authenticatedOf(token: string, claims: JWTPayload, config: Pick<JwtConfig, 'tenantClaim' | 'scopesClaim'>): Authenticated {
  const { sub, exp } = claims;
  const tenant = claimOf(claims, config.tenantClaim);
  if (typeof sub !== 'string' || !SUBJECT.test(sub)) throw refused('jwt_subject');
  if (typeof tenant !== 'string' || !TENANT_NAME.test(tenant)) throw refused('jwt_tenant');
  if (typeof exp !== 'number') throw refused('jwt_expiry');
  return {
    principal: { id: `jwt:${tenant}:${sub}`, tenant, scopes: scopesOf(claims, config.scopesClaim) },
    credential: { kind: 'jwt', id: hash('sha256', token, 'base64url').slice(0, REFERENCE_LENGTH) },
    expiresAt: Math.min((exp + CLOCK_TOLERANCE_S) * 1_000, LAST_DATE_MS),
  };
}

/** The configured claim, else `scopes`, else `scope`: a list, or words parted by spaces. What cannot be a scope is left out. */
function scopesOf(claims: JWTPayload, configured: string | undefined): readonly string[] {
  const claim = configured === undefined ? (claimOf(claims, 'scopes') ?? claimOf(claims, 'scope')) : claimOf(claims, configured);
  const words: unknown[] = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : [];
  const scopes = words.filter((word): word is string => typeof word === 'string' && SCOPE_NAME.test(word));
  return [...new Set(scopes)].slice(0, MAX_SCOPES);
}

/** A claim of the token's own, not what every object inherits. */
function claimOf(claims: JWTPayload, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}
