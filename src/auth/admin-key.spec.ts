import { afterEach, beforeEach, expect, it } from 'vitest';

import { ApiKeyService } from './api-key.service.js';
import { Authenticator } from './authenticator.js';
import { AuthApp } from './testing/auth-app.js';
import { KeyDatabase, StoppedClock } from './testing/key-database.js';

let clock: StoppedClock;
let files: KeyDatabase;
beforeEach(() => {
  clock = new StoppedClock();
  files = new KeyDatabase(clock);
});
afterEach(() => files.discard());

/** A start of the server on the same data folder. */
async function start<T>(env: Record<string, string>, use: (auth: AuthApp) => Promise<T>): Promise<T> {
  const auth = await AuthApp.start({ env, files, clock });
  try {
    return await use(auth);
  } finally {
    await auth.stop({ keepFiles: true });
  }
}

const isGood = async (auth: AuthApp, key: string) => {
  try {
    return (await auth.app.get(Authenticator).authenticate(key, '192.0.2.1')).principal.scopes.includes('admin');
  } catch {
    return false;
  }
};

it('the first start makes a key of the tenant default with the scope admin, shown once and good from then on', async () => {
  const made = await start({}, async (auth) => {
    const key = await auth.makeFirstKey();
    expect(await auth.makeFirstKey()).toBeUndefined();
    return key as string;
  });
  await start({}, async (auth) => {
    expect(await auth.makeFirstKey()).toBeUndefined();
    expect(await isGood(auth, made)).toBe(true);
    expect(await auth.rest('GET', '/api/v1/keys', { key: made })).toMatchObject({
      status: 200,
      body: { keys: [{ name: 'admin', tenant: 'default', scopes: ['admin'] }] },
    });
  });
});

it('a start that ends before the key is asked for makes none', async () => {
  await start({}, async () => undefined);
  await start({}, async (auth) => expect(await auth.makeFirstKey()).toMatch(/^mcpw_/));
});

it('a configured key is used instead, in any form, and is not in the database', async () => {
  const words = 'correct horse battery staple and more words';
  await start({ MCPW_ADMIN_KEY: words }, async (auth) => {
    expect(await auth.makeFirstKey()).toBeUndefined();
    expect(await isGood(auth, words)).toBe(true);
    expect((await auth.rest('GET', '/api/v1/keys', { key: words })).body).toEqual({ keys: [] });
  });
});

it('when the configured key changes, the old one stops', async () => {
  const [old, fresh] = ['the old admin key, thirty-two characters', 'the new admin key, thirty-two characters'];
  await start({ MCPW_ADMIN_KEY: old }, async (auth) => expect(await isGood(auth, old)).toBe(true));
  await start({ MCPW_ADMIN_KEY: fresh }, async (auth) => {
    expect([await isGood(auth, old), await isGood(auth, fresh)]).toEqual([false, true]);
  });
  await start({}, async (auth) => {
    expect([await isGood(auth, old), await isGood(auth, fresh)]).toEqual([false, false]);
    expect(await auth.makeFirstKey()).toMatch(/^mcpw_/);
  });
});

it('a configured key may have the form of an API key, even of one that is in the database', async () => {
  const made = (await start({}, (auth) => auth.makeFirstKey())) as string;
  const foreign = (await (async () => {
    const elsewhere = await AuthApp.start({ env: {} });
    const key = await elsewhere.makeFirstKey();
    await elsewhere.stop();
    return key;
  })()) as string;
  await start({ MCPW_ADMIN_KEY: foreign }, async (auth) => {
    expect([await isGood(auth, made), await isGood(auth, foreign)]).toEqual([true, true]);
  });
  await start({ MCPW_ADMIN_KEY: made }, async (auth) => {
    const operator = { id: 'key:x', tenant: 'default', scopes: ['admin'] };
    const [key] = auth.app.get(ApiKeyService).list(operator, {}).keys;
    await auth.app.get(ApiKeyService).revoke(operator, key!.id);
    expect(await isGood(auth, made)).toBe(true);
  });
});
