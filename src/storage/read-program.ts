// What a feature reads that may take long, as named functions that a reader thread runs, each within a time of its own.
// Not how they take turns: query-queue.ts.
import type { StatementSync } from 'node:sqlite';

export interface ReadContext {
  /** Prepares once and keeps; only string literals as `sql`, never anything a client sent. */
  prepare(sql: string): StatementSync;
  /**
   * To be called before each row and each other piece of work, for nothing else can stop a read but `CHECK_TIME`.
   * @param instead what to ask for that takes less, for the caller to read
   * @throws Failure timed_out once the read has taken all the time that it has
   */
  checkTime(instead: string): void;
}

/**
 * Runs on what is committed at one moment; it may write to tables of `temp`. Arguments and result cross a thread boundary:
 * structured-cloneable values only. A `Failure` thrown here is a `Failure` at the caller.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the arguments are each program's own
export type ReadProgram = (reader: ReadContext, args: any) => unknown;
export type ReadPrograms = Readonly<Record<string, ReadProgram>>;

/** For whom a read is: those of several tenants take turns. */
export interface ReadFor {
  readonly tenant: string;
  /** Aborted when nobody waits for the answer any more: then it is not read, where it was not begun. Its reason is the answer. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * `checkTime` for SQL, always true: as the first condition of a WHERE it is asked of each row that is looked at, also of those that the
 * others leave out. Its argument is `instead`.
 */
export const CHECK_TIME = 'check_time';

/** A statement by itself, with rows as objects. It is stopped only where it asks `CHECK_TIME`. */
export interface Query {
  readonly sql: string;
  readonly params: readonly (string | number | null)[];
}

/** Runs a `Query`. */
export const QUERY_PROGRAM = 'storage.query';
