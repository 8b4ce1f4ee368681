// PROTOCOL.md §1: the upgrade, credentials, subprotocols and refusals.
import { request, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';

import { beforeAll, describe, expect, it } from 'vitest';

import { SecuredClient } from '../security/support/secured-client.js';
import { signJwt } from '../support/jwt.js';
import { createKey } from '../support/keys.js';
import { ENCODINGS } from '../support/message.js';
import { sharedServer, startServer, type TestServer } from '../support/start-server.js';
import { TestClient, type ConnectOptions } from '../support/test-client.js';

const MCP_INITIALIZE = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
const SECRET = 'a-secret-of-the-issuer-0123456789abcdef';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ config: { auth: { jwt: { secret: SECRET, issuer: 'https://issuer.example', audience: 'mcpw' } } } });
});

const refusal = (options: ConnectOptions, on = server): Promise<unknown> =>
  TestClient.connect(on.wsUrl, options).then(
    () => 'connected',
    (error: unknown) => error,
  );

/** The answer to a handshake that is not to succeed, made by hand. */
async function handshake(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number | undefined; headers: object; body: unknown }> {
  const good = {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version': '13',
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(`${server.url}${path}`, { headers: { ...good, ...headers } })
      .on('response', resolve)
      .on('error', reject)
      .end();
  });
  return { status: response.statusCode, headers: response.headers, body: await json(response) };
}

describe.each(ENCODINGS)('a credential is taken from where it is found, in %s', (encoding) => {
  it('Authorization: Bearer with an API key', async () => {
    const { key, id } = await createKey(server, { scopes: ['tools:read'], tenant: 'acme' });
    const client = await server.connect({ encoding, key });
    const { principal } = await client.initialize();
    expect(principal).toEqual({ id: `key:${id}`, tenant: 'acme', scopes: ['tools:read'] });
  });

  it('Authorization: Bearer with a JWT', async () => {
    const jwt = await signJwt(SECRET, {
      sub: 'u1',
      tenant: 'acme',
      scope: 'tools:read events:read',
      iss: 'https://issuer.example',
      aud: 'mcpw',
    });
    const client = await server.connect({ encoding, jwt });
    const { principal } = await client.initialize();
    expect(principal).toMatchObject({ tenant: 'acme', scopes: ['tools:read', 'events:read'] });
  });

  it('X-API-Key', async () => {
    const { key } = await createKey(server);
    await (await server.connect({ encoding, apiKeyHeader: key })).initialize();
  });

  it('a subprotocol entry, which is never echoed', async () => {
    const { key } = await createKey(server);
    const client = await server.connect({ encoding, bearerSubprotocol: key, subprotocols: [`mcpw.v1.${encoding}`] });
    expect(client.socket.protocol).toBe(`mcpw.v1.${encoding}`);
    await client.initialize();
  });

  it('a ticket, once', async () => {
    const { key, id } = await createKey(server, { tenant: 'acme' });
    const issued = await server.rest('POST', '/api/v1/websocket/tickets', undefined, key);
    expect(issued.status).toBe(201);
    const { ticket, expires_at: expiresAt } = issued.body as { ticket: string; expires_at: string };
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(20_000);
    const client = await server.connect({ encoding, ticket });
    expect((await client.initialize()).principal.id).toBe(`key:${id}`);
    expect(await refusal({ ticket })).toMatchObject({ status: 401 });
  });

  it('params.token of initialize', async () => {
    const { key, id } = await createKey(server);
    const client = await server.connect({ encoding, anonymous: true });
    expect((await client.initialize({ token: key })).principal.id).toBe(`key:${id}`);
  });

  it('the header wins over all others', async () => {
    const first = await createKey(server);
    const second = await createKey(server);
    const client = await server.connect({ encoding, key: first.key, apiKeyHeader: second.key });
    expect((await client.initialize({ token: second.key })).principal.id).toBe(`key:${first.id}`);
  });

  it('a token in another query parameter is ignored', async () => {
    const { key } = await createKey(server);
    const client = await server.connect({ encoding, anonymous: true, query: `token=${key}&access_token=${key}` });
    const answer = await client.request('initialize', { name: 'x', version: '1' });
    expect(answer.error).toMatchObject({ code: 4001 });
    expect(await client.closed).toMatchObject({ code: 4401 });
  });
});

describe('who is refused before the upgrade is told so', () => {
  it('401 with WWW-Authenticate for a wrong credential', async () => {
    for (const wrong of [{ key: 'nonsense' }, { apiKeyHeader: 'mcpw_aaaaaaaaaaaa_bbbb' }, { bearerSubprotocol: 'x' }, { ticket: 'y' }]) {
      expect(await refusal(wrong)).toMatchObject({
        status: 401,
        headers: { 'www-authenticate': 'Bearer' },
        body: { error: { code: 4001, message: expect.any(String) } },
      });
    }
  });

  it('401 for a JWT with the wrong issuer, audience, signature, tenant or time', async () => {
    const good = { sub: 'u', tenant: 't', iss: 'https://issuer.example', aud: 'mcpw' };
    const tokens = [
      await signJwt(SECRET, { ...good, iss: 'https://other.example' }),
      await signJwt(SECRET, { ...good, aud: 'other' }),
      await signJwt('another-secret-0123456789-0123456789', good),
      await signJwt(SECRET, { ...good, tenant: undefined }),
      await signJwt(SECRET, good, Math.floor(Date.now() / 1000) - 3600),
    ];
    for (const jwt of tokens) expect(await refusal({ jwt })).toMatchObject({ status: 401, body: { error: { code: 4001 } } });
  });

  it('403 for a foreign origin; the own origin and none at all pass', async () => {
    expect(await refusal({ key: server.adminKey, origin: 'https://evil.example' })).toMatchObject({
      status: 403,
      body: { error: { code: 4012 } },
    });
    expect(await refusal({ key: server.adminKey, origin: 'null' })).toMatchObject({ status: 403 });
    await server.client({ origin: server.url });
    await server.client();
  });

  it('404 for another path', async () => {
    expect((await handshake('/nothing')).status).toBe(404);
  });

  it('426 for a request that asks for no upgrade, as behind a proxy that drops it', async () => {
    const answer = await fetch(`${server.url}/ws`);
    expect(await answer.json()).toEqual({ error: { code: 4000, message: expect.stringMatching(/WebSocket endpoint.*Upgrade/) } });
    expect([answer.status, answer.headers.get('upgrade'), answer.headers.get('connection')]).toEqual([426, 'websocket', 'Upgrade']);
  });

  it.each([
    ['a key', { 'Sec-WebSocket-Key': '' }, /Sec-WebSocket-Key/],
    ['a version that is known', { 'Sec-WebSocket-Version': '7' }, /Sec-WebSocket-Version/],
    ['a protocol that is known', { Upgrade: 'h2c' }, /Upgrade/],
  ])('400 for a handshake without %s', async (_, headers, message) => {
    expect(await handshake('/ws', { Authorization: `Bearer ${server.adminKey}`, ...headers })).toMatchObject({
      status: 400,
      headers: { 'content-type': 'application/json', 'sec-websocket-version': '13' },
      body: { error: { code: 4000, message: expect.stringMatching(message) } },
    });
    await server.client();
  });

  it('401 for an Authorization header of another form, where no other credential is beside it', async () => {
    const { key } = await createKey(server);
    const wrong = { status: 401, body: { error: { code: 4001, message: expect.stringMatching(/wrong form.*Authorization: Bearer/) } } };
    for (const authorization of ['Basic eDp5', 'nope', key, 'Bearer\tx']) {
      expect(await refusal({ anonymous: true, headers: { authorization } })).toMatchObject(wrong);
      const answer = await fetch(`${server.url}/api/v1/keys`, { headers: { authorization } });
      expect([answer.status, await answer.json()]).toMatchObject([wrong.status, wrong.body]);
    }
    const basic = { headers: { authorization: 'Basic eDp5' } };
    await server.client({ ...basic, apiKeyHeader: key });
    await server.client({ ...basic, bearerSubprotocol: key, subprotocols: ['mcpw.v1.json'] });
    const { ticket } = (await server.rest('POST', '/api/v1/websocket/tickets', undefined, key)).body as { ticket: string };
    await server.client({ ...basic, ticket });
  });

  it('the operator reads in the log and the audit why a token was refused, which its bearer is not told', async () => {
    const jwt = await signJwt(SECRET, { sub: 'u', tenant: 't', iss: 'https://wrong.example', aud: 'mcpw' });
    expect(await refusal({ jwt })).toMatchObject({ status: 401, body: { error: { code: 4001, message: 'the credential is not valid' } } });
    await server.printed(/"reason":"jwt_issuer","expected":"https:\/\/issuer.example","found":"https:\/\/\w+.example"/);
    const { records } = (await server.rest('GET', '/api/v1/audit?action=authenticate&target=jwt')).body as { records: object[] };
    expect(records).toContainEqual(expect.objectContaining({ outcome: 'authentication_failed', reason: 'jwt_issuer' }));
  });

  it('503 with Retry-After when the server is full', async () => {
    const small = await startServer({ config: { websocket: { max_connections: 2 } } });
    const first = await small.client();
    await small.client();
    expect(await refusal({ key: small.adminKey }, small)).toMatchObject({
      status: 503,
      headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
      body: { error: { code: 4016 } },
    });
    await first.close();
    await small.client();
  });

  it('503 when WebSocket is disabled', async () => {
    const disabled = await startServer({ env: { WEBSOCKET_ENABLED: 'false' } });
    expect(await refusal({ key: disabled.adminKey }, disabled)).toMatchObject({ status: 503, body: { error: { code: 4016 } } });
    expect((await fetch(`${disabled.url}/ws`)).status).toBe(503);
  });

  it('429 with Retry-After past the handshakes of an address a minute', async () => {
    const strict = await startServer({ config: { websocket: { rate_limit: { handshakes_per_minute: 10 } } } });
    const outcomes: unknown[] = [];
    for (let i = 0; i < 12; i++) outcomes.push(await refusal({ key: strict.adminKey }, strict));
    expect(outcomes.filter((outcome) => outcome === 'connected')).toHaveLength(10);
    expect(outcomes.at(-1)).toMatchObject({
      status: 429,
      headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
      body: { error: { code: 4002 } },
    });
  });
});

describe('subprotocols', () => {
  it('the first known one of those offered is chosen', async () => {
    const chosen = async (subprotocols: string[]): Promise<string> => (await server.connect({ subprotocols })).socket.protocol;
    expect(await chosen(['unknown', 'mcpw.v1.binary', 'mcpw.v1.json'])).toBe('mcpw.v1.binary');
    expect(await chosen(['mcpw.v1.json'])).toBe('mcpw.v1.json');
  });

  it('none offered: JSON', async () => {
    const client = await server.client({ subprotocols: [] });
    expect(client.socket.protocol).toBe('');
  });
});

describe.each(ENCODINGS)('with require_auth: false, in %s', (encoding) => {
  let open: TestServer;
  beforeAll(async () => {
    open = await sharedServer({ env: { WEBSOCKET_AUTH_REQUIRED: 'false' } });
  });

  it('a caller without credentials is anonymous of the tenant default', async () => {
    const client = await open.connect({ encoding, anonymous: true });
    const { principal } = await client.initialize();
    expect(principal).toMatchObject({ id: 'anonymous', tenant: 'default' });
    expect(principal.scopes).not.toContain('admin');
  });

  it('a page is of the server’s own origin by its address only: a name may be anybody’s', async () => {
    await open.client({ anonymous: true, origin: open.url });
    const rebound = { origin: 'http://rebound.example', headers: { host: 'rebound.example' } };
    expect(await refusal({ anonymous: true, ...rebound }, open)).toMatchObject({ status: 403, body: { error: { code: 4012 } } });
    await server.client(rebound);
  });

  it('a wrong credential is refused even then', async () => {
    expect(await refusal({ key: 'wrong' }, open)).toMatchObject({ status: 401 });
    for (const authorization of ['Basic eDp5', 'nope', open.adminKey])
      expect(await refusal({ anonymous: true, headers: { authorization } }, open)).toMatchObject({ status: 401 });
  });

  it('a wrong params.token too: 4001, and the connection ends with 4401', async () => {
    const { key } = await createKey(open);
    for (const token of ['', 'wrong', `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`]) {
      const client = await open.connect({ encoding, anonymous: true });
      const answer = await client.request('initialize', { name: 'x', version: '1', token });
      expect(answer.error).toMatchObject({ code: 4001 });
      expect(await client.closed).toMatchObject({ code: 4401 });
    }
  });

  it('a right params.token says who it is, and its keys are bound to it', async () => {
    const { key, id } = await createKey(open, { tenant: 'acme', scopes: ['tools:read'] });
    const client = await open.connect({ encoding, anonymous: true });
    expect((await client.initialize({ token: key })).principal).toEqual({ id: `key:${id}`, tenant: 'acme', scopes: ['tools:read'] });
    await open.rest('DELETE', `/api/v1/keys/${id}`);
    expect(await client.closed).toMatchObject({ code: 4401 });

    const another = await createKey(open);
    for (const [token, credential] of [
      [another.key, another.key],
      [undefined, ''],
    ] as const) {
      const secured = await SecuredClient.open(open, { encoding, anonymous: true }, { token }, credential);
      expect((await secured.ask('tool.list')).type).toBe(1);
    }
  });

  it('who must show no credential is not counted among those who still must', async () => {
    const few = await sharedServer({ config: { websocket: { security: { require_auth: false, max_unauthenticated_per_ip: 1 } } } });
    const clients = await Promise.all([1, 2, 3].map(async () => few.connect({ encoding, anonymous: true })));
    for (const client of clients) expect((await client.initialize()).principal.id).toBe('anonymous');
  });

  it('over MCP a wrong credential is refused, and none is anonymous', async () => {
    const answerTo = async (headers: Record<string, string>): Promise<number> =>
      (
        await fetch(`${open.url}/mcp`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', ...headers },
          body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: MCP_INITIALIZE }),
        })
      ).status;
    expect(await answerTo({ Authorization: 'Bearer wrong' })).toBe(401);
    expect(await answerTo({ 'X-API-Key': 'wrong' })).toBe(401);
    expect(await answerTo({ Authorization: 'Basic eDp5' })).toBe(401);
    expect(await answerTo({ Authorization: 'Basic eDp5', 'X-API-Key': open.adminKey })).toBe(200);
    expect(await answerTo({})).toBe(200);
    expect(await refusal({ key: 'wrong', subprotocols: ['mcp'] }, open)).toMatchObject({ status: 401 });
    expect(await refusal({ anonymous: true, subprotocols: ['mcp'] }, open)).toBe('connected');
  });
});

describe.each(ENCODINGS)('a credential that is no longer good closes its connections, in %s', (encoding) => {
  it('a revoked key: 4401', async () => {
    const { key, id } = await createKey(server);
    const client = await server.client({ encoding, key });
    const other = await server.client();
    expect((await server.rest('DELETE', `/api/v1/keys/${id}`)).status).toBeLessThan(300);
    expect(await client.closed).toMatchObject({ code: 4401, reason: expect.stringMatching(/\w/) });
    expect(await refusal({ key })).toMatchObject({ status: 401 });
    await other.call('tool.list');
  });

  it('a rotated key: the old secret is out, the new one is in', async () => {
    const { key, id } = await createKey(server);
    const client = await server.client({ encoding, key });
    const rotated = (await server.rest('POST', `/api/v1/keys/${id}/rotate`)).body as { key: string };
    expect(await client.closed).toMatchObject({ code: 4401 });
    expect(await refusal({ key })).toMatchObject({ status: 401 });
    await server.client({ encoding, key: rotated.key });
  });
});

// All at once: what they do is wait.
describe.concurrent.each(ENCODINGS)('what ends in time, in %s', (encoding) => {
  it('an expired key or JWT: 4401; a fresh one in time keeps it open', async () => {
    const expiring = await createKey(server, { expires_at: new Date(Date.now() + 1500).toISOString() });
    const claims = { sub: 'u', tenant: 't', scope: 'tools:read', iss: 'https://issuer.example', aud: 'mcpw' };
    const soon = await signJwt(SECRET, claims, Math.floor(Date.now() / 1000) + 3);
    const byKey = await server.client({ encoding, key: expiring.key });
    const byJwt = await server.client({ encoding, jwt: soon });
    const renewed = await server.client({ encoding, jwt: soon });
    const { expires_at: expiresAt } = await renewed.call('session.authenticate', { token: await signJwt(SECRET, claims, '5m') });
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(200_000);
    const foreign = await signJwt(SECRET, { ...claims, sub: 'someone-else' });
    expect((await renewed.request('session.authenticate', { token: foreign })).error).toMatchObject({ code: 4012 });
    expect(await byKey.closed).toMatchObject({ code: 4401 });
    expect(await byJwt.closed).toMatchObject({ code: 4401 });
    await renewed.call('tool.list');
  });

  it('a connection without a credential that says nothing is closed with 4408 after five seconds', async () => {
    const client = await server.connect({ encoding, anonymous: true });
    const before = Date.now();
    expect(await client.closed).toMatchObject({ code: 4408, reason: expect.stringMatching(/\w/) });
    expect(Date.now() - before).toBeGreaterThan(3500);
  });
});
