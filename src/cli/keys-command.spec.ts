import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ApiKeyService } from '../auth/api-key.service.js';
import { parseApiKey } from '../auth/api-key-format.js';
import { CredentialEvents } from '../auth/credential-events.js';
import { LOOK_FOR_CHANGES_MS, SqlApiKeyStore } from '../auth/sql-api-key-store.js';
import { KeyDatabase, StoppedClock } from '../auth/testing/key-database.js';
import { runKeysCommand, UsageError } from './keys-command.js';

let clock: StoppedClock;
let files: KeyDatabase;
let notes: string[];
beforeEach(() => {
  notes = [];
  clock = new StoppedClock();
  files = new KeyDatabase(clock);
});
afterEach(() => {
  vi.useRealTimers();
  files.discard();
});

const open = (events = new CredentialEvents()) => new SqlApiKeyStore(files.open(), clock, events);
const run = (...args: string[]) => runKeysCommand(args, new ApiKeyService(open(), clock), clock, (text) => void notes.push(text));
const create = async (...args: string[]) =>
  JSON.parse(await run('create', '--name', 'n', '--scopes', 'tools:read', '--json', ...args)) as { id: string; key: string };

describe('create', () => {
  it('shows the key once, with what it may do', async () => {
    const text = await run('create', '--name', 'build agent', '--tenant', 'acme', '--scopes', 'tools:read, tools:execute:git*');
    const key = /mcpw_\S+/.exec(text)?.[0] as string;
    const { id, secretHash } = parseApiKey(key)!;
    expect(open().find(id)).toMatchObject({
      secretHash,
      authenticated: { principal: { tenant: 'acme', scopes: ['tools:read', 'tools:execute:git*'] } },
    });
    expect(text).toMatch(/name +build agent/);
    expect(text).toMatch(/expires +never/);
    expect(await run('list')).not.toContain(key.slice(18));
  });

  it('prints JSON on demand, for the tenant default unless told otherwise', async () => {
    expect(await create()).toEqual({
      id: expect.any(String),
      key: expect.stringMatching(/^mcpw_/),
      name: 'n',
      tenant: 'default',
      scopes: ['tools:read'],
      expires_at: null,
    });
  });

  it('notes scopes that are none of the server’s, for a module may have them', async () => {
    const { scopes } = JSON.parse(
      await run('create', '--name', 'n', '--json', '--scopes', 'tool:read,metrics:read,tools:execute:git*,billing:charge,admin'),
    ) as { scopes: string[] };
    expect(scopes).toContain('tool:read');
    expect(notes).toEqual([
      expect.stringMatching(/^Note: tool:read is none .*; did you mean tools:read\?$/),
      expect.stringMatching(/^Note: billing:charge is none [^;]*$/),
    ]);
  });

  it.each([
    ['30d', '2030-01-31T00:00:00.000Z'],
    ['90m', '2030-01-01T01:30:00.000Z'],
    ['2030-06-01T00:00:00+02:00', '2030-05-31T22:00:00.000Z'],
    ['2030-06-01', '2030-06-01T00:00:00.000Z'],
  ])('with --expires %s ends at %s', async (expires, expected) => {
    expect(await create('--expires', expires)).toMatchObject({ expires_at: expected });
  });

  it.each([
    [['--expires', 'soon'], UsageError],
    [['--expires', '2029-01-01T00:00:00Z'], /expires_at/],
    [['--tenant', 'a:b'], /tenant/],
    [['--scopes', ''], /scopes/],
    [['--scopes', 'a,a'], /scopes/],
    [['--name', ''], /name/],
  ])('refuses %j', async (args, reason) => {
    await expect(create(...args)).rejects.toThrow(reason);
    expect(await run('list')).toBe('There are no keys.');
  });
});

describe('list', () => {
  it("is a table of all keys, or one tenant's", async () => {
    const one = await create('--tenant', 'acme', '--expires', '1d');
    const two = await create('--tenant', 'other');
    await run('revoke', two.id);
    const lines = (await run('list')).split('\n');
    expect(lines[0]).toMatch(/^ID +NAME +TENANT +SCOPES +MADE +EXPIRES +LAST USED +REVOKED$/);
    expect(lines[1]).toMatch(new RegExp(`^${one.id}  n +acme +tools:read +2030-01-01 00:00 +2030-01-02 00:00 +- +-$`));
    expect(lines[2]).toMatch(new RegExp(`^${two.id}  n +other +tools:read +2030-01-01 00:00 +- +- +2030-01-01 00:00$`));
    expect(JSON.parse(await run('list', '--tenant', 'acme', '--json'))).toMatchObject([{ id: one.id }]);
  });
});

describe('rotate and revoke', () => {
  it('reach a running server within two seconds: its key stops, and what it opened is told to close', async () => {
    vi.useFakeTimers();
    const [rotated, revoked] = [await create(), await create()];
    const events = new CredentialEvents();
    const closed: string[] = [];
    events.onRevoked(({ id }) => closed.push(id));
    const server = open(events);
    server.onModuleInit();

    const text = await run('rotate', rotated.id);
    await run('revoke', revoked.id);
    await vi.advanceTimersByTimeAsync(LOOK_FOR_CHANGES_MS);

    expect(closed).toEqual([rotated.id, revoked.id]);
    expect(server.find(revoked.id)).toBeUndefined();
    const fresh = parseApiKey(/mcpw_\S+/.exec(text)?.[0] as string)!;
    expect(server.find(rotated.id)?.secretHash).toEqual(fresh.secretHash);
    expect(fresh.id).toBe(rotated.id);
    await server.beforeApplicationShutdown();
  });

  it.each(['rotate', 'revoke'])('%s of a key that is not there says so', async (command) => {
    await expect(run(command, 'nosuchkey123')).rejects.toThrow('key nosuchkey123 not found');
  });
});

it.each(
  [
    [],
    ['destroy'],
    ['toString'],
    ['rotate'],
    ['revoke', 'a', 'b'],
    ['list', 'all'],
    ['list', '--name', 'x'],
    ['create', '--colour', 'red'],
  ].map((args) => [args]),
)('the words %j make no command', async (args) => {
  await expect(run(...args)).rejects.toThrow(UsageError);
});
