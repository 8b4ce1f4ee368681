// A worker thread that starts when it is first needed, and again when it ends by itself. Not what it says: its owner reads the messages.
import { Worker } from 'node:worker_threads';

import { Logger } from '@nestjs/common';

import { Failure } from '../extension/failure.js';
import { CLOSE, ThreadRefusal, type ThreadGreeting } from './thread-messages.js';

export interface SupervisedThreadOptions {
  /** For people: `the database`. */
  readonly name: string;
  readonly entry: URL;
  readonly data: object;
  readonly onMessage: (message: never) => void;
  /** The thread ended by itself: what was posted and not answered is lost. */
  readonly onLost: (cause: Error) => void;
}

const FIRST_RESTART_MS = 100;
const MAX_RESTART_MS = 5_000;
/** A thread that is ended does so between two calls into native code. */
const TERMINATION_MS = 1_000;

const givenUp = new Set<Worker>();

/** Whether a thread of this process could not be ended, for it is in native code. It hears of nothing, and `process.exit` waits for it. */
export const hasThreadsThatDoNotEnd = (): boolean => givenUp.size > 0;

export class SupervisedThread {
  private readonly logger = new Logger('Threads');
  private worker: Worker | undefined;
  private started: Promise<void> | undefined;
  private isReady = false;
  private isClosing = false;
  private restartDelayMs = FIRST_RESTART_MS;
  private restartTimer: NodeJS.Timeout | undefined;

  constructor(private readonly options: SupervisedThreadOptions) {}

  /**
   * Resolves when the thread is ready; the first who asks starts it, and after a failure the next. Rejects with the
   * `ThreadRefusal` that it gives, or with the error that ended it; unavailable while closing.
   */
  start(): Promise<void> {
    this.started ??= this.launch().catch((error: unknown) => {
      this.started = undefined;
      throw error;
    });
    return this.started;
  }

  private launch(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.refuseIfClosing();
      const { entry, data, onMessage } = this.options;
      const worker = new Worker(entry, { workerData: data });
      let cause = new Error(`the thread ${entry.pathname} ended`);
      worker.once('message', (greeting: ThreadGreeting) => {
        if ('refused' in greeting) {
          cause = new ThreadRefusal(greeting.refused);
          return;
        }
        this.isReady = true;
        this.restartDelayMs = FIRST_RESTART_MS;
        worker.on('message', (message) => onMessage(message as never));
        resolve();
      });
      worker.on('error', (error) => {
        cause = error instanceof Error ? error : new Error(String(error));
      });
      worker.once('exit', () => {
        const wasReady = this.isReady;
        this.worker = undefined;
        this.isReady = false;
        if (!wasReady) reject(this.isClosing ? this.closing() : cause);
        else if (!this.isClosing) this.recover(cause);
      });
      this.worker = worker;
    });
  }

  /** @throws Failure unavailable while the thread is not up or is closing, DataCloneError for what cannot cross */
  post(message: unknown): void {
    this.refuseIfClosing();
    if (!this.isReady || !this.worker)
      throw new Failure('unavailable', `${this.options.name} is restarting`, { retry_after_ms: this.restartDelayMs });
    this.worker.postMessage(message);
  }

  /** Lets the thread finish what was posted, and end; where it gives no sign for `patienceMs`, it is ended, or given up. */
  async close(patienceMs: number): Promise<void> {
    this.isClosing = true;
    clearTimeout(this.restartTimer);
    const { worker } = this;
    if (!worker) return;
    if (await endOf(worker, patienceMs, () => worker.postMessage(CLOSE))) return;
    if (await endOf(worker, TERMINATION_MS, () => void worker.terminate())) return;
    this.logger.warn(`a thread of ${this.options.name} does not end`);
    worker.unref();
    givenUp.add(worker);
  }

  private refuseIfClosing(): void {
    if (this.isClosing) throw this.closing();
  }

  private closing(): Failure {
    return new Failure('unavailable', `${this.options.name} is closing`);
  }

  private recover(cause: Error): void {
    this.options.onLost(cause);
    this.restartTimer = setTimeout(() => {
      this.launch().catch((error: Error) => {
        if (!this.isClosing) this.recover(error);
      });
    }, this.restartDelayMs);
    this.restartTimer.unref();
    this.restartDelayMs = Math.min(this.restartDelayMs * 2, MAX_RESTART_MS);
  }
}

/** @returns whether it has ended, at the latest `patienceMs` after its last message */
function endOf(worker: Worker, patienceMs: number, ask: () => void): Promise<boolean> {
  return new Promise((resolve) => {
    const silence = setTimeout(() => resolve(false), patienceMs);
    worker.on('message', () => silence.refresh());
    worker.once('exit', () => {
      clearTimeout(silence);
      resolve(true);
    });
    ask();
  });
}
