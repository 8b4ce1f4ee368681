import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { migrate } from './migrations.js';

let db: DatabaseSync;
beforeEach(() => {
  db = new DatabaseSync(':memory:');
});
afterEach(() => db.close());

const first = { name: '0001-a', sql: 'CREATE TABLE a (x)' };
const second = { name: '0002-b', sql: 'CREATE TABLE b (x); INSERT INTO a VALUES (1)' };
const recorded = () => db.prepare('SELECT name, applied_at FROM schema_migrations ORDER BY name').all();

it('runs the steps in the order of their names, once, and records them', () => {
  expect(migrate(db, [second, first], 5)).toEqual(['0001-a', '0002-b']);
  expect(migrate(db, [first, second], 6)).toEqual([]);
  expect(recorded()).toEqual([
    { name: '0001-a', applied_at: 5 },
    { name: '0002-b', applied_at: 5 },
  ]);
  expect(db.prepare('SELECT count(*) AS n FROM a').get()).toEqual({ n: 1 });
});

it('takes only the steps that are new', () => {
  migrate(db, [first], 5);
  expect(migrate(db, [first, second], 6)).toEqual(['0002-b']);
});

it('undoes a step that fails wholly, and keeps those before it', () => {
  const broken = { name: '0002-b', sql: 'CREATE TABLE b (x); INSERT INTO missing VALUES (1)' };
  expect(() => migrate(db, [first, broken], 5)).toThrow(/migration 0002-b failed: no such table: missing/);
  expect(recorded().map(({ name }) => name)).toEqual(['0001-a']);
  expect(db.prepare("SELECT name FROM sqlite_master WHERE name = 'b'").get()).toBeUndefined();
});

it('refuses a database that a newer server wrote, in a sentence that says what to do', () => {
  migrate(db, [first, second], 5);
  expect(() => migrate(db, [first], 6)).toThrow(/newer version of the server: it has 0002-b.*Start the newer version, or restore a backup/);
});

it('refuses two steps of one name', () => {
  expect(() => migrate(db, [first, { ...second, name: first.name }], 5)).toThrow('two migrations are named 0001-a');
});
