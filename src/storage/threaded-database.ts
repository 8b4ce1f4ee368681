// The database of the server: one thread writes, one runs long reads, and short reads run here, on a connection of their own.
// So neither an fsync nor a lock nor a search ever holds the event loop.
import type { DatabaseSync, StatementSync } from 'node:sqlite';

import { Logger, type OnApplicationShutdown } from '@nestjs/common';

import type { Clock } from '../extension/clock.js';
import { Failure } from '../extension/failure.js';
import { openForReading } from './connection.js';
import type { Database } from './database.js';
import { CHECK_PROGRAM, type GroupResult } from './group-writer.js';
import { PublishedListeners, type PublishedListener } from './published-listeners.js';
import { QueryQueue } from './query-queue.js';
import { ReadableStatements } from './readable-statements.js';
import { SupervisedThread } from './supervised-thread.js';
import type { WritePrograms } from './write-program.js';
import { WriteQueue, type WriteBatch } from './write-queue.js';
import type { PostedBatch, WriterThreadData } from './writer-thread.js';

export interface ThreadedDatabaseOptions {
  readonly file: string;
  readonly busyTimeoutMs: number;
  /** A module that calls `runWriterThread` with every feature's programs and migrations. */
  readonly writerEntry: URL;
  readonly readerEntry?: URL;
  readonly clock: Clock;
}

// Past this many unanswered writes the server is so far behind that a refusal is the better answer.
const MAX_WRITES = 10_000;

const WARNING_INTERVAL_MS = 10_000;

export class ThreadedDatabase implements Database, OnApplicationShutdown {
  private readonly logger = new Logger('Storage');
  private readonly listeners = new PublishedListeners();
  private readonly queue: WriteQueue;
  private readonly writer: SupervisedThread;
  private readonly queries: QueryQueue;
  private connection: DatabaseSync | undefined;
  private warnedAt = -Infinity;
  private statements: ReadableStatements | undefined;

  private constructor(private readonly options: ThreadedDatabaseOptions) {
    const { file, busyTimeoutMs, writerEntry, readerEntry = new URL('./reader.thread.js', import.meta.url) } = options;
    this.queue = new WriteQueue({ send: (batch) => this.send(batch), defer: setImmediate, maxWrites: MAX_WRITES });
    this.writer = new SupervisedThread({
      name: 'the database',
      entry: writerEntry,
      data: { file, busyTimeoutMs } satisfies WriterThreadData,
      onMessage: (result: GroupResult) => this.receive(result),
      onLost: (cause) => {
        this.logger.error('the writer thread ended; it is being restarted', cause.stack);
        this.queue.failAll(
          new Failure('unavailable', 'the database writer stopped: the change may or may not have been made', {}, { cause }),
        );
      },
    });
    this.queries = new QueryQueue(file, readerEntry, (cause) =>
      this.logger.error('the reader thread ended; it is being restarted', cause.stack),
    );
  }

  /** Starts the threads and brings the schema up to date. Rejects with the reason why the database cannot be used. */
  static async open(options: ThreadedDatabaseOptions): Promise<ThreadedDatabase> {
    const database = new ThreadedDatabase(options);
    await database.writer.start();
    try {
      await database.queries.start();
      database.connection = openForReading(options.file);
      database.statements = new ReadableStatements(database.connection);
      return database;
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  prepare(sql: string): StatementSync {
    return this.open().prepare(sql);
  }

  prepareRows(sql: string): StatementSync {
    return this.open().prepareRows(sql);
  }

  snapshot<T>(read: () => T): T {
    return this.open().snapshot(read);
  }

  query<Row>(sql: string, params: readonly (string | number | null)[]): Promise<Row[]> {
    return this.queries.query({ sql, params }) as Promise<Row[]>;
  }

  write<P extends WritePrograms, K extends keyof P & string>(program: K, args: Parameters<P[K]>[1]): Promise<Awaited<ReturnType<P[K]>>> {
    return this.queue.push(program, args) as Promise<Awaited<ReturnType<P[K]>>>;
  }

  onPublished(listener: PublishedListener): () => void {
    return this.listeners.add(listener);
  }

  async check(): Promise<void> {
    await Promise.all([this.queue.push(CHECK_PROGRAM, undefined), this.query('SELECT 1', [])]);
  }

  /** Answers what was asked for, then closes. The writer is the last to close: it empties the write-ahead log. */
  async close(): Promise<void> {
    this.queue.flush();
    await this.queries.close();
    this.connection?.close();
    this.connection = undefined;
    this.statements = undefined;
    await this.writer.close();
    this.queue.failAll(new Failure('unavailable', 'the database is closed'));
  }

  onApplicationShutdown(): Promise<void> {
    return this.close();
  }

  private open(): ReadableStatements {
    if (!this.statements) throw new Failure('unavailable', 'the database is closed');
    return this.statements;
  }

  private send({ names, args }: WriteBatch): void {
    this.writer.post({ names, args, now: this.options.clock.now() } satisfies PostedBatch);
  }

  /** Callers are told, but an operator has to mend it. */
  private warnOfUnavailable(failures: GroupResult['failures']): void {
    const unavailable = failures.find(([, { kind }]) => kind === 'unavailable');
    const now = this.options.clock.now();
    if (!unavailable || now - this.warnedAt < WARNING_INTERVAL_MS) return;
    this.warnedAt = now;
    this.logger.warn(`writes fail: ${unavailable[1].message}`);
  }

  private receive(result: GroupResult): void {
    this.queue.settle(result);
    if (result.failures.length > 0) this.warnOfUnavailable(result.failures);
    this.listeners.tell(result.events);
  }
}
