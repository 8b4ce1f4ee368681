// Counts the tokens of texts: short ones at once, long ones on a thread of their own, so that none holds the event loop.
import { Injectable, Logger, type OnApplicationShutdown, Optional } from '@nestjs/common';

import { Failure } from '../extension/failure.js';
import { SupervisedThread } from '../storage/supervised-thread.js';
import { tokenCount } from './token-count.js';

// Characters of one request that are counted at once: the worst text of this length took 8 ms, prose takes 0.1.
const INLINE_LENGTH = 4_096;
// Characters waiting for the thread past which requests are refused: about ten seconds of its work, at the worst.
const MAX_WAITING_LENGTH = 8_388_608;
const RETRY_AFTER_MS = 1_000;

interface PendingCount {
  resolve(tokens: number[]): void;
  reject(error: Error): void;
}

@Injectable()
export class TokenCounter implements OnApplicationShutdown {
  private readonly logger = new Logger('Contexts');
  private readonly pending: PendingCount[] = [];
  private waitingLength = 0;
  private thread: SupervisedThread | undefined;
  private starting: Promise<SupervisedThread> | undefined;

  /** @param entry for specs, which have it elsewhere */
  constructor(@Optional() private readonly entry: URL = new URL('./tokenizer.thread.js', import.meta.url)) {}

  /**
   * The tokens of each text. Not a promise where the texts are short.
   * @throws Failure unavailable when too much text waits to be counted
   */
  count(texts: readonly string[]): number[] | Promise<number[]> {
    let length = 0;
    for (const text of texts) length += text.length;
    return length <= INLINE_LENGTH ? texts.map(tokenCount) : this.countOnThread(texts, length);
  }

  async onApplicationShutdown(): Promise<void> {
    await (await this.starting)?.close();
  }

  private async countOnThread(texts: readonly string[], length: number): Promise<number[]> {
    if (this.waitingLength + length > MAX_WAITING_LENGTH && this.waitingLength > 0) {
      throw new Failure('unavailable', 'too much text waits to be counted', { retry_after_ms: RETRY_AFTER_MS });
    }
    this.waitingLength += length;
    try {
      // Most servers never see a long text: the thread starts with the first, for it costs 100 MB.
      this.thread ??= await this.start();
      this.thread.post(texts);
      return await new Promise((resolve, reject) => this.pending.push({ resolve, reject }));
    } finally {
      this.waitingLength -= length;
    }
  }

  private start(): Promise<SupervisedThread> {
    const thread = new SupervisedThread({
      name: 'the tokenizer',
      entry: this.entry,
      data: {},
      onMessage: (tokens: number[]) => this.pending.shift()?.resolve(tokens),
      onLost: (cause) => {
        this.logger.error('the tokenizer thread ended; it is being restarted', cause.stack);
        for (const { reject } of this.pending.splice(0)) reject(new Failure('unavailable', 'the tokenizer stopped', {}, { cause }));
      },
    });
    this.starting ??= thread.start().then(() => thread);
    return this.starting;
  }
}
