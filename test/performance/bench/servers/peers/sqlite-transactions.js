// Not a server: the same change as `context.update` makes, in SQLite with one transaction each, on disk as SQLite promises it.
// Prints changes per second for each line that it reads: seconds.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createInterface } from 'node:readline';

const WRITERS = 100;
const folder = mkdtempSync(join(tmpdir(), 'mcpw-bench-sqlite-'));
const db = new DatabaseSync(join(folder, 'bench.db'));
db.exec(`
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE context (id INTEGER PRIMARY KEY, version INTEGER, tokens INTEGER, updated_at INTEGER) STRICT;
  CREATE TABLE item (id INTEGER PRIMARY KEY, context INTEGER, json TEXT) STRICT;
  CREATE TABLE event (id INTEGER PRIMARY KEY, context INTEGER, data TEXT) STRICT;
`);
const addContext = db.prepare('INSERT INTO context VALUES (?, 1, 0, 0)');
for (let id = 0; id < WRITERS; id++) addContext.run(id);
const begin = db.prepare('BEGIN IMMEDIATE');
const commit = db.prepare('COMMIT');
const read = db.prepare('SELECT * FROM context WHERE id = ?');
const save = db.prepare('UPDATE context SET version = ?, tokens = ?, updated_at = ? WHERE id = ?');
const addItem = db.prepare('INSERT INTO item (context, json) VALUES (?, ?)');
const addEvent = db.prepare('INSERT INTO event (context, data) VALUES (?, ?)');

function change(id, content) {
  begin.run();
  const { version, tokens } = read.get(id);
  addItem.run(id, JSON.stringify({ role: 'user', content }));
  save.run(version + 1, tokens + 1, Date.now(), id);
  addEvent.run(id, JSON.stringify({ context_id: id, version: version + 1 }));
  commit.run();
}

for await (const line of createInterface({ input: process.stdin })) {
  const { seconds, content } = JSON.parse(line);
  const start = performance.now();
  let done = 0;
  while (performance.now() - start < seconds * 1000) change(done++ % WRITERS, content);
  console.log(done / ((performance.now() - start) / 1000));
}
db.close();
rmSync(folder, { recursive: true, force: true });
