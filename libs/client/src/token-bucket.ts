// The server's rate limit kept on this side (protocol §8), so that messages wait here instead of being refused there.

export class TokenBucket {
  private tokens: number;
  private at: number;
  private pausedUntil = 0;

  /**
   * @param rate tokens a second; 0 or less: no limit
   * @param now milliseconds
   */
  constructor(
    private readonly rate: number,
    private readonly burst: number,
    now: number,
  ) {
    this.tokens = burst;
    this.at = now;
  }

  /** Takes a token. @returns 0, or the milliseconds until there is one */
  take(now: number): number {
    if (now < this.pausedUntil) return this.pausedUntil - now;
    if (!(this.rate > 0)) return 0;
    this.tokens = Math.min(Math.max(1, this.burst), this.tokens + (Math.max(0, now - this.at) * this.rate) / 1000);
    this.at = now;
    if (this.tokens < 1) return Math.ceil(((1 - this.tokens) / this.rate) * 1000);
    this.tokens -= 1;
    return 0;
  }

  /**
   * The server refused a message: nothing is sent for so long, and then no burst, since the server has no tokens left for one. Who
   * keeps to the rate from a refusal on is not closed for ignoring it, however often it is refused.
   */
  refused(now: number, waitMs: number): void {
    this.tokens = 0;
    this.at = now;
    this.pausedUntil = Math.max(this.pausedUntil, now + waitMs);
  }
}
