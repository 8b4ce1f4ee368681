// Counts by name in windows of one length, in bounded memory. Not a rate limiter: who asks decides what too many is.

interface Window {
  count: number;
  readonly endsAt: number;
}

/** Of the capacity, when it is reached. */
const KEPT_SHARE = 0.98;
const SWEEPS_OF_A_WINDOW = 20;

/** Counts are kept by the order in which their windows end, so that what is over is always at the front. */
export class WindowCounter {
  private readonly windows = new Map<string, Window>();
  private sweepAt = 0;

  /**
   * @param windowMs from the first count of a name to its being forgotten
   * @param capacity names at once; past it the oldest is forgotten early
   */
  constructor(
    readonly windowMs: number,
    private readonly capacity = 50_000,
  ) {}

  get size(): number {
    return this.windows.size;
  }

  /** @param now milliseconds of a clock, always the same one. @returns the count, this one included */
  add(name: string, now: number): number {
    const open = this.open(name, now);
    if (open !== undefined) return ++open.count;
    this.makeRoom(now);
    this.windows.set(name, { count: 1, endsAt: now + this.windowMs });
    return 1;
  }

  count(name: string, now: number): number {
    return this.open(name, now)?.count ?? 0;
  }

  /** Milliseconds until the name's window is over; 0 where it has none. */
  remainingMs(name: string, now: number): number {
    const open = this.open(name, now);
    return open === undefined ? 0 : open.endsAt - now;
  }

  private open(name: string, now: number): Window | undefined {
    const window = this.windows.get(name);
    if (window === undefined) return undefined;
    const hasClockGoneBack = window.endsAt - now > this.windowMs;
    if (window.endsAt > now && !hasClockGoneBack) return window;
    this.windows.delete(name);
    return undefined;
  }

  /** Now and then, and many at a time: a map's first entry is found only behind the places of all that went before it. */
  private makeRoom(now: number): void {
    const isFull = this.windows.size >= this.capacity;
    const isDue = now >= this.sweepAt || this.sweepAt - now > this.windowMs;
    if (!isFull && !isDue) return;
    this.sweepAt = now + this.windowMs / SWEEPS_OF_A_WINDOW;
    const kept = isFull ? this.capacity * KEPT_SHARE : this.capacity;
    for (const [name, { endsAt }] of this.windows) {
      if (endsAt > now && this.windows.size < kept) return;
      this.windows.delete(name);
    }
  }
}
