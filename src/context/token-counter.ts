// Counts the tokens of texts: short ones at once, long ones on a thread of their own, so that none holds the event loop.
import { Injectable, Logger, type OnApplicationShutdown, Optional } from '@nestjs/common';

import type { Caller } from '../extension/caller.js';
import { Failure } from '../extension/failure.js';
import { SupervisedThread } from '../storage/supervised-thread.js';
import { tokenCount } from './token-count.js';
import type { CountAnswer, CountRequest, DropRequest } from './tokenizer.thread.js';

// Characters of one request that are counted at once: the worst text of this length took 6 ms, prose takes 0.1.
const INLINE_LENGTH = 4_096;
// Characters waiting for the thread past which more is refused: of one tenant, ten seconds of work at the worst; and of all together,
// for they are in memory twice.
const MAX_WAITING_OF_TENANT = 8_388_608;
const MAX_WAITING_IN_ALL = 33_554_432;
const RETRY_AFTER_MS = 1_000;
// Longer than a step takes.
const CLOSING_MS = 1_000;

/** What counting that takes long asks for; short texts are counted without. */
export interface Counting {
  /** Whose turn it is at, and whose signal ends it. */
  readonly caller: Pick<Caller, 'principal' | 'signal'>;
  /** Tokens of all texts together past which they cannot be taken: counting ends there. */
  ceiling(): number;
}

interface PendingCount {
  resolve(tokens: number[]): void;
  reject(error: unknown): void;
}

@Injectable()
export class TokenCounter implements OnApplicationShutdown {
  private readonly logger = new Logger('Contexts');
  private readonly pending = new Map<number, PendingCount>();
  /** By tenant. */
  private readonly waitingLengths = new Map<string, number>();
  private waitingInAll = 0;
  private lastId = 0;
  private readonly thread: SupervisedThread;

  /** @param entry for specs, which have it elsewhere */
  constructor(@Optional() entry: URL = new URL('./tokenizer.thread.js', import.meta.url)) {
    this.thread = new SupervisedThread({
      name: 'the tokenizer',
      entry,
      data: {},
      onMessage: ({ id, tokens }: CountAnswer) => this.pending.get(id)?.resolve(tokens),
      onLost: (cause) => {
        this.logger.error('the tokenizer thread ended; it is being restarted', cause.stack);
        this.failAll(new Failure('unavailable', 'the tokenizer stopped', {}, { cause }));
      },
    });
  }

  /**
   * The tokens of each text. Not a promise where the texts are short.
   * @throws Failure context_too_large past the ceiling, where they are long; unavailable when too much text waits to be counted, of
   * the tenant or in all; what `ceiling` throws; the signal's reason
   */
  count(texts: readonly string[], counting: Counting): number[] | Promise<number[]> {
    let length = 0;
    for (const text of texts) length += text.length;
    return length <= INLINE_LENGTH ? texts.map(tokenCount) : this.countLong(texts, length, counting);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.thread.close(CLOSING_MS);
    this.failAll(new Failure('unavailable', 'the tokenizer is closed'));
  }

  private async countLong(texts: readonly string[], length: number, { caller, ceiling }: Counting): Promise<number[]> {
    const most = ceiling();
    const { tenant } = caller.principal;
    this.admit(tenant, length);
    try {
      const tokens = await this.countOnThread({ tenant, texts, most }, caller.signal);
      const total = tokens.reduce((sum, count) => sum + count, 0);
      if (total <= most) return tokens;
      throw new Failure('context_too_large', `the items hold at least ${total} tokens, more than max_tokens ${most}`, {
        max_tokens: most,
        tokens: total,
      });
    } finally {
      this.release(tenant, length);
    }
  }

  private admit(tenant: string, length: number): void {
    const waiting = this.waitingLengths.get(tenant) ?? 0;
    // What is larger by itself is taken where nothing waits.
    const isTooMuch = (before: number, most: number): boolean => before > 0 && before + length > most;
    if (isTooMuch(waiting, MAX_WAITING_OF_TENANT) || isTooMuch(this.waitingInAll, MAX_WAITING_IN_ALL)) {
      throw new Failure('unavailable', 'too much text waits to be counted', { retry_after_ms: RETRY_AFTER_MS });
    }
    this.waitingLengths.set(tenant, waiting + length);
    this.waitingInAll += length;
  }

  private release(tenant: string, length: number): void {
    const waiting = (this.waitingLengths.get(tenant) ?? 0) - length;
    if (waiting > 0) this.waitingLengths.set(tenant, waiting);
    else this.waitingLengths.delete(tenant);
    this.waitingInAll -= length;
  }

  private async countOnThread(request: Omit<CountRequest, 'id'>, signal: AbortSignal): Promise<number[]> {
    // Most servers never see a long text: the thread starts with the first, for it costs 100 MB.
    await this.thread.start();
    signal.throwIfAborted();
    const id = ++this.lastId;
    const drop = () => this.drop({ dropped: id }, signal.reason);
    signal.addEventListener('abort', drop, { once: true });
    try {
      this.thread.post({ id, ...request } satisfies CountRequest);
      return await new Promise((resolve, reject) => this.pending.set(id, { resolve, reject }));
    } finally {
      signal.removeEventListener('abort', drop);
      this.pending.delete(id);
    }
  }

  private drop(request: DropRequest, reason: unknown): void {
    this.pending.get(request.dropped)?.reject(reason);
    try {
      this.thread.post(request);
    } catch {
      // It is not there any more, nor is what it counted.
    }
  }

  private failAll(failure: Failure): void {
    for (const { reject } of this.pending.values()) reject(failure);
  }
}
