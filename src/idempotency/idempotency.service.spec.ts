import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Logger } from '@nestjs/common';
import { EncodedOnce } from '@mcpw/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Config } from '../config/config.js';
import type { OnceClaim } from '../extension/caller.js';
import { Failure, type FailureKind } from '../extension/failure.js';
import { eventLogMigration } from '../storage/event-log.js';
import { InlineDatabase } from '../storage/inline-database.js';
import { type ClaimKey, claimKey, recordAnswer, recordedAnswerMigration } from '../storage/recorded-answer.js';
import type { WriteContext } from '../storage/write-program.js';
import { IdempotencySweeper } from './idempotency-sweeper.js';
import { idempotencyWrites } from './idempotency-writes.js';
import { IdempotencyService } from './idempotency.service.js';

const WINDOW_MS = 600_000;
const config = { sessions: { idempotencyWindowMs: WINDOW_MS } } as Config;
const programs = {
  ...idempotencyWrites,
  'thing.change': (tx: WriteContext, claim: ClaimKey) => recordAnswer(tx, claim, '{"done":1}'),
};

let dir: string;
let db: InlineDatabase;
let service: IdempotencyService;
let now: number;
let runs: number;

const open = () => {
  const clock = { now: () => now };
  db = new InlineDatabase({ file: join(dir, 'test.db'), programs, migrations: [eventLogMigration, recordedAnswerMigration], clock });
  service = new IdempotencyService(db, clock, config);
};
beforeEach(() => {
  Logger.overrideLogger(false);
  now = 1_000_000_000;
  runs = 0;
  dir = mkdtempSync(join(tmpdir(), 'mcpw-once-'));
  open();
});
afterEach(() => {
  db.close();
  rmSync(dir, { recursive: true });
});

const claim = (given: Partial<OnceClaim> = {}): OnceClaim => ({
  ...{ principalId: 'key:1', method: 'tool.execute', key: 'k', paramsHash: 'h', recorded: false },
  ...given,
});
const returning = (result: unknown) => () => {
  runs++;
  return result;
};
const throwing = (error: unknown) => () => {
  runs++;
  throw error;
};
const restart = () => {
  db.close();
  open();
};

describe('the same key again', () => {
  it('gets the first result, and nothing runs twice', async () => {
    expect(await service.run(claim(), returning({ a: 1 }))).toEqual({ a: 1 });
    expect(await service.run(claim(), returning({ a: 2 }))).toEqual({ a: 1 });
    expect(runs).toBe(1);
  });

  it('gets what was kept encoded as the value that it is', async () => {
    const encoded = new EncodedOnce({ tools: [{ name: 'a' }] });
    await service.run(claim(), () => encoded);
    expect(await service.run(claim(), () => 'again')).toEqual({ tools: [{ name: 'a' }] });
  });

  it('gets it after a restart', async () => {
    await service.run(claim(), returning({ a: 1 }));
    restart();
    expect(await service.run(claim(), returning({ a: 2 }))).toEqual({ a: 1 });
  });

  it('waits for the first, where that is still running', async () => {
    let finish!: (result: unknown) => void;
    const first = service.run(claim(), () => new Promise((resolve) => (finish = resolve)));
    const second = service.run(claim(), returning('second'));
    const third = service.run(claim({ paramsHash: 'other' }), returning('third'));
    await expect(third).rejects.toMatchObject({ kind: 'conflict' });
    finish('first');
    expect(await Promise.all([first, second])).toEqual(['first', 'first']);
    expect(runs).toBe(0);
  });

  it('with other params is a conflict, then and later, which is not kept itself', async () => {
    await service.run(claim(), returning('first'));
    await expect(service.run(claim({ paramsHash: 'other' }), returning('second'))).rejects.toMatchObject({ kind: 'conflict' });
    expect(await service.run(claim(), returning('third'))).toBe('first');
    expect(runs).toBe(1);
  });

  it('of another principal, or for another method, is another', async () => {
    await service.run(claim(), returning('first'));
    expect(await service.run(claim({ principalId: 'key:2' }), returning('second'))).toBe('second');
    expect(await service.run(claim({ method: 'event.publish' }), returning('third'))).toBe('third');
    expect(await service.run(claim({ key: 'k2' }), returning('fourth'))).toBe('fourth');
  });

  it('runs again once the window is over', async () => {
    await service.run(claim(), returning('first'));
    now += WINDOW_MS - 1;
    expect(await service.run(claim(), returning('second'))).toBe('first');
    now += 1;
    expect(await service.run(claim({ paramsHash: 'other' }), returning('third'))).toBe('third');
    expect(await service.run(claim({ paramsHash: 'other' }), returning('fourth'))).toBe('third');
  });
});

it.each([
  [{ content: [{ type: 'image', data: new Uint8Array([0, 255, 1]) }] }],
  [new Uint8Array(3)],
  [undefined],
  [null],
  ['text'],
  [{ at: new Date(5), big: 1n, deep: { list: [1, { a: -0 }] } }],
])('keeps a result as it was, bytes too: case %#', async (result) => {
  await service.run(claim(), returning(result));
  restart();
  const again = await service.run(claim(), returning('again'));
  // Bytes come back as bytes, whichever class of them.
  expect(Buffer.isBuffer(again) ? new Uint8Array(again) : again).toEqual(result);
  expect(runs).toBe(1);
});

describe('a failure', () => {
  it.each<FailureKind>(['conflict', 'not_found', 'context_too_large', 'timed_out', 'cancelled'])(
    'of kind %s is an answer',
    async (kind) => {
      const failure = new Failure(kind, 'as it was', { current_version: 3 });
      await expect(service.run(claim(), throwing(failure))).rejects.toBe(failure);
      restart();
      const again = service.run(claim(), returning('fine'));
      await expect(again).rejects.toBeInstanceOf(Failure);
      await expect(again).rejects.toMatchObject({ kind, message: 'as it was', data: { current_version: 3 } });
      expect(runs).toBe(1);
    },
  );

  it('that nobody expected is an answer, of which nothing inside is kept', async () => {
    await expect(service.run(claim(), throwing(new TypeError('the secret is 42')))).rejects.toThrow('the secret is 42');
    restart();
    const error = (await service.run(claim(), returning('fine')).catch((e: unknown) => e)) as Error;
    expect(error).not.toBeInstanceOf(Failure);
    expect(error.message).not.toContain('42');
    expect(runs).toBe(1);
  });

  it.each<FailureKind>(['unavailable', 'rate_limited', 'forbidden', 'invalid_params'])(
    'of kind %s is none: it may be tried again',
    async (kind) => {
      await expect(service.run(claim(), throwing(new Failure(kind, 'not now')))).rejects.toMatchObject({ kind });
      expect(await service.run(claim(), returning('fine'))).toBe('fine');
      expect(await service.run(claim(), returning('again'))).toBe('fine');
    },
  );
});

describe('a change that recorded its answer itself', () => {
  it('is not recorded a second time, and is answered from its JSON', async () => {
    const first = claim();
    const change = async () => {
      runs++;
      await db.write('thing.change', claimKey(first));
      first.recorded = true;
      return { done: 1 };
    };
    expect(await service.run(first, change)).toEqual({ done: 1 });
    expect(db.prepare('SELECT typeof(answer) AS type FROM recorded_answer').all()).toEqual([{ type: 'text' }]);
    restart();
    expect(await service.run(claim(), change)).toEqual({ done: 1 });
    expect(runs).toBe(1);
  });

  it('is found by its key, when the server ended between the change and the answer', async () => {
    await db.write('thing.change', claimKey(claim()));
    restart();
    expect(await service.run(claim(), returning('again'))).toEqual({ done: 1 });
    expect(runs).toBe(0);
  });
});

it('answers even where the answer cannot be kept', async () => {
  const { page_count } = db.writer.prepare('PRAGMA page_count').get() as { page_count: number };
  db.writer.exec(`PRAGMA max_page_count = ${page_count}`);
  expect(await service.run(claim(), returning('x'.repeat(100_000)))).toHaveLength(100_000);
  await expect(service.run(claim(), throwing(new Failure('conflict', 'y'.repeat(100_000))))).rejects.toMatchObject({ kind: 'conflict' });
  expect(
    await service.run(
      claim(),
      returning(() => 'no data'),
    ),
  ).toBeInstanceOf(Function);
});

it('the sweeper forgets what has outlived its window, and no more', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const sweeper = new IdempotencySweeper(db, { now: () => now }, config);
  sweeper.onApplicationBootstrap();
  await service.run(claim({ key: 'old' }), returning(1));
  now += WINDOW_MS;
  await service.run(claim({ key: 'kept' }), returning(2));
  now += 1;
  await vi.advanceTimersByTimeAsync(60_000);
  await db.check();
  expect(db.writer.prepare('SELECT key FROM recorded_answer').all()).toEqual([{ key: 'kept' }]);
  sweeper.onModuleDestroy();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

it('forgets in steps', async () => {
  for (const key of ['a', 'b', 'c']) await service.run(claim({ key }), returning(1));
  const purge = () => db.write('idempotency.purge', { before: now + 1, limit: 2 });
  expect([await purge(), await purge()]).toEqual([true, false]);
  expect(db.writer.prepare('SELECT key FROM recorded_answer').all()).toEqual([]);
});
