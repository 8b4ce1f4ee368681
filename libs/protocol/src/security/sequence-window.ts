/** Which sequence ids of a direction were seen: a sliding window of bits. PROTOCOL.md §4. */

/** Ids that are told apart; older ones are refused unseen. */
export const SEQUENCE_WINDOW = 1024;

export class SequenceWindow {
  private highest = 0;
  /** The bit of an id is at the id modulo the window. */
  private readonly bits = new Uint32Array(SEQUENCE_WINDOW / 32);

  /** Takes note of an id, from 1 up; `false` where it was seen before or is older than the window. */
  accept(sequenceId: number): boolean {
    if (sequenceId > this.highest) {
      this.advance(sequenceId);
    } else if (sequenceId <= this.highest - SEQUENCE_WINDOW || sequenceId < 1) {
      return false;
    }
    const bit = sequenceId % SEQUENCE_WINDOW;
    const mask = 1 << (bit & 31);
    const word = this.bits[bit >>> 5]!;
    if ((word & mask) !== 0) return false;
    this.bits[bit >>> 5] = word | mask;
    return true;
  }

  /** Clears the bits of the ids that come into the window. */
  private advance(sequenceId: number): void {
    if (sequenceId - this.highest >= SEQUENCE_WINDOW) this.bits.fill(0);
    else {
      for (let id = this.highest + 1; id <= sequenceId; id++) {
        const bit = id % SEQUENCE_WINDOW;
        this.bits[bit >>> 5]! &= ~(1 << (bit & 31));
      }
    }
    this.highest = sequenceId;
  }
}
