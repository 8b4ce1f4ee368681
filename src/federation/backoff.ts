// How long to wait before trying again: longer each time, with full jitter, so that many do not come back at once.
export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

export class Backoff {
  private attempts = 0;

  constructor(private readonly options: BackoffOptions) {}

  /** Milliseconds until the next attempt, never less than a tenth of what it could be. */
  next(): number {
    const { firstMs, maxMs, random } = this.options;
    const limit = Math.min(maxMs, firstMs * 2 ** Math.min(this.attempts++, 30));
    return Math.round(limit * (0.1 + 0.9 * random()));
  }

  reset(): void {
    this.attempts = 0;
  }
}
