import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { decodeMsgpack } from '@mcpw/protocol';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { Failure } from '../extension/failure.js';
import { writeEventCursor } from './event-cursor.js';
import { eventLogMigration } from './event-log.js';
import { InlineDatabase } from './inline-database.js';
import type { LoggedEvent, WriteContext } from './write-program.js';

let looks = 0;
const programs = {
  'note.add': (tx: WriteContext, { text }: { text: string }) => {
    const { lastInsertRowid } = tx.prepare('INSERT INTO note (text) VALUES (?)').run(text);
    tx.publish({ tenant: 't', event: 'note.added', data: { text } });
    return { id: Number(lastInsertRowid), at: tx.now };
  },
  'note.refuse': (tx: WriteContext, { text }: { text: string }) => {
    tx.prepare('INSERT INTO note (text) VALUES (?)').run(text);
    tx.publish({ tenant: 't', event: 'note.added', data: { text } });
    throw new Failure('conflict', 'no notes today', { current_version: 3 });
  },
  'note.look': () => {
    looks++;
    throw new Failure('not_found', 'no such note');
  },
  'note.break': (tx: WriteContext) => {
    tx.prepare('INSERT INTO note (text) VALUES (?)').run('broken');
    throw new TypeError('a bug');
  },
  'note.late': (tx: WriteContext, { text, fails = false }: { text: string; fails?: boolean }) => {
    tx.beforeCommit(() => tx.prepare('INSERT INTO note (text) VALUES (?)').run(text));
    if (fails) throw new Failure('conflict', 'no notes today');
  },
  'note.lateBreak': (tx: WriteContext) => {
    tx.beforeCommit(() => {
      throw new TypeError('a late bug');
    });
  },
  'note.clear': (tx: WriteContext) => Number(tx.prepare('DELETE FROM note').run().changes),
};
const noteMigration = { name: '0002-notes', sql: 'CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)' };

let dir: string;
let file: string;
let db: InlineDatabase;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mcpw-storage-'));
  file = join(dir, 'data', 'test.db');
  db = new InlineDatabase({ file, programs, migrations: [noteMigration, eventLogMigration], clock: { now: () => 1_000 } });
});
afterEach(() => {
  db.close();
  rmSync(dir, { recursive: true });
});

const add = (text: string) => db.write<typeof programs, 'note.add'>('note.add', { text });
const texts = () =>
  db
    .prepare('SELECT text FROM note ORDER BY id')
    .all()
    .map(({ text }) => text);

describe('a write', () => {
  it('answers with the result of its program and is seen by the next read', async () => {
    expect(await add('one')).toEqual({ id: 1, at: 1_000 });
    expect(texts()).toEqual(['one']);
  });

  it('that throws undoes itself and no other of its group', async () => {
    const answers = await Promise.allSettled([
      add('one'),
      db.write('note.refuse', { text: 'two' }),
      db.write('note.break', {}),
      add('three'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(texts()).toEqual(['one', 'three']);
  });

  it('that throws before it has written anything has nothing to undo: no program of its group runs twice', async () => {
    looks = 0;
    const answers = await Promise.allSettled([add('one'), db.write('note.look', {}), add('two')]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(texts()).toEqual(['one', 'two']);
    expect(looks).toBe(1);
  });

  it('keeps the kind, message and data of a Failure', async () => {
    const refused = db.write('note.refuse', { text: 'x' });
    await expect(refused).rejects.toBeInstanceOf(Failure);
    await expect(refused).rejects.toMatchObject({ kind: 'conflict', message: 'no notes today', data: { current_version: 3 } });
  });

  it('keeps the message and stack of a bug, as an Error', async () => {
    const error = await db.write('note.break', {}).catch((e: unknown) => e);
    expect(error).not.toBeInstanceOf(Failure);
    expect(error).toMatchObject({ message: 'a bug', stack: expect.stringContaining('inline-database.spec') });
  });

  it('of an unknown program fails alone, inherited names included', async () => {
    const answers = await Promise.allSettled([db.write('toString', {}), add('one')]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });

  it('with an argument that cannot cross threads fails alone', async () => {
    const answers = await Promise.allSettled([add('one'), db.write('note.add', { text: () => 'x' }), add('two')]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(texts()).toEqual(['one', 'two']);
  });
});

describe('what a program does before the commit', () => {
  const late = (text: string, fails = false) => db.write('note.late', { text, fails });

  it('comes after all programs of the group, in their order, and not where the program throws', async () => {
    await Promise.allSettled([late('late one'), late('never', true), add('early'), late('late two')]);
    expect(texts()).toEqual(['early', 'late one', 'late two']);
  });

  it('undoes the group when it throws, and nothing after it', async () => {
    const answers = await Promise.allSettled([add('one'), db.write('note.lateBreak', {})]);
    expect(answers).toMatchObject([{ reason: { message: 'a late bug' } }, { reason: { message: 'a late bug' } }]);
    expect(texts()).toEqual([]);
    await add('two');
    expect(texts()).toEqual(['two']);
  });
});

describe('published events', () => {
  it('are told after the commit, in the order of the log, without those of failed programs', async () => {
    const heard: LoggedEvent[] = [];
    const stop = db.onPublished((events) => {
      expect(texts()).toEqual(['one', 'three']);
      heard.push(...events);
    });
    await Promise.allSettled([add('one'), db.write('note.refuse', { text: 'two' }), add('three')]);
    expect(heard.map(({ data }) => data)).toEqual(['{"text":"one"}', '{"text":"three"}']);
    expect(heard[1]!.seq).toBeGreaterThan(heard[0]!.seq);
    const columns = heard.map(({ packed: _, ...others }) => others);
    expect(db.prepare('SELECT seq, tenant, event, data, at FROM event_log ORDER BY seq').all()).toEqual(columns);
    const asMap = (members: Uint8Array) => Buffer.concat([Uint8Array.of(0x84), members]);
    expect(heard.map(({ packed }) => decodeMsgpack(asMap(packed!)))).toEqual(
      heard.map(({ event, seq, data, at }) => ({
        ok: true,
        value: { event, cursor: writeEventCursor(seq), data: JSON.parse(data) as unknown, timestamp: new Date(at).toISOString() },
      })),
    );
    stop();
    await add('four').catch(() => undefined);
    expect(heard).toHaveLength(2);
  });

  it('reach the other listeners when one throws', async () => {
    const heard: string[] = [];
    Logger.overrideLogger(false);
    db.onPublished(() => {
      throw new Error('a listener that fails');
    });
    db.onPublished(([event]) => heard.push(event!.event));
    await add('one');
    expect(heard).toEqual(['note.added']);
  });
});

describe('when the database cannot be written', () => {
  it('a locked one is unavailable, and writes work again once it is free', async () => {
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    await expect(add('one')).rejects.toMatchObject({ kind: 'unavailable', data: { retry_after_ms: 1_000 } });
    other.exec('ROLLBACK');
    other.close();
    await add('two');
    expect(texts()).toEqual(['two']);
  });

  it('a full disk is unavailable for the group, reads go on, and writes succeed after room is made', async () => {
    const heard: LoggedEvent[] = [];
    await add('kept');
    db.onPublished((events) => heard.push(...events));
    const { page_count } = db.writer.prepare('PRAGMA page_count').get() as { page_count: number };
    db.writer.exec(`PRAGMA max_page_count = ${page_count + 2}`);

    const answers = await Promise.allSettled([add('x'.repeat(100_000)), add('y'.repeat(100_000))]);
    for (const answer of answers)
      expect(answer).toMatchObject({ status: 'rejected', reason: { kind: 'unavailable', message: 'the disk is full' } });
    expect(texts()).toEqual(['kept']);
    expect(heard).toEqual([]);

    db.writer.exec('PRAGMA max_page_count = 100000');
    await add('after');
    expect(texts()).toEqual(['kept', 'after']);
  });
});

it('makes the data folder 0700 and the files 0600', async () => {
  await add('one');
  expect(statSync(join(dir, 'data')).mode & 0o777).toBe(0o700);
  for (const name of [file, `${file}-wal`, `${file}-shm`]) {
    expect(existsSync(name)).toBe(true);
    expect(statSync(name).mode & 0o777).toBe(0o600);
  }
});

it('commits with synchronous=FULL in WAL mode', () => {
  expect(db.writer.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
  expect(db.writer.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
});
