// Ids and nonces that a session has used lately (PROTOCOL.md §4): none may come twice within the window. Bounded: past
// 10,000 values the oldest is forgotten.

const WINDOW_MS = 5 * 60_000;
const KEPT = 10_000;

export class ReplayWindow {
  private readonly seenAt = new Map<string, number>();
  /** Values in order of arrival with their times; a ring once it is full. */
  private order: string[] | undefined;
  private times: number[] = [];
  private next = 0;

  /**
   * @param now milliseconds of any steady clock
   * @returns false where the value has come before within the window
   */
  admit(value: string, now: number): boolean {
    const before = this.seenAt.get(value);
    if (before !== undefined && now - before <= WINDOW_MS) return false;
    this.seenAt.set(value, now);
    if (this.order === undefined) {
      // Exactly as long as what is in them: most connections are idle after their `initialize`.
      this.order = [value];
      this.times = [now];
      return true;
    }
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

  /** Values that are kept now. */
  get size(): number {
    return this.seenAt.size;
  }
}
