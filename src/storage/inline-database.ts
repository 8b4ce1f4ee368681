// The whole database on the calling thread: for specs of features, against a real file. Not for the server: a commit holds
// the event loop for as long as the disk takes.
import type { DatabaseSync, StatementSync } from 'node:sqlite';

import type { Clock } from '../extension/clock.js';
import { openForReading, openForWriting } from './connection.js';
import type { Database } from './database.js';
import { CHECK_PROGRAM, GroupWriter } from './group-writer.js';
import { migrate, type Migration } from './migrations.js';
import { PublishedListeners, type PublishedListener } from './published-listeners.js';
import { type Query, QUERY_PROGRAM, type ReadFor, type ReadPrograms } from './read-program.js';
import { ReadRunner } from './read-runner.js';
import { ReadableStatements } from './readable-statements.js';
import { unavailableFrom } from './storage-failure.js';
import type { WritePrograms } from './write-program.js';
import { WriteQueue } from './write-queue.js';

export interface InlineDatabaseOptions {
  readonly file: string;
  readonly programs: WritePrograms;
  /** Default: none but queries. */
  readonly reads?: ReadPrograms;
  readonly migrations: readonly Migration[];
  readonly clock: Clock;
  /** Default 0: a locked database fails at once. */
  readonly busyTimeoutMs?: number;
}

export class InlineDatabase implements Database {
  /** The writing connection, for a spec that needs to see or break things beneath. */
  readonly writer: DatabaseSync;
  private readonly reader: DatabaseSync;
  private readonly statements: ReadableStatements;
  private readonly reads: ReadRunner;
  private readonly listeners = new PublishedListeners();
  private readonly queue: WriteQueue;

  constructor({ file, programs, reads = {}, migrations, clock, busyTimeoutMs = 0 }: InlineDatabaseOptions) {
    this.writer = openForWriting(file, busyTimeoutMs);
    migrate(this.writer, migrations, clock.now());
    this.reader = openForReading(file);
    this.statements = new ReadableStatements(this.reader);
    this.reads = new ReadRunner(this.reader, reads);
    const group = new GroupWriter(this.writer, programs);
    this.queue = new WriteQueue({
      send: ({ names, args }) => {
        // Cloned as if they crossed a thread boundary, so that a spec sees what the server does.
        const result = group.run(names, structuredClone(args), clock.now());
        this.queue.settle(structuredClone(result));
        this.listeners.tell(result.events);
      },
      defer: queueMicrotask,
      maxWrites: Infinity,
    });
  }

  prepare(sql: string): StatementSync {
    return this.statements.prepare(sql);
  }

  prepareRows(sql: string): StatementSync {
    return this.statements.prepareRows(sql);
  }

  snapshot<T>(read: () => T): T {
    return this.statements.snapshot(read);
  }

  query<Row>(sql: string, params: Query['params'], by?: ReadFor): Promise<Row[]> {
    return this.run<Row[]>(QUERY_PROGRAM, { sql, params } satisfies Query, by);
  }

  read<P extends ReadPrograms, K extends keyof P & string>(program: K, args: Parameters<P[K]>[1], by: ReadFor): Promise<ReturnType<P[K]>> {
    return this.run(program, structuredClone(args), by);
  }

  private run<T>(program: string, args: unknown, by?: ReadFor): Promise<T> {
    return Promise.resolve().then(() => {
      by?.signal?.throwIfAborted();
      try {
        return this.reads.run(program, args) as T;
      } catch (error) {
        throw unavailableFrom(error) ?? error;
      }
    });
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

  close(): void {
    this.queue.flush();
    this.reader.close();
    this.writer.close();
  }
}
