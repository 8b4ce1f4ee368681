// The routes of auth/ as REST shows them: with the shape of errors that is made here.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { HttpModule } from './http.module.js';
import { Authenticator } from '../auth/authenticator.js';
import { AuthApp } from '../auth/testing/auth-app.js';

let auth: AuthApp;
let acmeAdmin: string;
let plain: string;

beforeAll(async () => {
  auth = await AuthApp.start({ modules: [HttpModule] });
  acmeAdmin = (await create({ tenant: 'acme', scopes: ['admin'] })).body.key;
  plain = (await create({ scopes: ['tools:read', 'contexts:write'] })).body.key;
});
afterAll(() => auth.stop());

const create = (members: object = {}, key?: string) =>
  auth.rest('POST', '/api/v1/keys', {
    ...(key !== undefined && { key }),
    body: { name: 'n', tenant: 'default', scopes: ['tools:read'], ...members },
  });

async function isGood(key: string): Promise<boolean> {
  try {
    return Boolean(await auth.app.get(Authenticator).authenticate(key, '192.0.2.1'));
  } catch {
    return false;
  }
}

describe('POST /api/v1/keys', () => {
  it('makes a key, shows it once, and it works', async () => {
    const { status, headers, body } = await create({ name: 'build agent', tenant: 'acme', scopes: ['tools:read', 'tools:execute:git*'] });
    expect(status).toBe(201);
    expect(headers['cache-control']).toBe('no-store');
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9A-Za-z]{12}$/),
      key: expect.stringMatching(/^mcpw_/),
      name: 'build agent',
      tenant: 'acme',
      scopes: ['tools:read', 'tools:execute:git*'],
      expires_at: null,
    });
    expect(await isGood(body.key)).toBe(true);
  });

  it('makes one with an end', async () => {
    const { body } = await create({ expires_at: '2030-01-01T01:00:00.5+01:00' });
    expect(body.expires_at).toBe('2030-01-01T00:00:00.500Z');
  });

  it.each([
    ['/name', { name: undefined }],
    ['/name', { name: '' }],
    ['/name', { name: 'x'.repeat(129) }],
    ['/name', { name: 'a\u0000b' }],
    ['/name', { name: 'a\ud800b' }],
    ['/name', { name: 7 }],
    ['/tenant', { tenant: undefined }],
    ['/tenant', { tenant: '' }],
    ['/tenant', { tenant: 'a:b' }],
    ['/tenant', { tenant: 'a b' }],
    ['/tenant', { tenant: '../x' }],
    ['/scopes', { scopes: undefined }],
    ['/scopes', { scopes: [] }],
    ['/scopes', { scopes: 'admin' }],
    ['/scopes', { scopes: ['a', 'a'] }],
    ['/scopes', { scopes: Array.from({ length: 101 }, (_, i) => `s${i}`) }],
    ['/scopes/1', { scopes: ['a', ''] }],
    ['/scopes/0', { scopes: ['a b'] }],
    ['/scopes/0', { scopes: [{}] }],
    ['/expires_at', { expires_at: 'tomorrow' }],
    ['/expires_at', { expires_at: '2029-12-31T23:59:59.999Z' }],
    ['/expires_at', { expires_at: 4102444800000 }],
    ['/is_admin', { is_admin: true }],
  ])('refuses what is wrong at %s, and names it: %j', async (path, members) => {
    const { status, body } = await create(members);
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 4005, message: expect.any(String) });
    expect(body.error.data.errors.map((error: { path: string }) => error.path)).toContain(path);
  });

  it.each(['[]', '"x"', '7', 'null', ''])('refuses the body %j', async (payload) => {
    const { status, body } = await auth.rest('POST', '/api/v1/keys', { body: payload, headers: { 'content-type': 'application/json' } });
    expect(status).toBe(400);
    expect([4000, 4005]).toContain(body.error.code);
  });

  it.each(['{', '{"__proto__": {"scopes": ["admin"]}}', '{"constructor": {"prototype": {}}}'])(
    'refuses the body %j without harm',
    async (payload) => {
      const { status, body } = await auth.rest('POST', '/api/v1/keys', { body: payload, headers: { 'content-type': 'application/json' } });
      expect(status).toBe(400);
      expect(body.error.message).toEqual(expect.any(String));
      expect({}).not.toHaveProperty('scopes');
    },
  );
});

describe('GET /api/v1/keys', () => {
  it('has pages and never a secret', async () => {
    const seen: string[] = [];
    let cursor = '';
    do {
      const { status, body } = await auth.rest('GET', `/api/v1/keys?limit=2${cursor}`);
      expect(status).toBe(200);
      expect(body.keys.length).toBeLessThanOrEqual(2);
      for (const key of body.keys) {
        expect(Object.keys(key)).toEqual(['id', 'name', 'tenant', 'scopes', 'created_at', 'expires_at', 'revoked_at', 'last_used_at']);
        seen.push(key.id);
      }
      cursor = body.next_cursor === undefined ? '' : `&cursor=${body.next_cursor}`;
    } while (cursor !== '');
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThanOrEqual(2);
  });

  it("shows when a key was last used, and one tenant's on demand", async () => {
    const { body: made } = await create({ tenant: 'used' });
    const find = async () => (await auth.rest('GET', '/api/v1/keys?tenant=used')).body.keys;
    expect(await find()).toMatchObject([{ id: made.id, last_used_at: null }]);
    await isGood(made.key);
    expect(await find()).toMatchObject([{ id: made.id, last_used_at: new Date(auth.clock.time).toISOString() }]);
  });

  it.each(['limit=0', 'limit=1001', 'limit=x', 'limit=1e3', 'limit=', 'limit=2&limit=3', 'cursor=x', 'cursor=', 'page=2', 'toString=1'])(
    'refuses ?%s',
    async (query) => {
      const { status, body } = await auth.rest('GET', `/api/v1/keys?${query}`);
      expect([status, body.error.code]).toEqual([400, 4005]);
    },
  );
});

describe('rotate and revoke', () => {
  it('give a key another secret, and end it', async () => {
    const { body: made } = await create({ tenant: 'acme', scopes: ['tools:read'] });
    const rotated = await auth.rest('POST', `/api/v1/keys/${made.id}/rotate`);
    expect(rotated.status).toBe(200);
    expect({ ...rotated.body, key: made.key }).toEqual(made);
    expect([await isGood(made.key), await isGood(rotated.body.key)]).toEqual([false, true]);

    expect(await auth.rest('DELETE', `/api/v1/keys/${made.id}`)).toMatchObject({ status: 204, body: undefined });
    expect(await auth.rest('DELETE', `/api/v1/keys/${made.id}`)).toMatchObject({ status: 204 });
    expect(await isGood(rotated.body.key)).toBe(false);
    expect(await auth.rest('POST', `/api/v1/keys/${made.id}/rotate`)).toMatchObject({ status: 409, body: { error: { code: 4008 } } });
  });

  it.each(['nosuchkey123', 'admin', '%00', "'%20OR%201=1--"])('of %s is not found', async (id) => {
    expect(await auth.rest('DELETE', `/api/v1/keys/${id}`)).toMatchObject({ status: 404, body: { error: { code: 4009 } } });
    expect(await auth.rest('POST', `/api/v1/keys/${id}/rotate`)).toMatchObject({ status: 404, body: { error: { code: 4009 } } });
  });
});

describe('an admin of another tenant', () => {
  it('has the keys of its own tenant', async () => {
    const made = await create({ tenant: 'acme' }, acmeAdmin);
    expect(made.status).toBe(201);
    const { body } = await auth.rest('GET', '/api/v1/keys?limit=1000', { key: acmeAdmin });
    expect(new Set(body.keys.map((key: { tenant: string }) => key.tenant))).toEqual(new Set(['acme']));
    expect((await auth.rest('POST', `/api/v1/keys/${made.body.id}/rotate`, { key: acmeAdmin })).status).toBe(200);
    expect((await auth.rest('DELETE', `/api/v1/keys/${made.body.id}`, { key: acmeAdmin })).status).toBe(204);
  });

  it('cannot make one of another, nor see, rotate or revoke it: as if it were not there', async () => {
    const { body: foreign } = await create({ tenant: 'default' });
    expect(await create({ tenant: 'default' }, acmeAdmin)).toMatchObject({ status: 403, body: { error: { code: 4012 } } });
    expect((await auth.rest('GET', '/api/v1/keys?tenant=default', { key: acmeAdmin })).body).toEqual({ keys: [] });
    const answers = await Promise.all(
      [foreign.id, 'nosuchkey123'].map(async (id) => {
        const { status, body } = await auth.rest('DELETE', `/api/v1/keys/${id}`, { key: acmeAdmin });
        return { status, error: { ...body.error, message: body.error.message.replace(id, '?') } };
      }),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.status).toBe(404);
    expect((await auth.rest('POST', `/api/v1/keys/${foreign.id}/rotate`, { key: acmeAdmin })).status).toBe(404);
    expect(await isGood(foreign.key)).toBe(true);
  });
});

describe('who may not', () => {
  const routes = [
    ['POST', '/api/v1/keys'],
    ['GET', '/api/v1/keys'],
    ['POST', '/api/v1/keys/x/rotate'],
    ['DELETE', '/api/v1/keys/x'],
  ] as const;

  it.each(routes)('%s %s without a credential: 401', async (method, url) => {
    const { status, headers, body } = await auth.rest(method, url, { key: null });
    expect([status, headers['www-authenticate'], body.error.code]).toEqual([401, 'Bearer', 4001]);
  });

  it.each(routes)('%s %s with a wrong credential, or one where only agents bring it: 401', async (method, url) => {
    expect(await auth.rest(method, url, { key: 'wrong' })).toMatchObject({
      status: 401,
      body: { error: { code: 4001, message: 'the credential is not valid' } },
    });
    expect((await auth.rest(method, `${url}?ticket=x`, { key: null })).status).toBe(401);
  });

  it.each(routes)('%s %s without the scope: 403', async (method, url) => {
    expect(await auth.rest(method, url, { key: plain })).toMatchObject({
      status: 403,
      body: { error: { code: 4012, data: { scope: 'admin' } } },
    });
  });

  it('X-API-Key is as good as Authorization', async () => {
    expect((await auth.rest('GET', '/api/v1/keys', { key: null, headers: { 'x-api-key': acmeAdmin } })).status).toBe(200);
  });
});

describe('POST /api/v1/websocket/tickets', () => {
  it('gives any caller with a credential a ticket', async () => {
    const { status, headers, body } = await auth.rest('POST', '/api/v1/websocket/tickets', { key: plain });
    expect(status).toBe(201);
    expect(headers['cache-control']).toBe('no-store');
    expect(body).toEqual({
      ticket: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      expires_at: new Date(auth.clock.time + 30_000).toISOString(),
    });
  });

  it('gives none without', async () => {
    expect(await auth.rest('POST', '/api/v1/websocket/tickets', { key: null })).toMatchObject({ status: 401 });
  });
});
