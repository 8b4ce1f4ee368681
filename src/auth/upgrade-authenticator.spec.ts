import type { IncomingMessage } from 'node:http';
import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ApiKeyService } from './api-key.service.js';
import { Authenticator } from './authenticator.js';
import { MAX_CREDENTIAL_LENGTH } from './credential.js';
import { CredentialEvents } from './credential-events.js';
import { MAX_FAILURES_OF_ADDRESS } from './failed-auth-limiter.js';
import { AuthApp, TEST_ADMIN_KEY } from './testing/auth-app.js';
import { TicketStore } from './ticket-store.js';
import { UpgradeAuthenticator } from './upgrade-authenticator.js';

const SECRET = 'a secret of more than thirty-two bytes';
const operator = { id: 'key:x', tenant: 'default', scopes: ['admin'] };

let auth: AuthApp;
let upgrades: UpgradeAuthenticator;
beforeEach(async () => {
  auth = await AuthApp.start({ env: { MCPW_ADMIN_KEY: TEST_ADMIN_KEY, MCPW_AUTH_JWT_SECRET: SECRET } });
  upgrades = auth.app.get(UpgradeAuthenticator);
});
afterEach(() => auth.stop());

const upgrade = (headers: Record<string, string>, url = '/ws', remoteAddress = '192.0.2.1') =>
  upgrades.authenticate({ headers, url, socket: { remoteAddress } } as unknown as IncomingMessage);
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

const makeKey = (expires_at?: string) =>
  auth.app
    .get(ApiKeyService)
    .create(operator, { name: 'n', tenant: 'acme', scopes: ['tools:read'], ...(expires_at !== undefined && { expires_at }) });
const makeJwt = (claims: object = {}) =>
  new SignJWT({ sub: 'alice', tenant: 'acme', scope: 'tools:read', exp: auth.clock.time / 1_000 + 60, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(Buffer.from(SECRET));

const refused = { kind: 'authentication_failed', message: 'the credential is not valid' };

describe('an upgrade', () => {
  it('without a credential is nobody, for the caller to decide', async () => {
    expect(await upgrade({})).toBeNull();
    expect(await upgrade({}, '/ws?token=x')).toBeNull();
  });

  it("with a key, in each of the ways, is the key's principal", async () => {
    const { id, key } = await makeKey();
    const expected = { principal: { id: `key:${id}`, tenant: 'acme', scopes: ['tools:read'] }, credential: { kind: 'api_key', id } };
    expect(await upgrade(bearer(key))).toEqual(expected);
    expect(await upgrade({ 'x-api-key': key })).toEqual(expected);
    expect(await upgrade({ 'sec-websocket-protocol': `mcpw.v1.json, mcpw.bearer.${Buffer.from(key).toString('base64url')}` })).toEqual(
      expected,
    );
  });

  it('with a JWT is its subject', async () => {
    expect(await upgrade(bearer(await makeJwt()))).toMatchObject({
      principal: { id: 'jwt:acme:alice', tenant: 'acme', scopes: ['tools:read'] },
      credential: { kind: 'jwt' },
      expiresAt: auth.clock.time + 65_000,
    });
  });

  it('with a ticket is who got it, by the same credential, once', async () => {
    const { key } = await makeKey('2031-01-01T00:00:00Z');
    const owner = await upgrade(bearer(key));
    const { ticket } = auth.app.get(TicketStore).issue(owner!);
    expect(await upgrade({}, `/ws?ticket=${ticket}`)).toEqual(owner);
    await expect(upgrade({}, `/ws?ticket=${ticket}`)).rejects.toMatchObject(refused);
  });

  it('with the configured admin key is the operator', async () => {
    expect(await upgrade(bearer(TEST_ADMIN_KEY))).toEqual({
      principal: { id: 'key:admin', tenant: 'default', scopes: ['admin'] },
      credential: { kind: 'api_key', id: 'admin' },
    });
  });

  it.each([
    'nonsense',
    '',
    'a.b.c',
    'mcpw_abcdefghijkl_0000000000000000000000000000000000000000000000000',
    TEST_ADMIN_KEY.slice(1),
    `${TEST_ADMIN_KEY}x`,
  ])('with a wrong credential is refused in the same words: %j', async (token) => {
    await expect(upgrade(bearer(token))).rejects.toMatchObject(refused);
  });

  it('with a key of a right id and a wrong secret, a wrong check, or one that is revoked, rotated or expired, is refused', async () => {
    const [key, other] = [await makeKey(), await makeKey()];
    const service = auth.app.get(ApiKeyService);
    await expect(upgrade(bearer(key.key.slice(0, 18) + other.key.slice(18)))).rejects.toMatchObject(refused);
    await expect(upgrade(bearer(`${key.key.slice(0, -1)}${key.key.endsWith('0') ? '1' : '0'}`))).rejects.toMatchObject(refused);
    const { key: rotated } = await service.rotate(operator, key.id);
    await expect(upgrade(bearer(key.key))).rejects.toMatchObject(refused);
    await upgrade(bearer(rotated));
    await service.revoke(operator, key.id);
    await expect(upgrade(bearer(rotated))).rejects.toMatchObject(refused);

    const { key: expiring } = await makeKey(new Date(auth.clock.time + 1).toISOString());
    await upgrade(bearer(expiring));
    auth.clock.time += 1;
    await expect(upgrade(bearer(expiring))).rejects.toMatchObject({ kind: 'authentication_failed', message: 'the credential has expired' });
  });

  it('is slowed after too many failures from its address, where it is wrong again: what is right passes', async () => {
    const { key } = await makeKey();
    for (let i = 0; i < MAX_FAILURES_OF_ADDRESS; i++) await expect(upgrade(bearer(`wrong${i}`))).rejects.toMatchObject(refused);
    const slowed = { kind: 'rate_limited', data: { scope: 'ip' } };
    await expect(upgrade(bearer('wrong'))).rejects.toMatchObject(slowed);
    await expect(upgrade(bearer(`${await makeJwt()}x`))).rejects.toMatchObject(slowed);
    expect(await upgrade(bearer(await makeJwt()))).toMatchObject({ credential: { kind: 'jwt' } });
    expect(await upgrade(bearer(key))).toMatchObject({ credential: { kind: 'api_key' } });
    expect(await upgrade(bearer(TEST_ADMIN_KEY))).toMatchObject({ credential: { id: 'admin' } });
  });
});

describe('a token in-band', () => {
  it('is answered at once for a key, in a moment for a JWT', async () => {
    const authenticator = auth.app.get(Authenticator);
    const { id, key } = await makeKey();
    expect(authenticator.authenticate(key, '192.0.2.1')).toMatchObject({ principal: { id: `key:${id}` } });
    expect(await authenticator.authenticate(await makeJwt(), '192.0.2.1')).toMatchObject({ principal: { id: 'jwt:acme:alice' } });
    const isRefused = async (token: string) =>
      expect((async () => authenticator.authenticate(token, '192.0.2.1'))()).rejects.toMatchObject(refused);
    await isRefused(key.slice(0, -1));
    await isRefused((await makeJwt()).slice(0, -1));
    await isRefused('x'.repeat(MAX_CREDENTIAL_LENGTH + 1));
  });

  it('is no ticket', async () => {
    const { ticket } = auth.app.get(TicketStore).issue((await upgrade(bearer(TEST_ADMIN_KEY)))!);
    await expect((async () => auth.app.get(Authenticator).authenticate(ticket, '192.0.2.1'))()).rejects.toMatchObject(refused);
  });
});

it('a failing listener for revocations does not keep the others from hearing', async () => {
  const events = auth.app.get(CredentialEvents);
  const heard: string[] = [];
  events.onRevoked(() => {
    throw new Error('a listener that fails');
  });
  const stop = events.onRevoked(({ id }) => heard.push(id));
  const { id } = await makeKey();
  await auth.app.get(ApiKeyService).rotate(operator, id);
  stop();
  await auth.app.get(ApiKeyService).revoke(operator, id);
  expect(heard).toEqual([id]);
});

it('two applications in one process authenticate each with their own keys', async () => {
  const other = await AuthApp.start({ env: { MCPW_ADMIN_KEY: 'another admin key of the configuration' } });
  expect(await upgrade(bearer(TEST_ADMIN_KEY))).toBeDefined();
  await expect(upgrade(bearer('another admin key of the configuration'))).rejects.toMatchObject(refused);
  await other.stop();
});
