// Finds a dead link: after a while without a sign of life it asks for one, and gives up where none comes. One timer, set
// again when it fires and not with every message.
import type { Clock } from './platform.js';

export class KeepAlive {
  private seenAt = 0;
  private askedAt: number | undefined;
  private stopTimer: () => void = () => undefined;

  constructor(
    private readonly clock: Clock,
    private readonly idleMs: number,
    private readonly pongTimeoutMs: number,
    private readonly ask: () => void,
    private readonly dead: () => void,
  ) {
    this.seenAt = clock.now();
    this.look(idleMs);
  }

  /** Something came. */
  touch(): void {
    this.seenAt = this.clock.now();
    this.askedAt = undefined;
  }

  stop(): void {
    this.stopTimer();
  }

  private look(inMs: number): void {
    this.stopTimer = this.clock.after(inMs, () => this.judge());
  }

  private judge(): void {
    const now = this.clock.now();
    const idleForMs = now - this.seenAt;
    if (idleForMs < this.idleMs) return this.look(this.idleMs - idleForMs);
    if (this.askedAt === undefined) {
      this.askedAt = now;
      this.ask();
      return this.look(this.pongTimeoutMs);
    }
    // Right after a sleep of the machine the answer may still be on its way: only what was waited for counts.
    if (now - this.askedAt >= this.pongTimeoutMs) this.dead();
    else this.look(this.pongTimeoutMs - (now - this.askedAt));
  }
}
