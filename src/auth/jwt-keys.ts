// What tokens are verified with, from the configuration: the kind of key fixes the algorithms, never the token's header.
// So an RSA public key is never taken for the secret of an HS256 token, and `none` is never among them.
import { createPublicKey, createSecretKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { CryptoKey, JWTVerifyGetKey } from 'jose';

import type { JwtConfig } from '../config/config.js';
import type { Clock } from '../extension/clock.js';
import { remoteKeys } from './jwks.js';

export interface JwtKeys {
  readonly key: KeyObject | CryptoKey | JWTVerifyGetKey;
  readonly algorithms: readonly string[];
}

/** RFC 7518 §3.2: a key of HS256 has at least the size of its hash. */
const MIN_SECRET_BYTES = 32;
const MIN_RSA_BITS = 2048;
const ED25519 = ['EdDSA', 'Ed25519'] as const;

/**
 * @returns undefined when no key is configured: then no token is accepted
 * @throws Error with the setting's name when the key cannot serve, or there are two
 */
export function jwtKeys({ secret, publicKey, jwksUrl }: JwtConfig, clock: Clock): JwtKeys | undefined {
  const given = [secret !== undefined && 'secret', publicKey !== undefined && 'public_key', jwksUrl !== undefined && 'jwks_url'].filter(
    Boolean,
  );
  if (given.length > 1) throw new Error(`auth.jwt: only one of ${given.join(', ')} can be set`);
  if (secret !== undefined) return { key: secretKey(secret), algorithms: ['HS256'] };
  if (publicKey !== undefined) return publicKeyOf(publicKey);
  // A set has public keys only (jose refuses others), so no algorithm with a shared secret.
  if (jwksUrl !== undefined) return { key: remoteKeys(jwksUrl, clock), algorithms: ['RS256', 'ES256', ...ED25519] };
  return undefined;
}

/** In the form that jose verifies with: it would import a `KeyObject` of a secret anew for each token. */
function secretKey(text: string): CryptoKey {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length < MIN_SECRET_BYTES) throw new Error(`auth.jwt.secret: ${bytes.length} bytes, HS256 needs at least ${MIN_SECRET_BYTES}`);
  // Node's type and the web's differ in what they may be used for.
  const key: unknown = createSecretKey(bytes).toCryptoKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
  return key as CryptoKey;
}

function publicKeyOf(text: string): JwtKeys {
  const key = readPublicKey(text);
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'rsa':
      if (modulusLength < MIN_RSA_BITS)
        throw new Error(`auth.jwt.public_key: an RSA key of ${modulusLength} bits, at least ${MIN_RSA_BITS} are needed`);
      return { key, algorithms: ['RS256'] };
    case 'ec':
      if (namedCurve === 'prime256v1') return { key, algorithms: ['ES256'] };
      throw new Error(`auth.jwt.public_key: an EC key on the curve ${namedCurve ?? '?'}, ES256 needs P-256`);
    case 'ed25519':
      return { key, algorithms: ED25519 };
    default:
      throw new Error(`auth.jwt.public_key: a key of type ${key.asymmetricKeyType ?? '?'}, known are RSA, EC P-256 and Ed25519`);
  }
}

function readPublicKey(text: string): KeyObject {
  try {
    const isJwk = text.trimStart().startsWith('{');
    return isJwk ? createPublicKey({ key: JSON.parse(text) as JsonWebKey, format: 'jwk' }) : createPublicKey(text);
  } catch (cause) {
    throw new Error('auth.jwt.public_key: neither a PEM (SPKI) nor a JWK that can be read', { cause });
  }
}
