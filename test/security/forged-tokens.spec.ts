// JWTs by somebody who has the issuer's public key, as anybody may, and one good token to learn from: none of theirs is taken.
import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

import { beforeAll, describe, expect, it } from 'vitest';

import { McpHttp } from '../mcp/support/mcp-http.js';
import { createKey } from '../support/keys.js';
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
  ['with a tenant that is another’s with a part of a subject', rs256(issuer.privateKey, {}, { ...claims, tenant: 'acme:ada' })],
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

/** Who is somebody by a token of the issuer, in words that somebody else may be told by as well. */
const tokenOf = (sub: string, tenant: string): string => rs256(issuer.privateKey, {}, { ...claims, sub, tenant });
const BURST = 40;

describe('two principals of one server', () => {
  let server: TestServer;
  beforeAll(async () => {
    // Only a user's bucket is ever empty.
    const wide = Object.fromEntries(['rate', 'burst', 'ip_rate', 'ip_burst', 'tenant_rate', 'tenant_burst'].map((name) => [name, 100_000]));
    server = await startServer({
      config: {
        auth: { jwt: { public_key: PEM } },
        websocket: { rate_limit: { ...wide, per_user: true, user_rate: 0.001, user_burst: BURST } },
      },
    });
  });

  const keyOf = async (tenant: string): Promise<{ readonly key: string; readonly id: string }> => createKey(server, { tenant });
  it.each<[string, () => Promise<readonly [string, string]>]>([
    ['one subject in two tenants', async () => [tokenOf('bob', 'acme'), tokenOf('bob', 'globex')]],
    ['a subject with a tenant before it', async () => [tokenOf('cyd', 'acme'), tokenOf('acme:cyd', 'globex')]],
    ['a subject with a tenant before it, in that tenant', async () => [tokenOf('dan', 'acme'), tokenOf('acme:dan', 'acme')]],
    ['a subject that is a whole principal', async () => [tokenOf('eve', 'acme'), tokenOf('jwt:acme:eve', 'acme')]],
    [
      'a key, and a subject that is that key',
      async () => {
        const { key, id } = await keyOf('acme');
        return [key, tokenOf(`key:${id}`, 'acme')];
      },
    ],
    [
      'a key, and a subject in another tenant that is that key’s id',
      async () => {
        const { key, id } = await keyOf('acme');
        return [key, tokenOf(id, 'key')];
      },
    ],
  ])('share nothing: %s', async (_, make) => {
    const [own, other] = await make();
    const [first, second] = [await server.connect({ key: own }), await server.connect({ key: other })];
    const { session_id, resume_token } = await first.initialize();
    const { principal } = await second.initialize();

    const created = async (client: typeof first): Promise<string> =>
      (await client.call('context.create', { name: 'x' }, { idempotency_key: 'once' })).id as string;
    const context = await created(first);
    expect(await created(second)).not.toBe(context);
    expect(await created(first)).toBe(context);

    const mine = await new McpHttp(server, { key: own }).open();
    const theirs = new McpHttp(server, { key: other });
    expect((await theirs.send({ jsonrpc: '2.0', id: 1, method: 'ping' }, mine.headers)).status).toBe(404);
    expect((await mine.request('ping')).status).toBe(200);

    first.terminate();
    const resume = { session_id, resume_token };
    const thief = await server.connect({ key: other });
    expect(await thief.initialize({ resume })).toMatchObject({ resumed: false, principal });
    const again = await server.connect({ key: own });
    expect((await again.initialize({ resume })).resumed).toBe(true);

    const answers = await Promise.all(Array.from({ length: BURST }, () => again.request('tool.list', { limit: 1 })));
    expect(answers.at(-1)?.error).toMatchObject({ code: 4002, data: { scope: 'user' } });
    expect((await thief.request('tool.list', { limit: 1 })).error).toBeUndefined();
  });
});
