// Ids and nonces that a session has used lately (PROTOCOL.md §4): none may come twice within the window. Bounded: past
// 10,000 values the oldest is forgotten.

const WINDOW_MS = 5 * 60_000;
const KEPT = 10_000;

export class ReplayWindow {
  /** The first value, until a second comes: most connections are idle after their `initialize`, and a table is 270 bytes. */
  private only: string | undefined;
  private onlyAt = 0;
  private many: SeenValues | undefined;

  /**
   * @param now milliseconds of any steady clock
   * @returns false where the value has come before within the window
   */
  admit(value: string, now: number): boolean {
    if (this.many !== undefined) return this.many.admit(value, now);
    if (this.only === undefined) {
      this.only = value;
      this.onlyAt = now;
      return true;
    }
    this.many = new SeenValues();
    this.many.admit(this.only, this.onlyAt);
    return this.many.admit(value, now);
  }

  /** Values that are kept now. */
  get size(): number {
    return this.many?.size ?? (this.only === undefined ? 0 : 1);
  }
}

class SeenValues {
  private readonly seenAt = new Map<string, number>();
  /** Values in order of arrival with their times; a ring once it is full. */
  private readonly order: string[] = [];
  private readonly times: number[] = [];
  private next = 0;

  admit(value: string, now: number): boolean {
    const before = this.seenAt.get(value);
    if (before !== undefined && now - before <= WINDOW_MS) return false;
    this.seenAt.set(value, now);
    if (this.order.length < KEPT) {
      this.order.push(value);
      this.times.push(now);
      return true;
    }
    const oldest = this.order[this.next] as string;
    // A value that has come again since has a later place in the ring.
    if (this.seenAt.get(oldest) === this.times[this.next]) this.seenAt.delete(oldest);
    this.order[this.next] = value;
    this.times[this.next] = now;
    this.next = (this.next + 1) % KEPT;
    return true;
  }

  get size(): number {
    return this.seenAt.size;
  }
}
