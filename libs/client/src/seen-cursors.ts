// The cursors that came last. Delivery is at least once (protocol §5) and a cursor is opaque: all that can be said of two is
// whether they are the same.

/** A server that sends again begins where the client said it was, so that what comes twice came lately. */
const KEPT = 4_096;

export class SeenCursors {
  private readonly cursors = new Set<string>();

  /** Takes note of it. @returns false where it had come before */
  add(cursor: string): boolean {
    if (this.cursors.has(cursor)) return false;
    this.cursors.add(cursor);
    if (this.cursors.size > KEPT) this.cursors.delete(this.cursors.values().next().value as string);
    return true;
  }
}
