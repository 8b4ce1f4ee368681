// The writer thread: takes all the batches that have arrived, commits them as one group, answers with one message.
// While a group is on its way to the disk the next one gathers in the port. Its programs come from the composition root.
import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import type { DatabaseSync } from 'node:sqlite';

import { openForWriting } from './connection.js';
import { GroupWriter, type GroupResult } from './group-writer.js';
import { migrate, type Migration } from './migrations.js';
import { crossError } from './storage-failure.js';
import { CLOSE, type ThreadGreeting } from './thread-messages.js';
import type { WriteBatch } from './write-queue.js';
import type { WritePrograms } from './write-program.js';

export interface WriterThreadData {
  readonly file: string;
  readonly busyTimeoutMs: number;
}

/** A batch as it crosses: the time is the sender's, so that the whole server has one clock. */
export interface PostedBatch extends WriteBatch {
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

export interface Schema {
  readonly programs: WritePrograms;
  readonly migrations: readonly Migration[];
}

// Writes after which a group is not made larger, so that none waits long for the others' work.
const GROUP_WRITES = 1_000;

/** The entry of the thread: brings the schema up to date, then serves until it is told to close. */
export function runWriterThread({ programs, migrations }: Schema): void {
  const port = parentPort;
  if (!port) throw new Error('runWriterThread is for a worker thread');
  const { file, busyTimeoutMs } = workerData as WriterThreadData;
  let db: DatabaseSync;
  try {
    db = openForWriting(file, busyTimeoutMs);
    migrate(db, migrations, Date.now());
  } catch (error) {
    port.postMessage({ refused: (error as Error).message } satisfies ThreadGreeting);
    port.close();
    return;
  }
  new WriterThread(port, db, new GroupWriter(db, programs)).start();
}

class WriterThread {
  constructor(
    private readonly port: MessagePort,
    private readonly db: DatabaseSync,
    private readonly group: GroupWriter,
  ) {}

  start(): void {
    this.port.on('message', (message: PostedBatch | typeof CLOSE) => this.serve(message));
    this.port.postMessage({ ready: true } satisfies ThreadGreeting);
  }

  private serve(first: PostedBatch | typeof CLOSE): void {
    const names: string[] = [];
    const args: unknown[] = [];
    let now = 0;
    let message: PostedBatch | typeof CLOSE | undefined = first;
    while (message !== undefined && message !== CLOSE) {
      names.push(...message.names);
      args.push(...message.args);
      now = message.now;
      message = names.length < GROUP_WRITES ? (receiveMessageOnPort(this.port)?.message as typeof message) : undefined;
    }
    if (names.length > 0) this.answer(this.group.run(names, args, now));
    if (message === CLOSE) this.close();
  }

  private answer(result: GroupResult): void {
    try {
      this.port.postMessage(result);
    } catch {
      // A program's result that cannot cross threads: its change is made, its caller gets an error, the others their results.
      result.values.forEach((value, i) => {
        try {
          structuredClone(value);
        } catch (error) {
          result.values[i] = undefined;
          result.failures.push([i, crossError(error)]);
        }
      });
      this.port.postMessage(result);
    }
  }

  private close(): void {
    this.db.exec('PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)');
    this.db.close();
    this.port.close();
  }
}
