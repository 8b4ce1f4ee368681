// What a feature writes, as named functions that the writer thread runs inside a transaction.
// Not how transactions are grouped: writer-thread.ts.
import type { StatementSync } from 'node:sqlite';

/** An event to be kept in the log by the transaction that is its cause. */
export interface NewEvent {
  readonly tenant: string;
  readonly event: string;
  /** JSON-serializable. */
  readonly data: unknown;
}

/** An event of the log, as committed. */
export interface LoggedEvent {
  /** Rises over the whole log; a tenant's events are a subsequence. */
  readonly seq: number;
  readonly tenant: string;
  readonly event: string;
  /** JSON text. */
  readonly data: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** As `packEvent` makes it; absent from large ones, for which crossing threads would cost more than it saves. */
  readonly packed?: Uint8Array | undefined;
}

export interface WriteContext {
  /** Prepares once and keeps; only string literals as `sql`, never anything a client sent. */
  prepare(sql: string): StatementSync;
  /** The same for rows as arrays, in the order of their columns: less than half the time of objects. */
  prepareRows(sql: string): StatementSync;
  /** Milliseconds since the Unix epoch, one reading for the group. */
  readonly now: number;
  /** Appends to the event log in this transaction; subscribers hear of it after the commit. */
  publish(event: NewEvent): LoggedEvent;
  /**
   * In this transaction too, but after all programs of the group; not at all if this program throws. For writes to virtual
   * tables: FTS5 writes what it has gathered whenever a savepoint opens, so where there are some it could gather nothing between
   * programs. A throw here undoes the whole group.
   */
  beforeCommit(action: () => void): void;
}

/**
 * Runs inside its group's transaction: a throw undoes only this program. Where another program of the group has to be undone it runs
 * again, from the start: so it changes neither its arguments nor anything outside the transaction. Arguments and result cross a
 * thread boundary: structured-cloneable values only. A `Failure` thrown here is a `Failure` at the caller.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the arguments are each program's own
export type WriteProgram = (tx: WriteContext, args: any) => unknown;
export type WritePrograms = Readonly<Record<string, WriteProgram>>;
