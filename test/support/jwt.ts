// JSON Web Tokens for tests, signed with a shared secret.
import { SignJWT } from 'jose';

import { plantToken } from './planted-secrets.js';

export async function signJwt(secret: string, claims: Record<string, unknown>, expiresIn: string | number = '5m'): Promise<string> {
  const jwt = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime(expiresIn)
    .sign(new TextEncoder().encode(secret));
  plantToken('a JWT', jwt);
  return jwt;
}
