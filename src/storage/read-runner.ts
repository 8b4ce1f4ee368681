// Runs read programs on one connection, each on what is committed at one moment and within its time. The same code on the
// reader threads and inline in tests.
import type { DatabaseSync } from 'node:sqlite';

import { Failure } from '../extension/failure.js';
import { StatementCache } from './connection.js';
import { CHECK_TIME, type Query, QUERY_PROGRAM, type ReadContext, type ReadPrograms } from './read-program.js';

/** For so long others wait for a read at most, but for the piece of work that it ends in. */
const MAX_READ_MS = 500;

export class ReadRunner {
  private readonly prepare: StatementCache['prepare'];
  private readonly programs: ReadPrograms;
  private readonly context: ReadContext;
  private deadlineMs = 0;

  constructor(db: DatabaseSync, programs: ReadPrograms) {
    ({ prepare: this.prepare } = new StatementCache(db));
    this.programs = { ...programs, [QUERY_PROGRAM]: (reader, { sql, params }: Query) => reader.prepare(sql).all(...params) };
    this.context = { prepare: this.prepare, checkTime: (instead) => this.checkTime(instead) };
    // What it throws ends the statement that calls it. Measured: 0.2 µs a row.
    db.function(CHECK_TIME, (instead) => {
      this.checkTime(String(instead));
      return 1;
    });
  }

  /** @throws what the program throws; Failure timed_out */
  run(program: string, args: unknown): unknown {
    const read = this.programs[program];
    if (read === undefined) throw new Error(`there is no read ${program}`);
    this.deadlineMs = performance.now() + MAX_READ_MS;
    this.prepare('BEGIN').run();
    try {
      return read(this.context, args);
    } finally {
      this.prepare('COMMIT').run();
    }
  }

  private checkTime(instead: string): void {
    if (performance.now() > this.deadlineMs) throw new Failure('timed_out', `would take longer than ${MAX_READ_MS} ms: ${instead}`);
  }
}
