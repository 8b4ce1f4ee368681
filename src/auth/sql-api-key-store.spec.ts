import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { InlineDatabase } from '../storage/inline-database.js';
import { makeApiKey } from './api-key-format.js';
import { MAX_ACTIVE_KEYS } from './api-key-writes.js';
import type { CredentialRef } from './authenticated.js';
import { CredentialEvents } from './credential-events.js';
import { LOOK_FOR_CHANGES_MS, SqlApiKeyStore, WRITE_USES_MS } from './sql-api-key-store.js';
import { KeyDatabase, StoppedClock } from './testing/key-database.js';

let clock: StoppedClock;
let files: KeyDatabase;

interface Process {
  readonly database: InlineDatabase;
  readonly store: SqlApiKeyStore;
  readonly revoked: CredentialRef[];
}

/** Another server, or the command line, on the same file. */
function startProcess(): Process {
  const events = new CredentialEvents();
  const revoked: CredentialRef[] = [];
  events.onRevoked((credential) => revoked.push(credential));
  const database = files.open();
  return { database, store: new SqlApiKeyStore(database, clock, events), revoked };
}

async function addKey(store: SqlApiKeyStore, members: { tenant?: string; name?: string; scopes?: string[]; expiresAt?: number } = {}) {
  const key = makeApiKey();
  await store.add({ id: key.id, secretHash: key.secretHash, tenant: 'acme', name: 'n', scopes: ['tools:read'], ...members });
  return key;
}

beforeEach(() => {
  Logger.overrideLogger(false);
  clock = new StoppedClock();
  files = new KeyDatabase(clock);
});
afterEach(() => {
  vi.useRealTimers();
  files.discard();
});

describe('a key', () => {
  it('is found by its id with what it proves', async () => {
    const { store } = startProcess();
    const { id, secretHash } = await addKey(store, { expiresAt: clock.time + 1 });
    expect(store.find(id)).toEqual({
      secretHash,
      authenticated: {
        principal: { id: `key:${id}`, tenant: 'acme', scopes: ['tools:read'] },
        credential: { kind: 'api_key', id },
        expiresAt: clock.time + 1,
      },
    });
    expect(store.find('nosuchkey123')).toBeUndefined();
  });

  it('survives a restart, with its hash and nothing of its secret in the file', async () => {
    const { store, database } = startProcess();
    const { id, text, secretHash } = await addKey(store);
    expect(startProcess().store.find(id)?.secretHash).toEqual(secretHash);
    const row = database.prepare('SELECT * FROM api_key').get() as Record<string, unknown>;
    expect(Buffer.from(row['secret_hash'] as Uint8Array)).toEqual(secretHash);
    expect(JSON.stringify(row)).not.toContain(text.slice(18, 30));
  });

  it('that is rotated has the new secret and the same rights, and what came with the old one is told of', async () => {
    const { store, revoked } = startProcess();
    const { id } = await addKey(store);
    const fresh = makeApiKey(id);
    expect(await store.rotate({ id }, fresh.secretHash)).toMatchObject({ id, tenant: 'acme', scopes: ['tools:read'] });
    expect(store.find(id)?.secretHash).toEqual(fresh.secretHash);
    expect(revoked).toEqual([{ kind: 'api_key', id }]);
  });

  it('that is revoked is gone and told of once, and cannot be rotated', async () => {
    const { store, revoked } = startProcess();
    const { id } = await addKey(store);
    await store.revoke({ id });
    await store.revoke({ id });
    expect(store.find(id)).toBeUndefined();
    expect(revoked).toEqual([{ kind: 'api_key', id }]);
    await expect(store.rotate({ id }, makeApiKey(id).secretHash)).rejects.toMatchObject({ kind: 'conflict' });
    expect(startProcess().store.find(id)).toBeUndefined();
  });

  it('of another tenant is not there, in the same words as one that never was', async () => {
    const { store } = startProcess();
    const { id } = await addKey(store);
    const failures = await Promise.all([
      store.revoke({ id, tenant: 'other' }).catch((error: Error) => error.message.replace(id, '?')),
      store.revoke({ id: 'nosuchkey123', tenant: 'other' }).catch((error: Error) => error.message.replace('nosuchkey123', '?')),
    ]);
    expect(failures).toEqual(['key ? not found', 'key ? not found']);
    await expect(store.rotate({ id, tenant: 'other' }, makeApiKey(id).secretHash)).rejects.toMatchObject({ kind: 'not_found' });
    expect(store.find(id)).toBeDefined();
    await store.revoke({ id, tenant: 'acme' });
  });

  it('is refused when its tenant has as many as it may', async () => {
    const { store, database } = startProcess();
    database.writer.exec(`
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MAX_ACTIVE_KEYS})
      INSERT INTO api_key (id, tenant, name, scopes, secret_hash, created_at, revision) SELECT 'k' || i, 'acme', 'n', '[]', x'00', 0, i FROM n;
    `);
    await expect(addKey(store)).rejects.toMatchObject({ kind: 'conflict' });
    await addKey(store, { tenant: 'other' });
    await store.revoke({ id: 'k1' });
    await addKey(store);
  });
});

describe('a list', () => {
  it('has pages, oldest first, revoked ones too, of one tenant or all', async () => {
    const { store } = startProcess();
    const made: string[] = [];
    for (const tenant of ['a', 'b', 'a', 'a']) made.push((await addKey(store, { tenant })).id);
    await store.revoke({ id: made[0] as string });
    const first = store.list({ limit: 3 });
    expect(first.keys.map(({ id }) => id)).toEqual(made.slice(0, 3));
    expect(first.keys[0]).toMatchObject({ tenant: 'a', revokedAt: clock.time, createdAt: clock.time });
    expect(store.list({ limit: 3, after: first.nextAfter })).toMatchObject({ keys: [{ id: made[3] }] });
    expect(store.list({ limit: 3, after: first.nextAfter })).not.toHaveProperty('nextAfter');
    expect(store.list({ tenant: 'a', limit: 9 }).keys.map(({ id }) => id)).toEqual([made[0], made[2], made[3]]);
  });

  it('never has a secret or its hash', async () => {
    const { store } = startProcess();
    const { secretHash } = await addKey(store);
    const text = JSON.stringify(store.list({ limit: 9 }));
    expect(text).not.toContain('ecret');
    expect(text).not.toContain(secretHash.toString('hex'));
  });
});

describe('the first admin key', () => {
  const admin = () => ({ ...makeApiKey(), tenant: 'default', name: 'admin', scopes: ['admin'] });
  const add = ({ store }: Process) => {
    const { id, secretHash, tenant, name, scopes } = admin();
    return store.addFirstAdmin({ id, secretHash, tenant, name, scopes });
  };

  it('is added once, whoever asks, and not again when it is revoked', async () => {
    const [one, two] = [startProcess(), startProcess()];
    expect(await Promise.all([add(one), add(two)])).toEqual([true, false]);
    const [key] = one.store.list({ limit: 9 }).keys;
    await one.store.revoke({ id: key!.id });
    expect(await add(one)).toBe(false);
  });

  it('is added beside keys of other tenants and without the scope', async () => {
    const process = startProcess();
    await addKey(process.store, { tenant: 'acme', scopes: ['admin'] });
    await addKey(process.store, { tenant: 'default', scopes: ['tools:read', 'administrator'] });
    expect(await add(process)).toBe(true);
  });
});

describe('what another process changes', () => {
  it('is seen within two seconds: a key made there works here, one revoked or rotated there stops here and is told of', async () => {
    vi.useFakeTimers();
    const [server, other] = [startProcess(), startProcess()];
    server.store.onModuleInit();
    const kept = await addKey(server.store);
    const revoked = await addKey(server.store);
    const rotated = await addKey(server.store);
    other.store.catchUp();

    const made = await addKey(other.store);
    await other.store.revoke({ id: revoked.id });
    await other.store.rotate({ id: rotated.id }, makeApiKey(rotated.id).secretHash);
    expect(server.store.find(revoked.id)).toBeDefined();

    vi.advanceTimersByTime(LOOK_FOR_CHANGES_MS);
    expect(server.store.find(made.id)?.secretHash).toEqual(made.secretHash);
    expect(server.store.find(revoked.id)).toBeUndefined();
    expect(server.store.find(rotated.id)?.secretHash).not.toEqual(rotated.secretHash);
    expect(server.store.find(kept.id)?.secretHash).toEqual(kept.secretHash);
    expect(server.revoked.map(({ id }) => id)).toEqual([revoked.id, rotated.id]);
    expect(LOOK_FOR_CHANGES_MS).toBeLessThan(2_000);
    await server.store.beforeApplicationShutdown();
  });

  it('is read in portions, and own writes are not told of twice', async () => {
    const [server, other] = [startProcess(), startProcess()];
    const { id } = await addKey(server.store);
    await server.store.revoke({ id });
    for (let i = 0; i < 1_100; i++) await addKey(other.store);
    server.store.catchUp();
    expect(server.revoked).toHaveLength(1);
    expect(
      other.store
        .list({ limit: 2_000 })
        .keys.slice(1)
        .every((key) => server.store.find(key.id) !== undefined),
    ).toBe(true);
  });

  it('does not end the server when it cannot be read, and is seen afterwards', async () => {
    vi.useFakeTimers();
    const [server, other] = [startProcess(), startProcess()];
    server.store.onModuleInit();
    const { id } = await addKey(other.store);
    const prepare = vi.spyOn(server.database, 'prepare').mockImplementation(() => {
      throw new Error('disk I/O error');
    });
    vi.advanceTimersByTime(LOOK_FOR_CHANGES_MS);
    expect(server.store.find(id)).toBeUndefined();
    prepare.mockRestore();
    vi.advanceTimersByTime(LOOK_FOR_CHANGES_MS);
    expect(server.store.find(id)).toBeDefined();
    await server.store.beforeApplicationShutdown();
  });
});

describe('when a key was last used', () => {
  it('is shown at once and written once a minute at most', async () => {
    vi.useFakeTimers();
    const { store, database } = startProcess();
    store.onModuleInit();
    const { id } = await addKey(store);
    const written = () => database.prepare('SELECT last_used_at AS at FROM api_key').get()!['at'];
    store.noteUse(id);
    clock.time += 5;
    store.noteUse(id);
    expect(store.list({ limit: 1 }).keys[0]).toMatchObject({ lastUsedAt: clock.time });
    await vi.advanceTimersByTimeAsync(WRITE_USES_MS - 1);
    expect(written()).toBeNull();
    await vi.advanceTimersByTimeAsync(1);
    expect(written()).toBe(clock.time);
    await store.beforeApplicationShutdown();
  });

  it('is written at the end of the server, and is no news to other processes', async () => {
    const { store } = startProcess();
    const { id } = await addKey(store);
    const other = startProcess();
    store.noteUse(id);
    await store.beforeApplicationShutdown();
    other.store.catchUp();
    expect(other.revoked).toEqual([]);
    expect(other.store.list({ limit: 1 }).keys[0]).toMatchObject({ lastUsedAt: clock.time });
  });

  it('waits for the next time when it cannot be written', async () => {
    const { store, database } = startProcess();
    const { id } = await addKey(store);
    store.noteUse(id);
    database.writer.exec('PRAGMA query_only = 1');
    await store.writeUses();
    database.writer.exec('PRAGMA query_only = 0');
    await store.writeUses();
    expect(database.prepare('SELECT last_used_at AS at FROM api_key').get()).toEqual({ at: clock.time });
  });
});
