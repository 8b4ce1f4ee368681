// JWTs by somebody who has the issuer's public key, as anybody may, and one good token to learn from: none of theirs is taken.
import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

import { beforeAll, describe, expect, it } from 'vitest';

import { startServer, type TestServer } from '../support/start-server.js';

const issuer = generateKeyPairSync('rsa', { modulusLength: 2048 });
const attacker = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PEM = issuer.publicKey.export({ type: 'spki', format: 'pem' }) as string;

const claims = { sub: 'ada', tenant: 'acme', scopes: ['admin'], exp: Math.floor(Date.now() / 1000) + 600 };
const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function rs256(key: KeyObject, header: object = {}, payload: object = claims): string {
  const signed = `${base64url({ alg: 'RS256', typ: 'JWT', ...header })}.${base64url(payload)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}

function hs256(secret: string | Buffer, header: object = {}): string {
  const signed = `${base64url({ alg: 'HS256', typ: 'JWT', ...header })}.${base64url(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const good = rs256(issuer.privateKey);
const [head = '', body = '', signature = ''] = good.split('.');

const forged: readonly (readonly [string, string])[] = [
  ['with the algorithm none', `${base64url({ alg: 'none' })}.${body}.`],
  ['with the algorithm None', `${base64url({ alg: 'None' })}.${body}.${signature}`],
  ['without a signature', `${head}.${body}.`],
  ['with the public key as the secret of HS256', hs256(PEM)],
  ['with the public key, trimmed, as the secret of HS256', hs256(PEM.trim())],
  ['with the public key’s bytes as the secret of HS256', hs256(issuer.publicKey.export({ type: 'spki', format: 'der' }))],
  ['with an empty secret', hs256('')],
  ['with a key id that is a path to an empty file', hs256('', { kid: '../../../../dev/null' })],
  ['with a key of its own in the head', rs256(attacker.privateKey, { jwk: attacker.publicKey.export({ format: 'jwk' }) })],
  ['with an address of keys of its own', rs256(attacker.privateKey, { jku: 'http://127.0.0.1:9/keys' })],
  ['with a critical extension that nobody knows', rs256(issuer.privateKey, { crit: ['odd'], odd: true })],
  ['with other claims under a good signature', `${head}.${base64url({ ...claims, tenant: 'default' })}.${signature}`],
  ['that says it is of another algorithm', rs256(issuer.privateKey, { alg: 'ES256' })],
  ['without an end', rs256(issuer.privateKey, {}, { ...claims, exp: undefined })],
  ['with an end that is text', rs256(issuer.privateKey, {}, { ...claims, exp: '9999999999' })],
  ['with a list of tenants', rs256(issuer.privateKey, {}, { ...claims, tenant: ['acme', 'default'] })],
  ['with a tenant that is no name', rs256(issuer.privateKey, {}, { ...claims, tenant: 'acme\ndefault' })],
  ['with a subject that is no name', rs256(issuer.privateKey, {}, { ...claims, sub: 'ada\n{"level":60}' })],
];

describe('a token', () => {
  let server: TestServer;
  beforeAll(async () => {
    // Failures of one address are slowed; here each comes from another.
    server = await startServer({
      config: { auth: { jwt: { public_key: PEM } }, websocket: { security: { trusted_proxies: ['127.0.0.1'] } } },
    });
  });

  it('of the issuer is taken', async () => {
    const client = await server.client({ jwt: good });
    expect((await client.request('tool.list')).error).toBeUndefined();
    expect((await server.rest('GET', '/api/v1/limits', undefined, good)).status).toBe(200);
  });

  it.each(forged)('%s is refused, over WebSocket, REST and MCP', async (name, token) => {
    const headers = { 'x-forwarded-for': `192.0.2.${forged.findIndex(([other]) => other === name)}` };
    await expect(server.connect({ jwt: token, headers })).rejects.toMatchObject({ status: 401, body: { error: { code: 4001 } } });
    expect((await server.rest('GET', '/api/v1/limits', undefined, token, headers)).status).toBe(401);
    const mcp = await fetch(`${server.url}/mcp`, {
      method: 'POST',
      headers: {
        ...headers,
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
    });
    expect(mcp.status).toBe(401);
    const inBand = await server.connect({ anonymous: true, headers });
    expect((await inBand.request('initialize', { name: 'x', version: '1', token })).error?.code).toBe(4001);
  });
});
