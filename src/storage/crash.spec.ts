// What was answered is on disk, and what was not is whole or absent: the process is killed in the midst of writing.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { compileThreads, type CompiledThreads } from '../../test/support/compiled-threads.js';

const WRITER_THREAD = `
import { runWriterThread } from './storage/writer-thread.js';
import { eventLogMigration } from './storage/event-log.js';
runWriterThread({
  migrations: [eventLogMigration, { name: '0002-notes', sql: 'CREATE TABLE note (id INTEGER PRIMARY KEY)' }],
  programs: {
    'note.add': (tx, { id }) => {
      tx.prepare('INSERT INTO note (id) VALUES (?)').run(id);
      tx.publish({ tenant: 't', event: 'note.added', data: id });
    },
  },
});
`;

const READER_THREAD = `
import { runReaderThread } from './storage/reader-thread.js';
runReaderThread({});
`;

const PROCESS = `
import { writeSync } from 'node:fs';
import { ThreadedDatabase } from './storage/threaded-database.js';
const [file, first] = process.argv.slice(2);
const db = await ThreadedDatabase.open({
  file, busyTimeoutMs: 5000, clock: { now: Date.now },
  writerEntry: new URL('./writer.js', import.meta.url),
  readerEntry: new URL('./reader.js', import.meta.url),
});
let id = Number(first);
for (let writer = 0; writer < 20; writer++) {
  (async () => {
    for (;;) {
      const mine = id++;
      await db.write('note.add', { id: mine });
      writeSync(1, mine + '\\n');
    }
  })();
}
`;

let threads: CompiledThreads;
let dir: string;
beforeAll(() => {
  threads = compileThreads('storage', 'extension', 'config');
  threads.write('writer.js', WRITER_THREAD);
  threads.write('reader.js', READER_THREAD);
  threads.write('process.js', PROCESS);
  dir = mkdtempSync(join(tmpdir(), 'mcpw-crash-'));
});
afterAll(() => {
  threads.remove();
  rmSync(dir, { recursive: true });
});

/** Lets a process write until it has answered so often, kills it, and gives what it had answered. */
async function writeAndKill(file: string, first: number, answers: number): Promise<number[]> {
  const child = spawn(process.execPath, [fileURLToPath(threads.url('process.js')), file, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const answered: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (answered.push(Number(line)) === answers) child.kill('SIGKILL');
  }
  return answered;
}

it('every answered write outlives kill -9, with its event', async () => {
  const file = join(dir, 'test.db');
  const answered: number[] = [];
  for (const answers of [1, 50, 333, 1_000, 777]) {
    answered.push(...(await writeAndKill(file, (answered.at(-1) ?? 0) + 1_000, answers)));
    const db = new DatabaseSync(file);
    const notes = db
      .prepare('SELECT id FROM note ORDER BY id')
      .all()
      .map(({ id }) => Number(id));
    const events = db
      .prepare('SELECT data FROM event_log ORDER BY seq')
      .all()
      .map(({ data }) => Number(data));
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    db.close();
    const kept = new Set(notes);
    expect(answered.filter((id) => !kept.has(id))).toEqual([]);
    expect(events.sort((a, b) => a - b)).toEqual(notes);
  }
  expect(answered.length).toBeGreaterThanOrEqual(2_161);
}, 60_000);
