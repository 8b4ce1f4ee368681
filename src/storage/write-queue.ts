// Writes asked for and not yet answered: gathered for a tick, sent as one batch, answered in the order they were asked.
// Not the thread that runs them, which is told by `send`.
import { Failure } from '../extension/failure.js';
import type { GroupResult } from './group-writer.js';
import { rebuildError } from './storage-failure.js';

/** A tick's writes: names and arguments side by side, so that a message between threads stays flat. */
export interface WriteBatch {
  readonly names: string[];
  readonly args: unknown[];
}

interface PendingWrite {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export interface WriteQueueOptions {
  /** Hands a batch to the one who runs it; `settle` is called for its writes in time. Throws a Failure when nobody takes it. */
  readonly send: (batch: WriteBatch) => void;
  /** When to send what was gathered. */
  readonly defer: (flush: () => void) => void;
  /** Writes asked for and unanswered past which new ones are refused. */
  readonly maxWrites: number;
}

const RETRY_AFTER_MS = 1_000;

export class WriteQueue {
  private gathered: WriteBatch = { names: [], args: [] };
  /** In the order of asking: those that are sent, then those that are gathered. */
  private pending: PendingWrite[] = [];

  constructor(private readonly options: WriteQueueOptions) {}

  get length(): number {
    return this.pending.length;
  }

  push(name: string, args: unknown): Promise<unknown> {
    if (this.pending.length >= this.options.maxWrites) {
      return Promise.reject(new Failure('unavailable', `${this.options.maxWrites} writes are waiting`, { retry_after_ms: RETRY_AFTER_MS }));
    }
    return new Promise((resolve, reject) => {
      this.pending.push({ resolve, reject });
      if (this.gathered.names.push(name) === 1) this.options.defer(this.flush);
      this.gathered.args.push(args);
    });
  }

  /** Sends what was gathered, at once. */
  readonly flush = (): void => {
    const batch = this.gathered;
    if (batch.names.length === 0) return;
    this.gathered = { names: [], args: [] };
    try {
      this.options.send(batch);
    } catch (error) {
      this.sendWithoutFaulty(batch, error);
    }
  };

  /** Nothing was sent: either nobody takes it, or an argument cannot cross to another thread, which is no other write's fault. */
  private sendWithoutFaulty({ names, args }: WriteBatch, error: unknown): void {
    const asked = this.pending.splice(this.pending.length - names.length);
    const sendable: WriteBatch = { names: [], args: [] };
    asked.forEach((write, i) => {
      const reason = error instanceof Failure ? error : cloneError(args[i]);
      if (reason) return write.reject(reason);
      this.pending.push(write);
      sendable.names.push(names[i] as string);
      sendable.args.push(args[i]);
    });
    if (sendable.names.length > 0) this.options.send(sendable);
  }

  /** Answers the oldest writes, as many as the result has. */
  settle({ values, failures }: Pick<GroupResult, 'values' | 'failures'>): void {
    const settled = this.pending.splice(0, values.length);
    for (const [index, error] of failures) settled[index]?.reject(rebuildError(error));
    // A settled promise ignores what comes after.
    settled.forEach(({ resolve }, i) => resolve(values[i]));
  }

  /** Fails all that is asked for and unanswered. */
  failAll(error: Error): void {
    this.gathered = { names: [], args: [] };
    for (const { reject } of this.pending.splice(0)) reject(error);
  }
}

function cloneError(value: unknown): Error | undefined {
  try {
    structuredClone(value);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
