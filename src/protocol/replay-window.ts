// Ids and nonces that a session has used lately (PROTOCOL.md §4): none may come twice within the window. Bounded: past
// 10,000 values the oldest is forgotten.
import { SeenValues } from './seen-values.js';

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
    if (this.many === undefined) {
      if (this.only === undefined) {
        this.only = value;
        this.onlyAt = now;
        return true;
      }
      this.many = new SeenValues(KEPT);
      this.many.note(this.only, this.onlyAt, -Infinity);
    }
    return this.many.note(value, now, now - WINDOW_MS);
  }

  /** Values that are kept now. */
  get size(): number {
    return this.many?.size ?? (this.only === undefined ? 0 : 1);
  }
}
