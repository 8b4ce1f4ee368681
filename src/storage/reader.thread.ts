// The reader thread's entry: runs the reads that may take long, one after the other, each on what is committed by then.
import { parentPort, workerData } from 'node:worker_threads';

import { openForReading, StatementCache } from './connection.js';
import { crossError, type CrossedError } from './storage-failure.js';
import { CLOSE, type ThreadGreeting } from './supervised-thread.js';

export interface Query {
  readonly sql: string;
  readonly params: readonly (string | number | null)[];
}

export type QueryResult = { readonly rows: unknown[] } | { readonly error: CrossedError };

const port = parentPort;
if (!port) throw new Error('reader.thread is for a worker thread');
const db = openForReading((workerData as { file: string }).file);
const { prepare } = new StatementCache(db);

function run({ sql, params }: Query): QueryResult {
  try {
    return { rows: prepare(sql).all(...params) };
  } catch (error) {
    return { error: crossError(error) };
  }
}

port.on('message', (message: Query | typeof CLOSE) => {
  if (message !== CLOSE) return port.postMessage(run(message));
  db.close();
  port.close();
});
port.postMessage({ ready: true } satisfies ThreadGreeting);
