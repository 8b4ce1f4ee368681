// JSON Web Tokens for tests, signed with a shared secret.
import { SignJWT } from 'jose';

export async function signJwt(secret: string, claims: Record<string, unknown>, expiresIn: string | number = '5m'): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime(expiresIn)
    .sign(new TextEncoder().encode(secret));
}
