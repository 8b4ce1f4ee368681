import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { exportJWK, SignJWT, type JWTPayload } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { RETRY_MS } from './jwks.js';
import { JwtVerifier } from './jwt-verifier.js';
import type { CredentialRefused } from './refusal.js';
import { StoppedClock } from './testing/key-database.js';
import { testConfig } from './testing/test-config.js';

const SECRET = 'a secret of more than thirty-two bytes';
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
const pemOf = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();

let clock: StoppedClock;
beforeEach(() => {
  clock = new StoppedClock();
});

const verifierOf = (env: Record<string, string>): JwtVerifier => new JwtVerifier(testConfig(env), clock);
const withSecret = (env: Record<string, string> = {}): JwtVerifier => verifierOf({ MCPW_AUTH_JWT_SECRET: SECRET, ...env });
const secondsFromNow = (seconds: number): number => Math.floor(clock.time / 1_000) + seconds;
const goodClaims = (): JWTPayload => ({ sub: 'alice', tenant: 'acme', exp: secondsFromNow(300), scopes: ['tools:read'] });

const sign = (claims: JWTPayload, key: KeyObject | Uint8Array = Buffer.from(SECRET), alg = 'HS256', kid?: string): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg, ...(kid !== undefined && { kid }) }).sign(key);

/** A token made by hand, as an attacker would. */
function forge(header: object, claims: object, key?: string): string {
  const body = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${body}.${key === undefined ? '' : createHmac('sha256', key).update(body).digest('base64url')}`;
}

const refusedInSameWords = { kind: 'authentication_failed', message: 'the credential is not valid' };

describe('a good token', () => {
  it('proves its subject, tenant and scopes until it expires', async () => {
    expect(await withSecret().verify(await sign(goodClaims()))).toEqual({
      principal: { id: 'jwt:acme:alice', tenant: 'acme', scopes: ['tools:read'] },
      credential: { kind: 'jwt', id: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/) },
      expiresAt: secondsFromNow(305) * 1_000,
    });
  });

  it.each([
    ['RS256', rsa, pemOf(rsa.publicKey)],
    ['ES256', ec, pemOf(ec.publicKey)],
    ['EdDSA', ed, pemOf(ed.publicKey)],
    ['Ed25519', ed, pemOf(ed.publicKey)],
    ['RS256', rsa, JSON.stringify(rsa.publicKey.export({ format: 'jwk' }))],
    ['ES256', ec, JSON.stringify(ec.publicKey.export({ format: 'jwk' }))],
    ['EdDSA', ed, JSON.stringify(ed.publicKey.export({ format: 'jwk' }))],
  ])('may be signed with %s', async (alg, { privateKey }, publicKey) => {
    const verifier = verifierOf({ MCPW_AUTH_JWT_PUBLIC_KEY: publicKey });
    expect(await verifier.verify(await sign(goodClaims(), privateKey, alg))).toMatchObject({ principal: { tenant: 'acme' } });
  });

  it.each([
    [{ scopes: ['a', 'b'] }, ['a', 'b']],
    [{ scopes: 'a b' }, ['a', 'b']],
    [{ scope: 'a b  a' }, ['a', 'b']],
    [{ scopes: ['a'], scope: 'b' }, ['a']],
    [{ scopes: ['a', 1, null, { b: 1 }, ['c'], '', 'has space', 'x'.repeat(300), 'tools:execute:git*'] }, ['a', 'tools:execute:git*']],
    [{ scopes: Array.from({ length: 500 }, (_, i) => `s${i}`) }, Array.from({ length: 100 }, (_, i) => `s${i}`)],
    [{ scopes: 7 }, []],
    [{ scopes: { admin: true } }, []],
    [{}, []],
  ])('with %j has its scopes sanitised', async (claims, expected) => {
    const { scopes: _, ...others } = goodClaims();
    expect((await withSecret().verify(await sign({ ...others, ...claims }))).principal.scopes).toEqual(expected);
  });

  it('has tenant and scopes in the claims that are configured', async () => {
    const verifier = withSecret({ MCPW_AUTH_JWT_TENANT_CLAIM: 'https://x.test/org', MCPW_AUTH_JWT_SCOPES_CLAIM: 'permissions' });
    const token = await sign({
      sub: 's',
      exp: secondsFromNow(9),
      'https://x.test/org': 'o1',
      permissions: ['p'],
      scopes: ['admin'],
      tenant: 'other',
    });
    expect((await verifier.verify(token)).principal).toEqual({ id: 'jwt:o1:s', tenant: 'o1', scopes: ['p'] });
  });

  it('may be a few seconds ahead or behind', async () => {
    const verifier = withSecret();
    await verifier.verify(await sign({ ...goodClaims(), exp: secondsFromNow(-3) }));
    await verifier.verify(await sign({ ...goodClaims(), nbf: secondsFromNow(3) }));
  });
});

it('is good until its expiresAt, to the millisecond: what it opened ends when it would no longer open it', async () => {
  const verifier = withSecret();
  const token = await sign({ ...goodClaims(), exp: secondsFromNow(1) });
  const { expiresAt } = await verifier.verify(token);
  clock.time = (expiresAt as number) - 1;
  await verifier.verify(token);
  clock.time = expiresAt as number;
  await expect(verifier.verify(token)).rejects.toMatchObject({ message: 'the credential has expired' });
});

describe('why a token is refused is told the operator alone:', () => {
  const right = () => ({ ...goodClaims(), iss: 'https://login.test', aud: 'mcpw' });
  const refusalOf = async (token: string): Promise<unknown> =>
    withSecret({ MCPW_AUTH_JWT_ISSUER: 'https://login.test', MCPW_AUTH_JWT_AUDIENCE: 'mcpw' })
      .verify(token)
      .catch((error: unknown) => error);

  it.each([
    ['jwt_issuer', { iss: 'https://evil.test' }],
    ['jwt_audience', { aud: 'other' }],
    ['jwt_tenant', { tenant: undefined }],
    ['jwt_subject', { sub: undefined }],
    ['jwt_subject', { sub: '' }],
    ['jwt_expiry', { exp: undefined }],
    ['jwt_not_yet_valid', { nbf: 4_102_444_800 }],
    ['jwt_expired', { exp: 1 }],
  ])('%s for %j', async (reason, change) => {
    const error = await refusalOf(await sign({ ...right(), ...change } as JWTPayload));
    expect(error).toMatchObject({ kind: 'authentication_failed', reason, data: undefined });
  });

  it('jwt_signature, jwt_algorithm, jwt_malformed and unknown_form', async () => {
    expect(await refusalOf(await sign(right(), Buffer.from('another secret of more than 32 bytes')))).toMatchObject({
      reason: 'jwt_signature',
    });
    expect(await refusalOf(forge({ alg: 'none' }, right()))).toMatchObject({ reason: 'jwt_algorithm' });
    expect(await refusalOf('eyJ.eyJ.eyJ')).toMatchObject({ reason: 'jwt_malformed' });
    expect(await refusalOf('nonsense')).toMatchObject({ reason: 'unknown_form' });
    await expect(verifierOf({}).verify(await sign(right()))).rejects.toMatchObject({ reason: 'jwt_not_configured' });
  });

  it('with the issuer and audience that it had, cut and printable', async () => {
    const of = async (change: object) => ((await refusalOf(await sign({ ...right(), ...change }))) as CredentialRefused).mismatch;
    expect(await of({ iss: 'https://evil.test' })).toEqual({ expected: 'https://login.test', found: 'https://evil.test' });
    expect(await of({ iss: undefined })).toEqual({ expected: 'https://login.test', found: 'none' });
    expect(await of({ aud: ['a', 'b'] })).toEqual({ expected: 'mcpw', found: '["a","b"]' });
    expect((await of({ iss: `a\nb${'c'.repeat(500)}` }))?.found).toMatch(/^a\?bc{125}$/);
  });
});

describe('a token is refused, in words that do not tell what is wrong with it,', () => {
  it.each([
    ['without exp', { exp: undefined }],
    ['with an exp that is text', { exp: '4102444800' }],
    ['without sub', { sub: undefined }],
    ['with an empty sub', { sub: '' }],
    ['with a sub that is a number', { sub: 7 }],
    ['with control characters in sub', { sub: 'a\u0000b' }],
    ['with a sub of 256 characters', { sub: 'a'.repeat(256) }],
    ['without a tenant', { tenant: undefined }],
    ['with an empty tenant', { tenant: '' }],
    ['with a tenant that is a list', { tenant: ['acme'] }],
    ["with a tenant that would read as another's principal", { tenant: 'acme:alice' }],
    ['before nbf', { nbf: 4_102_444_800 }],
  ])('%s', async (_, change) => {
    await expect(withSecret().verify(await sign({ ...goodClaims(), ...change } as JWTPayload))).rejects.toMatchObject(refusedInSameWords);
  });

  it('when the tenant claim is one that every object has', async () => {
    const verifier = withSecret({ MCPW_AUTH_JWT_TENANT_CLAIM: 'constructor' });
    await expect(verifier.verify(await sign(goodClaims()))).rejects.toMatchObject(refusedInSameWords);
  });

  it('from another issuer, for another audience, or without them where they are configured', async () => {
    const verifier = withSecret({ MCPW_AUTH_JWT_ISSUER: 'https://login.test', MCPW_AUTH_JWT_AUDIENCE: 'mcpw' });
    const right = { ...goodClaims(), iss: 'https://login.test', aud: ['other', 'mcpw'] };
    await verifier.verify(await sign(right));
    for (const change of [{ iss: 'https://evil.test' }, { iss: undefined }, { aud: 'other' }, { aud: undefined }, { aud: [] }]) {
      await expect(verifier.verify(await sign({ ...right, ...change } as JWTPayload))).rejects.toMatchObject(refusedInSameWords);
    }
  });

  it('signed with another secret, or not as it says, or cut off', async () => {
    const verifier = withSecret();
    const token = await sign(goodClaims());
    const [header, , signature] = token.split('.');
    const raised = Buffer.from(JSON.stringify({ ...goodClaims(), scopes: ['admin'] })).toString('base64url');
    for (const wrong of [
      await sign(goodClaims(), Buffer.from('another secret of more than 32 bytes')),
      `${header}.${raised}.${signature}`,
      token.slice(0, -1),
      `${token}.`,
      `${token} `,
      token.split('.').slice(0, 2).join('.'),
      '..',
      'eyJ.eyJ.eyJ',
      '',
    ]) {
      await expect(verifier.verify(wrong)).rejects.toMatchObject(refusedInSameWords);
    }
  });

  it('with the algorithm none, in any spelling', async () => {
    for (const verifier of [withSecret(), verifierOf({ MCPW_AUTH_JWT_PUBLIC_KEY: pemOf(rsa.publicKey) })]) {
      for (const alg of ['none', 'None', 'NONE', 'nOnE', '', null, undefined]) {
        await expect(verifier.verify(forge({ alg, typ: 'JWT' }, goodClaims()))).rejects.toMatchObject(refusedInSameWords);
        await expect(verifier.verify(forge({ alg, typ: 'JWT' }, goodClaims(), ''))).rejects.toMatchObject(refusedInSameWords);
      }
    }
  });

  it('signed as HS256 with the public key, which everyone has', async () => {
    const pem = pemOf(rsa.publicKey);
    const verifier = verifierOf({ MCPW_AUTH_JWT_PUBLIC_KEY: pem });
    for (const key of [pem, pem.trim(), `${pem}\n`, rsa.publicKey.export({ type: 'spki', format: 'der' }).toString('latin1')]) {
      await expect(verifier.verify(forge({ alg: 'HS256' }, goodClaims(), key))).rejects.toMatchObject(refusedInSameWords);
    }
    const jwk = JSON.stringify(ed.publicKey.export({ format: 'jwk' }));
    await expect(verifierOf({ MCPW_AUTH_JWT_PUBLIC_KEY: jwk }).verify(forge({ alg: 'HS256' }, goodClaims(), jwk))).rejects.toMatchObject(
      refusedInSameWords,
    );
  });

  it('signed with the right key in another way than the one for that kind of key', async () => {
    const long = SECRET.repeat(2);
    const bySecret = verifierOf({ MCPW_AUTH_JWT_SECRET: long });
    await bySecret.verify(await sign(goodClaims(), Buffer.from(long), 'HS256'));
    for (const alg of ['HS384', 'HS512']) {
      await expect(bySecret.verify(await sign(goodClaims(), Buffer.from(long), alg))).rejects.toMatchObject(refusedInSameWords);
    }
    const byKey = verifierOf({ MCPW_AUTH_JWT_PUBLIC_KEY: pemOf(rsa.publicKey) });
    for (const alg of ['RS384', 'RS512', 'PS256']) {
      await expect(byKey.verify(await sign(goodClaims(), rsa.privateKey, alg))).rejects.toMatchObject(refusedInSameWords);
    }
  });

  it('with a key of its own in the header', async () => {
    const verifier = verifierOf({ MCPW_AUTH_JWT_PUBLIC_KEY: pemOf(rsa.publicKey) });
    const own = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const token = await new SignJWT(goodClaims())
      .setProtectedHeader({ alg: 'RS256', jwk: await exportJWK(own.publicKey) })
      .sign(own.privateKey);
    await expect(verifier.verify(token)).rejects.toMatchObject(refusedInSameWords);
  });

  it('where no key is configured', async () => {
    await expect(verifierOf({}).verify(await sign(goodClaims()))).rejects.toMatchObject(refusedInSameWords);
  });
});

it('that a good token has expired is told; of one with a wrong signature it is not', async () => {
  const verifier = withSecret();
  const claims = { ...goodClaims(), exp: secondsFromNow(-10) };
  await expect(verifier.verify(await sign(claims))).rejects.toMatchObject({
    kind: 'authentication_failed',
    message: 'the credential has expired',
  });
  await expect(verifier.verify(forge({ alg: 'HS256' }, claims, 'wrong'))).rejects.toMatchObject(refusedInSameWords);
});

it('an end that no date can hold is the last date', async () => {
  const { expiresAt } = await withSecret().verify(await sign({ ...goodClaims(), exp: 1e300 }));
  expect(new Date(expiresAt as number).toISOString()).toBe('+275760-09-13T00:00:00.000Z');
});

describe('keys from a JWKS URL', () => {
  let server: Server;
  let url: string;
  let keys: object[];
  let fetches = 0;
  let status = 200;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    server = createServer((_, response) => {
      fetches++;
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  beforeEach(async () => {
    fetches = 0;
    status = 200;
    keys = [
      { ...(await exportJWK(rsa.publicKey)), kid: 'r', use: 'sig' },
      { ...(await exportJWK(ed.publicKey)), kid: 'e' },
      { kty: 'oct', kid: 'o', k: Buffer.from(SECRET).toString('base64url') },
    ];
  });

  const verifier = (): JwtVerifier => verifierOf({ MCPW_AUTH_JWT_JWKS_URL: url });

  it('verify tokens of each key, fetched once', async () => {
    const remote = verifier();
    await Promise.all([
      remote.verify(await sign(goodClaims(), rsa.privateKey, 'RS256', 'r')),
      remote.verify(await sign(goodClaims(), ed.privateKey, 'EdDSA', 'e')),
    ]);
    await remote.verify(await sign(goodClaims(), rsa.privateKey, 'RS256'));
    expect(fetches).toBe(1);
  });

  it('verify a token that does not name its key, each that fits being tried', async () => {
    const second = generateKeyPairSync('rsa', { modulusLength: 2048 });
    keys.push({ ...(await exportJWK(second.publicKey)), kid: 'r2' });
    const remote = verifier();
    await remote.verify(await sign(goodClaims(), rsa.privateKey, 'RS256'));
    await remote.verify(await sign(goodClaims(), second.privateKey, 'RS256'));
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
    await expect(remote.verify(await sign(goodClaims(), stranger.privateKey, 'RS256'))).rejects.toMatchObject(refusedInSameWords);
    const late = { ...goodClaims(), exp: secondsFromNow(-10) };
    await expect(remote.verify(await sign(late, second.privateKey, 'RS256'))).rejects.toMatchObject({
      message: 'the credential has expired',
    });
  });

  it('refuse shared secrets, even one of the set, and unknown keys, without fetching for each', async () => {
    const remote = verifier();
    await expect(remote.verify(await sign(goodClaims(), Buffer.from(SECRET), 'HS256', 'o'))).rejects.toMatchObject(refusedInSameWords);
    for (let i = 0; i < 10; i++) {
      await expect(remote.verify(await sign(goodClaims(), rsa.privateKey, 'RS256', `made-up-${i}`))).rejects.toMatchObject(
        refusedInSameWords,
      );
    }
    expect(fetches).toBe(1);
  });

  it("that cannot be had are not the caller's fault, and are not asked for again at once", async () => {
    status = 500;
    const remote = verifier();
    const token = await sign(goodClaims(), rsa.privateKey, 'RS256', 'r');
    for (let i = 0; i < 10; i++)
      await expect(remote.verify(token)).rejects.toMatchObject({ kind: 'unavailable', data: { retry_after_ms: RETRY_MS } });
    expect(fetches).toBe(1);
    status = 200;
    clock.time += RETRY_MS;
    await remote.verify(token);
    expect(fetches).toBe(2);
  });
});
