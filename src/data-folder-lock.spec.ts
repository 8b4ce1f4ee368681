import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { lockDataFolder } from './data-folder-lock.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mcpw-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('one server has it, and the next when that one is done', () => {
  const unlock = lockDataFolder(folder, 0);
  expect(() => lockDataFolder(folder, 0)).toThrow(`the data folder ${folder} is in use by another server`);
  unlock();
  lockDataFolder(folder, 0)();
});

it('that cannot be had is not said to be another server’s', () => {
  const file = join(folder, 'server.lock');
  writeFileSync(file, 'no database'.repeat(100));
  expect(() => lockDataFolder(folder, 0)).toThrow(`the data folder ${folder} cannot be used: ${file}: file is not a database`);
});
