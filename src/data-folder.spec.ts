import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { secureDataFolder } from './data-folder.js';

let parent: string;
let folder: string;
const mode = (): number => statSync(folder).mode & 0o777;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'mcpw-folder-'));
  folder = join(parent, 'data');
});
afterEach(() => rmSync(parent, { recursive: true }));

it('makes it for its owner alone', () => {
  expect(secureDataFolder(folder)).toBeUndefined();
  expect(mode()).toBe(0o700);
});

it.each(['empty', 'mcpw.db'])('closes one that is open to others: %s', (file) => {
  mkdirSync(folder);
  if (file !== 'empty') writeFileSync(join(folder, file), '');
  chmodSync(folder, 0o755);
  expect(secureDataFolder(folder)).toBeUndefined();
  expect(mode()).toBe(0o700);
});

it.each(['/proc/nope', '/proc/no/pe', '/dev/null/data'])('says why %s cannot be made', (impossible) => {
  expect(() => secureDataFolder(impossible)).toThrow(`the data folder ${impossible} cannot be made: `);
});

it('leaves one that holds other things, and says so', () => {
  mkdirSync(folder);
  writeFileSync(join(folder, 'letter.txt'), '');
  chmodSync(folder, 0o755);
  expect(secureDataFolder(folder)).toMatch('is open to other users');
  expect(mode()).toBe(0o755);
});
