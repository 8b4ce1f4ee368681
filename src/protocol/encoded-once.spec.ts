// What goes to many is encoded once for each encoding, however many they are: counted where the encoders read it. That each
// receiver gets it whole, with its own subscription's id: shared-notification.spec.ts.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { BufferPool } from '../connection/buffer-pool.js';
import { Connection } from '../connection/connection.js';
import { FlushQueue } from '../connection/flush-queue.js';
import type { MessageCodec } from '../connection/message-codec.js';
import { contextReads } from '../context/context-reads.js';
import { contextMigration } from '../context/context-schema.js';
import { contextWrites } from '../context/context-writes.js';
import { SqlContextStore } from '../context/sql-context-store.js';
import { PreparedEvent } from '../events/prepared-event.js';
import { EventHarness, settled } from '../events/testing/event-harness.js';
import { SharedNotification } from '../extension/channel.js';
import { fakeCaller } from '../extension/testing/fake-caller.js';
import { eventLogMigration } from '../storage/event-log.js';
import { InlineDatabase } from '../storage/inline-database.js';
import { recordedAnswerMigration } from '../storage/recorded-answer.js';
import { BinaryCodec } from './binary-codec.js';
import { TextCodec } from './text-codec.js';

const MANY = 40;
const MESSAGE = 'said to all';

let text: TextCodec;
let binary: BinaryCodec;
beforeEach(() => {
  text = new TextCodec();
  binary = new BinaryCodec(() => 14);
});
afterEach(() => vi.restoreAllMocks());

/** Connections of one encoding, and how often each was written the message. */
function connectionsOf(codec: MessageCodec): { connection: Connection; heard: () => number }[] {
  return Array.from({ length: MANY }, () => {
    let heard = 0;
    const nothing = (): void => undefined;
    const write = (frames: Uint8Array): void => void (heard += Buffer.from(frames).toString('latin1').split(MESSAGE).length - 1);
    const taken = (done: () => void): void => done();
    const together = (writes: () => void): void => writes();
    const rest = { ping: nothing, pause: nothing, resume: nothing, close: nothing, terminate: nothing };
    const socket = { ...rest, holdsBytes: false, write, onceTaken: taken, writeTogether: together };
    const sizes = { highWaterBytes: 1_000_000, limitBytes: 1_000_000 };
    const outbox = { pool: new BufferPool(256), flushQueue: new FlushQueue(), ...sizes, onSent: nothing, now: () => 0 };
    const connection = new Connection({ socket, codec, outbox, address: '192.0.2.1', openedAt: 0, identity: undefined });
    return { connection, heard: () => heard };
  });
}

/** Params that count how often an encoder reads them. */
function counted(): { params: { text: string; readonly reads: number }; reads: () => number } {
  let reads = 0;
  const params = {
    text: MESSAGE,
    get reads() {
      reads++;
      return 0;
    },
  };
  return { params, reads: () => reads };
}

/** How often one receiver alone has its params read. */
function readsForOne(codec: MessageCodec): number {
  const { params, reads } = counted();
  codec.shared(new SharedNotification('event', params));
  return reads();
}

describe('a notification', () => {
  it('that goes to many is read by the encoder of each encoding as often as if it went to one', async () => {
    const [readsOfText, readsOfBinary] = [readsForOne(text), readsForOne(binary)];
    expect([readsOfText > 0, readsOfBinary > 0]).toEqual([true, true]);
    const { params, reads } = counted();
    const shared = new SharedNotification('event', params);
    const all = [...connectionsOf(text), ...connectionsOf(binary)];
    for (const [i, { connection }] of all.entries()) connection.forward(shared, `subscription-${i}`.padEnd(22, '0'));
    await settled();
    expect(reads()).toBe(readsOfText + readsOfBinary);
    expect(all.map(({ heard }) => heard())).toEqual(all.map(() => 1));
  });
});

describe('an event', () => {
  let harness: EventHarness;
  beforeEach(() => {
    harness = new EventHarness();
  });
  afterEach(() => harness.remove());

  it('of the log that many hear is given to the encoder of each encoding once', async () => {
    const all = [...connectionsOf(text), ...connectionsOf(binary)];
    for (const { connection } of all) harness.events.subscribe(fakeCaller({ channel: connection, tenant: 'acme' }), { events: ['**'] });
    await settled();
    const forms = [vi.spyOn(PreparedEvent.prototype, 'text', 'get'), vi.spyOn(PreparedEvent.prototype, 'packed', 'get')];
    await harness.publish({ data: { text: MESSAGE } }, { data: { text: MESSAGE } }, { data: { text: MESSAGE } });
    await settled();
    expect(all.map(({ heard }) => heard())).toEqual(all.map(() => 3));
    expect(forms.map((form) => form.mock.calls.length)).toEqual([3, 3]);
  });

  it('that passes is encoded for those who are there, once in each encoding', async () => {
    const all = [...connectionsOf(text), ...connectionsOf(binary)];
    for (const { connection } of all) harness.events.subscribe(fakeCaller({ channel: connection, tenant: 'acme' }), { events: ['**'] });
    await settled();
    const alone = counted();
    const prepared = PreparedEvent.passing('a.b', alone.params, 0);
    text.shared(prepared.shared);
    binary.shared(prepared.shared);
    const { params, reads } = counted();
    harness.announcer.announce('acme', 'a.b', params);
    await settled();
    expect(all.map(({ heard }) => heard())).toEqual(all.map(() => 1));
    expect(reads()).toBe(alone.reads());
  });
});

describe('a context', () => {
  it('that many read is put together once in each encoding, and again once it has changed', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'mcpw-encoded-'));
    const clock = { now: () => 0 };
    const migrations = [eventLogMigration, contextMigration, recordedAnswerMigration];
    const db = new InlineDatabase({ file: join(dir, 'test.db'), programs: contextWrites, reads: contextReads, migrations, clock });
    try {
      const store = new SqlContextStore(db, clock);
      const author = { tenant: 'acme', agent: 'key:1' };
      const items = [{ role: 'user' as const, content: MESSAGE, tokens: 1 }];
      await store.create(author, { id: 'c1', name: 'Notes', metadata: '{}', maxTokens: 100, truncation: 'reject', items });
      const made = vi.spyOn(db, 'snapshot');
      const method = { name: 'context.get', number: 4 };
      const answerAll = (): void => {
        for (let i = 1; i <= MANY; i++) {
          expect(text.response(String(i), method, store.stored('acme', 'c1', 200))).toContain(MESSAGE);
          const frame = binary.response(i, method, store.stored('acme', 'c1', 200));
          expect(Buffer.from(frame.bytes).toString('latin1')).toContain(MESSAGE);
          frame.release();
        }
      };
      answerAll();
      expect(made).toHaveBeenCalledTimes(2);
      await store.update(author, 'c1', { items, isReplacement: false });
      answerAll();
      expect(made).toHaveBeenCalledTimes(4);
    } finally {
      db.close();
      rmSync(dir, { recursive: true });
    }
  });
});
