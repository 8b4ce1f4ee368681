// What @nestjs/throttler counts in: windows in bounded memory. Its own storage keeps a list of times for every address, however
// many addresses there are.
import type { ThrottlerStorage } from '@nestjs/throttler';

import { WindowCounter } from '../auth/window-counter.js';
import type { Clock } from '../extension/clock.js';

const MS = 1_000;
/** Lengths of windows in use: one for the server's own limit, others where a module's routes have limits of their own. */
const MAX_LENGTHS = 16;

export class WindowThrottlerStorage implements ThrottlerStorage {
  private readonly counters = new Map<number, WindowCounter>();

  constructor(private readonly clock: Clock) {}

  /** @param ttl the window's length, ms. Who is over the limit is blocked until the window ends. Times in the answer are seconds. */
  async increment(
    key: string,
    ttl: number,
    limit: number,
  ): Promise<{ totalHits: number; timeToExpire: number; isBlocked: boolean; timeToBlockExpire: number }> {
    const now = this.clock.now();
    const counter = this.counterOf(ttl);
    const totalHits = counter.add(key, now);
    const timeToExpire = Math.ceil(counter.remainingMs(key, now) / MS);
    const isBlocked = totalHits > limit;
    return { totalHits, timeToExpire, isBlocked, timeToBlockExpire: isBlocked ? timeToExpire : 0 };
  }

  private counterOf(windowMs: number): WindowCounter {
    let counter = this.counters.get(windowMs);
    if (counter === undefined) {
      if (this.counters.size >= MAX_LENGTHS) throw new Error(`more than ${MAX_LENGTHS} lengths of throttling windows`);
      this.counters.set(windowMs, (counter = new WindowCounter(windowMs)));
    }
    return counter;
  }
}
