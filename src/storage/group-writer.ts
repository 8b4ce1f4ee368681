// Commits the writes that arrived together in one transaction, each undone alone when it fails. The same code on the
// writer thread and inline in tests. Not the queue or the messages: write-queue.ts, writer-thread.ts.
import type { DatabaseSync } from 'node:sqlite';

import { StatementCache } from './connection.js';
import { appendEvent } from './event-log.js';
import { crossError, type CrossedError } from './storage-failure.js';
import type { LoggedEvent, NewEvent, WriteContext, WritePrograms } from './write-program.js';

/** Flat on purpose: it crosses threads once a group. */
export interface GroupResult {
  /** A program's result each, in the order of the writes; undefined for those that failed. */
  values: unknown[];
  failures: [index: number, error: CrossedError][];
  /** What the group published, in the order of the log. */
  events: LoggedEvent[];
}

/** Does nothing, in a transaction: shows that the writer answers and that no lock keeps it from writing. */
export const CHECK_PROGRAM = 'storage.check';

export class GroupWriter {
  private readonly prepare: StatementCache['prepare'];
  private readonly prepareRows: StatementCache['prepareRows'];

  constructor(
    private readonly db: DatabaseSync,
    private readonly programs: WritePrograms,
  ) {
    ({ prepare: this.prepare, prepareRows: this.prepareRows } = new StatementCache(db));
  }

  /**
   * Never throws: what went wrong is in the result. When the transaction as a whole fails, every write of the group does.
   * @param names names of the programs to run
   * @param args an argument for each
   * @param now milliseconds since the Unix epoch
   */
  run(names: readonly string[], args: readonly unknown[], now: number): GroupResult {
    try {
      const result = this.attempt(names, args, now, false) ?? this.attempt(names, args, now, true);
      this.prepare('COMMIT').run();
      return result as GroupResult;
    } catch (error) {
      const crossed = crossError(this.rollBack(error));
      return { values: names.map(() => undefined), failures: names.map((_, i) => [i, crossed]), events: [] };
    }
  }

  /**
   * Programs that fail mostly do so before they write anything. So a group is first tried without savepoints, which cost each
   * program a copy of every page that it changes; where one has to be undone, all is, and the group runs again with them.
   * @returns undefined where it has to run again
   */
  private attempt(names: readonly string[], args: readonly unknown[], now: number, withSavepoints: boolean): GroupResult | undefined {
    this.prepare('BEGIN IMMEDIATE').run();
    const result: GroupResult = { values: [], failures: [], events: [] };
    const { prepare } = this;
    const publish = (event: NewEvent): LoggedEvent => {
      const logged = appendEvent(prepare, now, event);
      result.events.push(logged);
      return logged;
    };
    const lastActions: (() => void)[] = [];
    const beforeCommit = (action: () => void): void => void lastActions.push(action);
    const tx: WriteContext = { prepare, prepareRows: this.prepareRows, now, publish, beforeCommit };
    for (let i = 0; i < names.length; i++) {
      const published = result.events.length;
      const deferred = lastActions.length;
      const changes = withSavepoints ? undefined : this.changes();
      if (withSavepoints) prepare('SAVEPOINT program').run();
      try {
        result.values.push(this.program(names[i] as string)(tx, args[i]));
      } catch (error) {
        // A full disk and the like end the whole transaction, whatever the savepoints.
        if (!this.db.isTransaction) throw error;
        if (withSavepoints) prepare('ROLLBACK TO program').run();
        else if (this.changes() !== changes) {
          prepare('ROLLBACK').run();
          return undefined;
        }
        result.events.length = published;
        lastActions.length = deferred;
        result.values.push(undefined);
        result.failures.push([i, crossError(error)]);
      }
      if (withSavepoints) prepare('RELEASE program').run();
    }
    for (const action of lastActions) action();
    return result;
  }

  /** Rows that were written since the database was opened. */
  private changes(): unknown {
    return (this.prepareRows('SELECT total_changes()').get() as unknown as [number])[0];
  }

  private program(name: string) {
    if (name === CHECK_PROGRAM) return () => undefined;
    const program = Object.hasOwn(this.programs, name) ? this.programs[name] : undefined;
    if (!program) throw new Error(`no write program is named ${name}`);
    return program;
  }

  /** @returns the error to answer with */
  private rollBack(error: unknown): unknown {
    try {
      if (this.db.isTransaction) this.prepare('ROLLBACK').run();
      return error;
    } catch (rollbackError) {
      return rollbackError;
    }
  }
}
