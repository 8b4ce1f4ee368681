// Runs a task when asked, one at a time and not more often than once in an interval: what is asked meanwhile is one more run.
export class Throttle {
  private running: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isWanted = false;
  private isStopped = false;

  /** @param task never rejects */
  constructor(
    private readonly task: () => Promise<void>,
    private readonly intervalMs: number,
  ) {}

  run(): void {
    this.isWanted = true;
    if (this.running === undefined && this.timer === undefined) this.begin();
  }

  /** Resolves when the run that is under way, if one is, has ended. */
  async settled(): Promise<void> {
    await this.running;
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  private begin(): void {
    this.timer = undefined;
    if (!this.isWanted || this.isStopped) return;
    this.isWanted = false;
    this.running = this.task().finally(() => {
      this.running = undefined;
      if (!this.isStopped) this.timer = setTimeout(() => this.begin(), this.intervalMs).unref();
    });
  }
}
