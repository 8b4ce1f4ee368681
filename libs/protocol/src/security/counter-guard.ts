/** The counter of a direction's encrypted frames: it starts at 1 or more and rises strictly. PROTOCOL.md §4. */
export class CounterGuard {
  private last = 0;

  /** Whether `counter` would rise. Asked before a frame is opened, so that a replay costs nothing. */
  rises(counter: number): boolean {
    return counter > this.last && counter <= Number.MAX_SAFE_INTEGER;
  }

  /** Takes note of the counter of a frame that was authentic: a forged one must not move it. */
  commit(counter: number): void {
    this.last = counter;
  }
}
