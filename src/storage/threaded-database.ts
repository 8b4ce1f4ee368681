// The database of the server: one thread writes, one runs queries, one runs reads that may take longer than others should wait for
// (searches), and short reads run here, on a connection of their own. So neither an fsync nor a lock nor a search ever holds the event
// loop, and no search a list.
import type { DatabaseSync, StatementSync } from 'node:sqlite';

import { Logger, type OnApplicationShutdown } from '@nestjs/common';

import type { Clock } from '../extension/clock.js';
import { Failure } from '../extension/failure.js';
import { openForReading } from './connection.js';
import type { Database } from './database.js';
import { CHECK_PROGRAM, type GroupResult } from './group-writer.js';
import { PublishedListeners, type PublishedListener } from './published-listeners.js';
import { QueryQueue } from './query-queue.js';
import { type Query, QUERY_PROGRAM, type ReadFor, type ReadPrograms } from './read-program.js';
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
  /** A module that calls `runReaderThread` with every feature's programs. */
  readonly readerEntry: URL;
  readonly clock: Clock;
}

// Past this many unanswered writes the server is so far behind that a refusal is the better answer.
const MAX_WRITES = 10_000;

const WARNING_INTERVAL_MS = 10_000;

/** Whose turn a query of the server itself is. */
const OF_THE_SERVER: ReadFor = { tenant: '' };

/** For so long the writer may give no sign while it closes: a group, or a checkpoint of all that is in the write-ahead log. */
const WRITER_CLOSING_MS = 30_000;

export class ThreadedDatabase implements Database, OnApplicationShutdown {
  private readonly logger = new Logger('Storage');
  private readonly listeners = new PublishedListeners();
  private readonly queue: WriteQueue;
  private readonly writer: SupervisedThread;
  private readonly queries: QueryQueue;
  private readonly reads: QueryQueue;
  private connection: DatabaseSync | undefined;
  private warnedAt = -Infinity;
  private statements: ReadableStatements | undefined;

  private constructor(private readonly options: ThreadedDatabaseOptions) {
    const { file, busyTimeoutMs, writerEntry, readerEntry } = options;
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
    const lost = (cause: Error): void => this.logger.error('a reader thread ended; it is being restarted', cause.stack);
    this.queries = new QueryQueue(file, readerEntry, lost);
    this.reads = new QueryQueue(file, readerEntry, lost);
  }

  /** Starts the threads and brings the schema up to date. Rejects with a `ThreadRefusal` that says why the database cannot be used. */
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

  query<Row>(sql: string, params: Query['params'], by: ReadFor = OF_THE_SERVER): Promise<Row[]> {
    return this.queries.read({ program: QUERY_PROGRAM, args: { sql, params } satisfies Query }, by) as Promise<Row[]>;
  }

  read<P extends ReadPrograms, K extends keyof P & string>(program: K, args: Parameters<P[K]>[1], by: ReadFor): Promise<ReturnType<P[K]>> {
    return this.reads.read({ program, args }, by) as Promise<ReturnType<P[K]>>;
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

  /** Makes the changes that were asked for, then closes. The writer is the last to close: it empties the write-ahead log. */
  async close(): Promise<void> {
    this.queue.flush();
    await Promise.all([this.queries.close(), this.reads.close()]);
    this.connection?.close();
    this.connection = undefined;
    this.statements = undefined;
    await this.writer.close(WRITER_CLOSING_MS);
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
