// The port to the embedded database: synchronous reads of what is committed, and writes by name, grouped and durable.
import type { StatementSync } from 'node:sqlite';

import type { Query, ReadFor, ReadPrograms } from './read-program.js';
import type { LoggedEvent, WritePrograms } from './write-program.js';

export interface Database {
  /** A prepared statement on the read connection, kept for the next time. Sees every answered write. Bound work: point reads and pages; anything that may scan goes to `query`. */
  prepare(sql: string): StatementSync;
  /** The same for rows as arrays, in the order of their columns: less than half the time of objects. */
  prepareRows(sql: string): StatementSync;
  /** Runs several prepared reads on what was committed at one moment. They do not wait for anything in between. */
  snapshot<T>(read: () => T): T;
  /**
   * Runs a read that may take some milliseconds on a thread for such. Rows as objects.
   * @param sql one that may take longer, where a tenant has very much, asks `CHECK_TIME`
   * @param by for which tenant: they take turns. Default: the server itself
   * @throws Failure timed_out where `sql` asks and it takes too long, unavailable where too many wait; the reason of `by.signal`
   */
  query<Row>(sql: string, params: Query['params'], by?: ReadFor): Promise<Row[]>;
  /**
   * Runs a program of the reader thread that is for searches, where it holds up no `query`.
   * @throws Failure of the program's own, timed_out where it takes too long, unavailable where too many wait; the reason of `by.signal`
   */
  read<P extends ReadPrograms, K extends keyof P & string>(program: K, args: Parameters<P[K]>[1], by: ReadFor): Promise<ReturnType<P[K]>>;
  /**
   * Runs a program of the writer thread. Resolves when it is on disk (`synchronous=FULL`).
   * @throws Failure of the program's own, or `unavailable` when the disk is full or the database stays locked: nothing was changed
   */
  write<P extends WritePrograms, K extends keyof P & string>(program: K, args: Parameters<P[K]>[1]): Promise<Awaited<ReturnType<P[K]>>>;
  /** Called after each commit with the events it appended, in the order of the log. Returns the way to take it back. */
  onPublished(listener: (events: readonly LoggedEvent[]) => void): () => void;
  /** Whether the database answers: for readiness. */
  check(): Promise<void>;
}
export const Database = Symbol('Database');
