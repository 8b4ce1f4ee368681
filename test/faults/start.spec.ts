// What is in the data folder and cannot be used ends the start with a sentence that says so, and no more.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ServerProcess } from '../support/server-process.js';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'mcpw-start-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

async function saidAtStart(folder = dataDir): Promise<string> {
  const server = await ServerProcess.start({ dataDir: folder, ready: false });
  try {
    expect(await server.exited).toMatchObject({ code: 1 });
    return server.output;
  } finally {
    server.discard();
  }
}

it('a file that is no database', async () => {
  writeFileSync(join(dataDir, 'mcpw.db'), 'no database'.repeat(1_000));
  expect(await saidAtStart()).toMatch(/^The server does not start: the database \S+mcpw.db cannot be used: file is not a database\n$/);
});

it('a database that a newer version wrote', async () => {
  const db = new DatabaseSync(join(dataDir, 'mcpw.db'));
  db.exec('CREATE TABLE schema_migrations (name TEXT PRIMARY KEY, applied_at INTEGER NOT NULL)');
  db.exec("INSERT INTO schema_migrations VALUES ('9999-of-tomorrow', 0)");
  db.close();
  expect(await saidAtStart()).toMatch(/^The server does not start: .* newer version of the server: it has 9999-of-tomorrow, .*\n$/);
});

// How far the start gets: to the lock, the audit log, the database, its schema.
it.each([0, 8, 40, 80])('a disk with room for %i KB', async (roomKb) => {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'tmpfs', dataDir]);
  try {
    mkdirSync(join(dataDir, 'data'));
    writeFileSync(join(dataDir, 'ballast'), Buffer.alloc((400 - roomKb) * 1024));
    expect(await saidAtStart(join(dataDir, 'data'))).toMatch(
      /^The server does not start: the (data folder|database) \S+ cannot be used: .*\n$/,
    );
  } finally {
    execFileSync('umount', ['-l', dataDir]);
  }
});

describe('the keys command says the same of', () => {
  const keys = (folder: string, ...args: string[]) =>
    spawnSync(process.execPath, [resolve(import.meta.dirname, '../../dist/cli/keys.js'), ...(args.length > 0 ? args : ['list'])], {
      env: { PATH: process.env['PATH'], MCPW_DATA_DIR: folder },
      encoding: 'utf8',
      timeout: 30_000,
    });

  it('a file that is no database', () => {
    writeFileSync(join(dataDir, 'mcpw.db'), 'no database'.repeat(1_000));
    const { status, stderr } = keys(dataDir);
    expect(stderr).toMatch(/^the database \S+mcpw.db cannot be used: file is not a database\n$/);
    expect(status).toBe(1);
  });

  it('a folder without a database, which stays as it is', () => {
    const { status, stderr } = keys(join(dataDir, 'mistyped'));
    expect(stderr).toMatch(/^there is no database in \S+mistyped: /);
    expect(status).toBe(1);
    expect(existsSync(join(dataDir, 'mistyped'))).toBe(false);
  });

  it('a folder that cannot be made', () => {
    const { status, stderr } = keys('/proc/nowhere', 'create', '--name', 'n');
    expect(stderr).toMatch(/^the data folder \/proc\/nowhere cannot be made: .*\n$/);
    expect(status).toBe(1);
  });
});
