import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { compileThreads, type CompiledThreads } from '../../test/support/compiled-threads.js';
import { Failure } from '../extension/failure.js';
import { ThreadedDatabase } from './threaded-database.js';

const WRITER_THREAD = `
import { runWriterThread } from './storage/writer-thread.js';
import { eventLogMigration } from './storage/event-log.js';
runWriterThread({
  migrations: [eventLogMigration, { name: '0002-notes', sql: 'CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)' }],
  programs: {
    'note.add': (tx, { text }) => {
      tx.prepare('INSERT INTO note (text) VALUES (?)').run(text);
      tx.publish({ tenant: 't', event: 'note.added', data: { text } });
      return text.length;
    },
    'note.uncloneable': (tx) => {
      tx.prepare('INSERT INTO note (text) VALUES (?)').run('uncloneable');
      return () => 1;
    },
    'thread.end': () => process.exit(1),
  },
});
`;

const READER_THREAD = `
import { runReaderThread } from './storage/reader-thread.js';
const rows = 'WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n';
const ran = [];
runReaderThread({
  'ran': () => ran.splice(0),
  'note': (_, name) => void ran.push(name),
  'hold': (_, flag) => void Atomics.wait(new Int32Array(flag), 0, 0),
  'endless': (reader) => {
    for (const _ of reader.prepare(rows).iterate()) reader.checkTime('ask for less');
  },
});
`;

let threads: CompiledThreads;
beforeAll(() => {
  threads = compileThreads('storage', 'extension');
  threads.write('writer.js', WRITER_THREAD);
  threads.write('reader.js', READER_THREAD);
  threads.write('refuses.js', WRITER_THREAD.replace("name: '0002-notes', sql: '", "name: '0002-notes', sql: 'oops "));
});
afterAll(() => threads.remove());

let dir: string;
let file: string;
let db: ThreadedDatabase;

const open = (writer = 'writer.js', busyTimeoutMs = 150) =>
  ThreadedDatabase.open({
    file,
    busyTimeoutMs,
    writerEntry: threads.url(writer),
    readerEntry: threads.url('reader.js'),
    clock: { now: () => 7_000 },
  });

beforeEach(async () => {
  Logger.overrideLogger(false);
  dir = mkdtempSync(join(tmpdir(), 'mcpw-storage-'));
  file = join(dir, 'test.db');
  db = await open();
});
afterEach(async () => {
  await db.close();
  rmSync(dir, { recursive: true });
});

const add = (text: string) => db.write('note.add', { text });
const texts = () =>
  db
    .prepare('SELECT text FROM note ORDER BY id')
    .all()
    .map(({ text }) => text);

it('answers a write when it can be read, here and on the reader thread', async () => {
  expect(await add('one')).toBe(3);
  expect(texts()).toEqual(['one']);
  expect(await db.query('SELECT text FROM note WHERE id > ?', [0])).toEqual([{ text: 'one' }]);
});

it('answers each of many writes with its own result, and tells the events in the order of the log', async () => {
  const heard: number[] = [];
  db.onPublished((events) => heard.push(...events.map(({ seq }) => seq)));
  const lengths = Array.from({ length: 500 }, (_, i) => i + 1);
  expect(await Promise.all(lengths.map((length) => add('x'.repeat(length))))).toEqual(lengths);
  expect(heard).toEqual(lengths);
  expect(db.prepare('SELECT DISTINCT at FROM event_log').all()).toEqual([{ at: 7_000 }]);
});

it('gives an error for a result that cannot cross threads, and the others theirs', async () => {
  const answers = await Promise.allSettled([add('one'), db.write('note.uncloneable', {}), add('three')]);
  expect(answers).toMatchObject([{ value: 3 }, { reason: { message: expect.stringContaining('could not be cloned') } }, { value: 5 }]);
});

it('gives the error of a query that fails, and goes on', async () => {
  await expect(db.query('SELECT x FROM missing', [])).rejects.toThrow('no such table: missing');
  expect(await db.query('SELECT 1 AS x', [])).toEqual([{ x: 1 }]);
});

describe('reads that take long', () => {
  const by = (tenant: string, signal?: AbortSignal) => ({ tenant, signal });
  const note = (tenant: string, name: string, signal?: AbortSignal) => db.read('note', name, by(tenant, signal));
  const ran = () => db.read('ran', undefined, by('reader'));

  /** The thread reads nothing else until it is let go. */
  function hold(): { letGo: () => void; held: Promise<unknown> } {
    const flag = new SharedArrayBuffer(4);
    const held = db.read('hold', flag, by('holder'));
    return {
      held,
      letGo: () => {
        Atomics.store(new Int32Array(flag), 0, 1);
        Atomics.notify(new Int32Array(flag), 0);
      },
    };
  }

  it('are stopped when their time is up, and the next one is answered', async () => {
    await expect(db.read('endless', undefined, by('acme'))).rejects.toMatchObject({
      kind: 'timed_out',
      message: 'would take longer than 500 ms: ask for less',
    });
    expect(await ran()).toEqual([]);
  });

  it('hold up no query', async () => {
    const { letGo, held } = hold();
    expect(await db.query('SELECT 1 AS x', [])).toEqual([{ x: 1 }]);
    letGo();
    await held;
  });

  it('take turns by tenant', async () => {
    const { letGo } = hold();
    const asked = [note('a', 'a1'), note('a', 'a2'), note('a', 'a3'), note('b', 'b1'), note('c', 'c1'), note('b', 'b2')];
    letGo();
    await Promise.all(asked);
    expect(await ran()).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  it('are not begun once nobody waits for them', async () => {
    const { letGo } = hold();
    const [gone, left] = [new Failure('cancelled', 'the caller has gone'), new AbortController()];
    const asked = [note('a', 'a1'), note('a', 'a2', left.signal), note('b', 'b1', left.signal), note('b', 'b2')];
    left.abort(gone);
    await expect(asked[1]).rejects.toBe(gone);
    await expect(asked[2]).rejects.toBe(gone);
    await expect(note('a', 'late', left.signal)).rejects.toBe(gone);
    letGo();
    await Promise.all([asked[0], asked[3]]);
    expect(await ran()).toEqual(['a1', 'b2']);
  });

  it('are refused where a tenant has too many waiting, while others are taken', async () => {
    const { letGo } = hold();
    const asked = Array.from({ length: 100 }, (_, i) => note('a', `a${i}`));
    await expect(note('a', 'too many')).rejects.toMatchObject({ kind: 'unavailable', data: { retry_after_ms: 1_000 } });
    asked.push(note('b', 'b1'));
    letGo();
    await Promise.all(asked);
    expect(await ran()).toHaveLength(101);
  });

  it('that wait are failed when the database closes, and the one that runs is not waited for in vain', async () => {
    const { held } = hold();
    const asked = Promise.allSettled([held, note('a', 'a1')]);
    await add('one');
    await db.close();
    for (const outcome of await asked) expect(outcome).toMatchObject({ reason: { kind: 'unavailable' } });
    db = await open();
    expect(texts()).toEqual(['one']);
  });
});

describe('a locked database', () => {
  it('fails writes as unavailable after the busy timeout, does not hold the event loop, and then works again', async () => {
    await db.close();
    db = await open('writer.js', 400);
    const warnings: unknown[] = [];
    Logger.overrideLogger({ log: () => undefined, error: () => undefined, warn: (message: unknown) => warnings.push(message) });
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    let turns = 0;
    const ticker = setInterval(() => turns++, 5);
    const started = performance.now();
    await expect(add('one')).rejects.toMatchObject({ kind: 'unavailable', message: 'the database is locked by another process' });
    expect(performance.now() - started).toBeGreaterThan(300);
    clearInterval(ticker);
    expect(turns).toBeGreaterThan(5);
    await expect(db.check()).rejects.toMatchObject({ kind: 'unavailable' });
    expect(warnings).toEqual(['writes fail: the database is locked by another process']);
    other.exec('ROLLBACK');
    other.close();
    await db.check();
    await add('two');
    expect(texts()).toEqual(['two']);
  });

  it('is waited for within the busy timeout', async () => {
    await db.close();
    db = await open('writer.js', 10_000);
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    const written = add('one');
    await db.query('SELECT 1', []);
    other.exec('ROLLBACK');
    other.close();
    expect(await written).toBe(3);
  });
});

it('fails what was asked for when the writer thread ends by itself, and starts another', async () => {
  const [ended, lost] = await Promise.allSettled([db.write('thread.end', {}), add('lost')]);
  expect(ended).toMatchObject({ status: 'rejected', reason: { kind: 'unavailable' } });
  expect(lost).toMatchObject({ status: 'rejected', reason: { kind: 'unavailable' } });
  await expect(add('while down')).rejects.toMatchObject({ kind: 'unavailable', data: { retry_after_ms: expect.any(Number) } });
  await expect.poll(() => add('back').catch(() => 'down'), { timeout: 10_000 }).toBe(4);
  expect(texts()).toEqual(['back']);
});

it('says why the schema cannot be brought up to date, and starts nothing', async () => {
  await db.close();
  rmSync(file);
  await expect(open('refuses.js')).rejects.toThrow(/migration 0002-notes failed: near "oops"/);
});

describe('closing', () => {
  it('answers what was asked for, empties the write-ahead log, and keeps all of it', async () => {
    const asked = Array.from({ length: 50 }, (_, i) => add(`note ${i}`));
    await db.close();
    expect(await Promise.all(asked)).toHaveLength(50);
    expect(statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0).toBe(0);
    db = await open();
    expect(texts()).toHaveLength(50);
  });

  it('refuses what is asked for afterwards', async () => {
    await db.close();
    await expect(add('late')).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(db.query('SELECT 1', [])).rejects.toMatchObject({ kind: 'unavailable' });
    expect(() => db.prepare('SELECT 1')).toThrow(expect.objectContaining({ kind: 'unavailable' }));
  });
});
