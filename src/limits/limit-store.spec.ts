import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { StoppedClock } from '../auth/testing/key-database.js';
import { InlineDatabase } from '../storage/inline-database.js';
import { limitMigration } from './limit-schema.js';
import { LimitStore } from './limit-store.js';
import { limitWrites, MAX_LIMITS_OF_TENANT } from './limit-writes.js';
import { ToolRateLimits } from './tool-rate-limits.js';

let folder: string;
let database: InlineDatabase;
let store: LimitStore;

const open = (): void => {
  const file = join(folder, 'limits.db');
  database = new InlineDatabase({ file, programs: limitWrites, migrations: [limitMigration], clock: new StoppedClock() });
  store = new LimitStore(database);
};
const tool = { scope: 'tool', tenant: 'acme', name: 'deploy' } as const;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mcpw-limits-'));
  open();
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

it('finds what was set, also after a restart, until it is removed', async () => {
  await store.set({ scope: 'tenant', tenant: 'acme', name: '', rate: 5, burst: 10 });
  await store.set({ scope: 'key', tenant: 'acme', name: 'k1', rate: 1.5, burst: 2 });
  await store.set({ ...tool, rate: 1, burst: 1 });
  await store.set({ ...tool, rate: 2, burst: 3 });
  database.close();
  open();
  expect(store.ofTenant('acme')).toMatchObject({ rate: 5, burst: 10 });
  expect(store.ofKey('k1')).toMatchObject({ rate: 1.5, burst: 2 });
  expect(store.ofTool('acme', 'deploy')).toMatchObject({ rate: 2, burst: 3 });
  expect(store.ofTool('other', 'deploy')).toBeUndefined();
  expect(store.list('acme').map(({ scope, name }) => [scope, name])).toEqual([
    ['key', 'k1'],
    ['tenant', ''],
    ['tool', 'deploy'],
  ]);
  expect(store.list('other')).toEqual([]);
  expect(await store.remove(tool)).toBe(true);
  expect(await store.remove(tool)).toBe(false);
  expect(store.ofTool('acme', 'deploy')).toBeUndefined();
});

it('tells of each change', async () => {
  const changes: string[] = [];
  const stop = store.onChanged(({ scope, name }) => changes.push(`${scope} ${name}`));
  await store.set({ ...tool, rate: 1, burst: 1 });
  await store.remove(tool);
  stop();
  await store.set({ ...tool, rate: 1, burst: 1 });
  expect(changes).toEqual(['tool deploy', 'tool deploy']);
});

it('keeps a bounded number for each tenant', async () => {
  await Promise.all(
    Array.from({ length: MAX_LIMITS_OF_TENANT }, (_, i) => store.set({ scope: 'key', tenant: 'acme', name: `k${i}`, rate: 1, burst: 1 })),
  );
  await expect(store.set({ scope: 'key', tenant: 'acme', name: 'more', rate: 1, burst: 1 })).rejects.toMatchObject({ kind: 'conflict' });
  await store.set({ scope: 'key', tenant: 'other', name: 'more', rate: 1, burst: 1 });
});

it('a tool with a limit runs so often, whoever asks; one without runs', async () => {
  const limits = new ToolRateLimits(store);
  expect(limits.admit('acme', 'deploy')).toBeUndefined();
  await store.set({ ...tool, rate: 0.001, burst: 2 });
  expect([1, 2, 3].map(() => limits.admit('acme', 'deploy')?.data?.['scope'])).toEqual([undefined, undefined, 'tool']);
  expect(limits.admit('acme', 'deploy')?.data?.['retry_after_ms']).toBeGreaterThan(900_000);
  expect(limits.admit('acme', 'echo')).toBeUndefined();
  expect(limits.admit('other', 'deploy')).toBeUndefined();
  await store.set({ ...tool, rate: 0.001, burst: 3 });
  expect(limits.admit('acme', 'deploy')).toBeUndefined();
  await store.remove(tool);
  for (let i = 0; i < 10; i++) expect(limits.admit('acme', 'deploy')).toBeUndefined();
  limits.onModuleDestroy();
});
