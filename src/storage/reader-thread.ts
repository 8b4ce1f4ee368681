// A reader thread: runs the reads that may take long, one after the other. Not who is next: query-queue.ts.
import { parentPort, workerData } from 'node:worker_threads';

import { openForReading } from './connection.js';
import type { ReadPrograms } from './read-program.js';
import { ReadRunner } from './read-runner.js';
import { crossError, type CrossedError } from './storage-failure.js';
import { CLOSE, type ThreadGreeting } from './thread-messages.js';

export interface PostedRead {
  readonly program: string;
  readonly args: unknown;
}

export type ReadResult = { readonly value: unknown } | { readonly error: CrossedError };

/** The entry of the thread: serves until it is told to close. */
export function runReaderThread(programs: ReadPrograms): void {
  const port = parentPort;
  if (!port) throw new Error('runReaderThread is for a worker thread');
  const db = openForReading((workerData as { file: string }).file);
  const runner = new ReadRunner(db, programs);

  function run({ program, args }: PostedRead): ReadResult {
    try {
      return { value: runner.run(program, args) };
    } catch (error) {
      return { error: crossError(error) };
    }
  }

  port.on('message', (message: PostedRead | typeof CLOSE) => {
    if (message !== CLOSE) return port.postMessage(run(message));
    db.close();
    port.close();
  });
  port.postMessage({ ready: true } satisfies ThreadGreeting);
}
