// Removes what is past its time, again and again, in steps small enough that other writes come between.
// Not what is removed: that is its owner's step.

export interface PeriodicSweepOptions {
  /** Does a bounded part of the work. Resolves to whether there is more. */
  readonly step: () => Promise<boolean>;
  /** From the end of one sweep to the start of the next. */
  readonly intervalMs: number;
  readonly onError: (error: unknown) => void;
}

export class PeriodicSweep {
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(private readonly options: PeriodicSweepOptions) {}

  start(): void {
    if (this.isStopped) return;
    this.timer = setTimeout(() => {
      this.run()
        .catch(this.options.onError)
        .finally(() => this.start());
    }, this.options.intervalMs).unref();
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  /** Takes steps until there is no more to do, or it is stopped. */
  async run(): Promise<void> {
    let isMore = true;
    while (isMore && !this.isStopped) isMore = await this.options.step();
  }
}
