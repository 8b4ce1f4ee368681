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
  /** Hands a batch to the one who runs it and, sooner or later, calls `settle` for its writes. */
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
    } catch {
      // Nothing was sent: an argument cannot cross to another thread. Those that can must not fail with it.
      const sendable = this.rejectUncloneable(batch);
      if (sendable.names.length > 0) this.options.send(sendable);
    }
  };

  private rejectUncloneable({ names, args }: WriteBatch): WriteBatch {
    const asked = this.pending.splice(this.pending.length - names.length);
    const sendable: WriteBatch = { names: [], args: [] };
    asked.forEach((write, i) => {
      try {
        structuredClone(args[i]);
      } catch (error) {
        write.reject(error as Error);
        return;
      }
      this.pending.push(write);
      sendable.names.push(names[i] as string);
      sendable.args.push(args[i]);
    });
    return sendable;
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
