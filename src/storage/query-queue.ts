// A reader thread as its callers see it: a read, a promise of what it gives. One runs at a time, the others wait here, where they
// take turns by tenant and go when nobody waits for them any more.
import { Failure } from '../extension/failure.js';
import { FairQueue } from './fair-queue.js';
import type { ReadFor } from './read-program.js';
import type { PostedRead, ReadResult } from './reader-thread.js';
import { rebuildError } from './storage-failure.js';
import { SupervisedThread } from './supervised-thread.js';

interface PendingRead {
  readonly read: PostedRead;
  resolve(value: unknown): void;
  reject(error: Error): void;
  /** It waits no longer. */
  leave(): void;
}

const WAITING = { ofTenant: 100, inAll: 1_000 };
/** Longer than a read may take. */
const CLOSING_MS = 3_000;

export class QueryQueue {
  private readonly waiting = new FairQueue<PendingRead>(WAITING);
  private readonly thread: SupervisedThread;
  private running: PendingRead | undefined;

  constructor(file: string, entry: URL, onLost: (cause: Error) => void) {
    this.thread = new SupervisedThread({
      name: 'the database',
      entry,
      data: { file },
      onMessage: (result: ReadResult) => this.settle(result),
      onLost: (cause) => {
        onLost(cause);
        this.failAll(new Failure('unavailable', 'the database reader stopped', {}, { cause }));
      },
    });
  }

  /** At the latest the first read does it: a thread takes 12 MB. */
  start(): Promise<void> {
    return this.thread.start();
  }

  /** @throws Failure unavailable where too many wait, or the thread is being restarted; the signal's reason */
  read(read: PostedRead, { tenant, signal }: ReadFor): Promise<unknown> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const drop = (): void => {
        this.waiting.remove(tenant, pending);
        reject(signal?.reason as Error);
      };
      const pending = { read, resolve, reject, leave: () => signal?.removeEventListener('abort', drop) };
      this.waiting.push(tenant, pending);
      signal?.addEventListener('abort', drop, { once: true });
      this.start().then(
        () => this.next(),
        (error: Error) => this.failWaiting(error),
      );
    });
  }

  /** Lets the read that runs end, if it does so soon; those that wait are failed. */
  async close(): Promise<void> {
    const closed = new Failure('unavailable', 'the database is closed');
    this.failWaiting(closed);
    await this.thread.close(CLOSING_MS);
    this.failAll(closed);
  }

  private next(): void {
    while (this.running === undefined) {
      const pending = this.waiting.shift();
      if (pending === undefined) return;
      pending.leave();
      try {
        this.thread.post(pending.read);
        this.running = pending;
      } catch (error) {
        pending.reject(error as Error);
      }
    }
  }

  private settle(result: ReadResult): void {
    const { running } = this;
    this.running = undefined;
    this.next();
    if ('value' in result) running?.resolve(result.value);
    else running?.reject(rebuildError(result.error));
  }

  private failAll(error: Error): void {
    this.running?.reject(error);
    this.running = undefined;
    this.failWaiting(error);
  }

  private failWaiting(error: Error): void {
    for (let pending = this.waiting.shift(); pending !== undefined; pending = this.waiting.shift()) {
      pending.leave();
      pending.reject(error);
    }
  }
}
