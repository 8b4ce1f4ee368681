// One item at a time, in the order in which they came, whether the work on one is done at once or takes a while: what keeps
// messages in order where encrypting or inflating is asynchronous. Where nothing is, the work is done before `push` returns.
import type { MaybePromise } from './maybe-promise.js';

export class InOrder<T> {
  private readonly waiting: T[] = [];
  private isBusy = false;
  private isStopped = false;

  /**
   * @param work on one item; the next waits for its promise
   * @param failed is told what `work` throws or rejects with; nothing is worked on afterwards
   */
  constructor(
    private readonly work: (item: T) => MaybePromise<void>,
    private readonly failed: (error: unknown) => void,
  ) {}

  push(item: T): void {
    if (this.isStopped) return;
    this.waiting.push(item);
    if (!this.isBusy) this.goOn();
  }

  /** Drops what waits; what is being worked on ends. */
  stop(): void {
    this.isStopped = true;
    this.waiting.length = 0;
  }

  private goOn(): void {
    this.isBusy = true;
    for (let item = this.waiting.shift(); item !== undefined; item = this.waiting.shift()) {
      try {
        const done = this.work(item);
        if (done instanceof Promise) {
          done.then(
            () => this.goOn(),
            (error: unknown) => this.fail(error),
          );
          return;
        }
      } catch (error) {
        this.fail(error);
        return;
      }
    }
    this.isBusy = false;
  }

  private fail(error: unknown): void {
    this.stop();
    this.failed(error);
  }
}
