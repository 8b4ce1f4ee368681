// A token bucket (PROTOCOL.md §8): `rate` tokens a second up to `burst`, refilled when it is looked at, no timer.

export class TokenBucket {
  private tokens: number;
  private at: number;

  /**
   * @param rate tokens a second, above 0
   * @param burst tokens it holds at most, and at the start; at least 1
   * @param now milliseconds of any steady clock
   */
  constructor(
    private rate: number,
    private burst: number,
    now: number,
  ) {
    this.tokens = burst;
    this.at = now;
  }

  /** Whether a token is there now; takes none. */
  has(now: number): boolean {
    const elapsed = now - this.at;
    if (elapsed > 0) {
      const filled = this.tokens + (elapsed * this.rate) / 1000;
      this.tokens = filled > this.burst ? this.burst : filled;
      this.at = now;
    }
    return this.tokens >= 1;
  }

  /** Takes one token, after `has`. */
  take(): void {
    this.tokens -= 1;
  }

  /** Milliseconds until a token is there, at least 1. */
  waitMs(): number {
    return Math.max(1, Math.ceil(((1 - this.tokens) / this.rate) * 1000));
  }

  /** Whether it is full, so that forgetting it changes nothing. */
  isFull(now: number): boolean {
    this.has(now);
    return this.tokens >= this.burst;
  }

  /** New limits; what was taken stays taken. */
  setLimits(rate: number, burst: number): void {
    this.tokens = Math.min(burst, this.tokens + Math.max(0, burst - this.burst));
    this.rate = rate;
    this.burst = burst;
  }
}
