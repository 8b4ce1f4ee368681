import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { openForReading, openForWriting } from './connection.js';
import { ReadableStatements } from './readable-statements.js';

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mcpw-storage-'));
  file = join(dir, 'test.db');
  const db = openForWriting(file, 0);
  db.exec('CREATE TABLE a (x); INSERT INTO a VALUES (1), (2)');
  db.close();
});
afterEach(() => rmSync(dir, { recursive: true }));

it('keeps a statement once it is prepared', () => {
  const db = openForReading(file);
  const statements = new ReadableStatements(db);
  expect(statements.prepare('SELECT x FROM a')).toBe(statements.prepare('SELECT x FROM a'));
  expect(statements.prepare('SELECT x FROM a').all()).toEqual([{ x: 1 }, { x: 2 }]);
  expect(statements.prepare('SELECT x FROM a WHERE x = ?').get(2)).toEqual({ x: 2 });
  db.close();
});

it('is unavailable while another process holds the whole database, without waiting', () => {
  const other = new DatabaseSync(file);
  other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; INSERT INTO a VALUES (3); COMMIT');
  const db = new DatabaseSync(file, { readOnly: true, timeout: 0 });
  const statements = new ReadableStatements(db);
  expect(() => statements.prepare('SELECT x FROM a')).toThrow(expect.objectContaining({ kind: 'unavailable' }));
  other.close();
  expect(statements.prepare('SELECT x FROM a').all()).toHaveLength(3);
  db.close();
});

it('reads of one moment in a snapshot, and what came meanwhile after it', () => {
  const db = openForReading(file);
  const writer = openForWriting(file, 0);
  const statements = new ReadableStatements(db);
  const count = () => statements.prepare('SELECT count(*) AS n FROM a').get();
  const counts = statements.snapshot(() => {
    const before = count();
    writer.exec('INSERT INTO a VALUES (3)');
    return [before, count()];
  });
  expect(counts).toEqual([{ n: 2 }, { n: 2 }]);
  expect(count()).toEqual({ n: 3 });
  expect(() =>
    statements.snapshot(() => {
      throw new Error('in the middle');
    }),
  ).toThrow('in the middle');
  writer.exec('INSERT INTO a VALUES (4)');
  expect(count()).toEqual({ n: 4 });
  writer.close();
  db.close();
});

it('leaves a mistake in the SQL an Error', () => {
  const db = openForReading(file);
  expect(() => new ReadableStatements(db).prepare('SELECT y FROM a')).toThrow(/no such column/);
  db.close();
});
