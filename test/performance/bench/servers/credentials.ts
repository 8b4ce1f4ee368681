// Credentials of ordinary agents, made as their administrator makes them.
import { SignJWT } from 'jose';

import { ADMIN_KEY, JWT_SECRET, type MeasuredProcess } from './measured-process.js';

const SCOPES = ['tools:read', 'tools:execute', 'contexts:read', 'contexts:write', 'events:read', 'events:publish'];

/** An API key that the server keeps in its database. */
export async function createKey({ port }: MeasuredProcess): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'bench', tenant: 'default', scopes: SCOPES }),
  });
  const body = (await response.json()) as { key?: string };
  if (body.key === undefined) throw new Error(`no key was made: ${JSON.stringify(body)}`);
  return body.key;
}

export async function signToken(): Promise<string> {
  const token = new SignJWT({ tenant: 'default', scopes: SCOPES }).setProtectedHeader({ alg: 'HS256' });
  return token.setSubject('agent-1').setIssuedAt().setExpirationTime('1h').sign(new TextEncoder().encode(JWT_SECRET));
}
