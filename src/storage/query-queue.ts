// The reader thread as its callers see it: a query, a promise of rows. Answers come in the order of the questions.
import { Failure } from '../extension/failure.js';
import type { Query, QueryResult } from './reader.thread.js';
import { rebuildError } from './storage-failure.js';
import { SupervisedThread } from './supervised-thread.js';

interface PendingQuery {
  resolve(rows: unknown[]): void;
  reject(error: Error): void;
}

const MAX_QUERIES = 1_000;
const RETRY_AFTER_MS = 1_000;

export class QueryQueue {
  private readonly pending: PendingQuery[] = [];
  private readonly thread: SupervisedThread;

  constructor(file: string, entry: URL, onLost: (cause: Error) => void) {
    this.thread = new SupervisedThread({
      name: 'the database',
      entry,
      data: { file },
      onMessage: (result: QueryResult) => this.settle(result),
      onLost: (cause) => {
        onLost(cause);
        for (const { reject } of this.pending.splice(0)) reject(new Failure('unavailable', 'the database reader stopped', {}, { cause }));
      },
    });
  }

  start(): Promise<void> {
    return this.thread.start();
  }

  /** @throws Failure unavailable when too many wait, or the thread is being restarted */
  async query(query: Query): Promise<unknown[]> {
    if (this.pending.length >= MAX_QUERIES) {
      throw new Failure('unavailable', `${MAX_QUERIES} queries are waiting`, { retry_after_ms: RETRY_AFTER_MS });
    }
    this.thread.post(query);
    return new Promise((resolve, reject) => this.pending.push({ resolve, reject }));
  }

  close(): Promise<void> {
    return this.thread.close();
  }

  private settle(result: QueryResult): void {
    const asked = this.pending.shift();
    if ('rows' in result) asked?.resolve(result.rows);
    else asked?.reject(rebuildError(result.error));
  }
}
