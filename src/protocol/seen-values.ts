// The last so many strings, and when each came: a ring of them, and a hash table of places in the ring. A `Map` of ten thousand ids, one
// going for each that comes, took an eighth of the time of a JSON request: most of it waiting for memory, of which this needs a third.
import { randomBytes } from 'node:crypto';

const PRIME = 0x01000193;
/** Not known outside, so that nobody makes strings that want one slot. */
const SEED = randomBytes(4).readInt32LE(0);
const SMALLEST_TABLE = 8;
const FULLEST = 0.625;

export class SeenValues {
  private readonly values: (string | undefined)[] = [];
  private readonly times: number[] = [];
  private readonly hashes: number[] = [];
  /** Where the next value goes once the ring is full. */
  private oldest = 0;
  private count = 0;
  /** Places in the ring, plus one; 0: free. Who finds their slot taken is in one of those that follow. */
  private slots = new Int32Array(SMALLEST_TABLE);

  /** @param kept how many values at most */
  constructor(private readonly kept: number) {}

  get size(): number {
    return this.count;
  }

  /** Takes note of a value, in place of the oldest where there are too many. @returns false where it has come at `since` or later */
  note(value: string, now: number, since: number): boolean {
    const hash = hashOf(value);
    const slot = this.find(value, hash);
    if (slot >= 0) {
      if ((this.times[(this.slots[slot] as number) - 1] as number) >= since) return false;
      this.forget(slot);
    }
    const place = this.freePlace();
    this.values[place] = value;
    this.times[place] = now;
    this.hashes[place] = hash;
    if (++this.count > this.slots.length * FULLEST) this.grow();
    else this.insert(hash, place);
    return true;
  }

  private freePlace(): number {
    if (this.values.length < this.kept) return this.values.length;
    const place = this.oldest;
    this.oldest = (place + 1) % this.kept;
    if (this.values[place] !== undefined) this.forget(this.slotOf(place));
    return place;
  }

  private find(value: string, hash: number): number {
    const mask = this.slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const place = (this.slots[slot] as number) - 1;
      if (place < 0) return -1;
      if (this.hashes[place] === hash && this.values[place] === value) return slot;
    }
  }

  private slotOf(place: number): number {
    const mask = this.slots.length - 1;
    let slot = (this.hashes[place] as number) & mask;
    while (this.slots[slot] !== place + 1) slot = (slot + 1) & mask;
    return slot;
  }

  private insert(hash: number, place: number): void {
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
    this.slots[slot] = place + 1;
  }

  /** Frees a slot, and moves those behind it that may not stay where they are. */
  private forget(slot: number): void {
    const { slots, hashes } = this;
    const mask = slots.length - 1;
    this.values[(slots[slot] as number) - 1] = undefined;
    this.count--;
    let hole = slot;
    for (let next = (slot + 1) & mask; slots[next] !== 0; next = (next + 1) & mask) {
      const home = (hashes[(slots[next] as number) - 1] as number) & mask;
      if (((next - home) & mask) < ((next - hole) & mask)) continue;
      slots[hole] = slots[next] as number;
      hole = next;
    }
    slots[hole] = 0;
  }

  private grow(): void {
    this.slots = new Int32Array(this.slots.length * 2);
    for (let place = 0; place < this.values.length; place++) {
      if (this.values[place] !== undefined) this.insert(this.hashes[place] as number, place);
    }
  }
}

function hashOf(value: string): number {
  let hash = SEED;
  for (let i = 0; i < value.length; i++) hash = Math.imul(hash ^ value.charCodeAt(i), PRIME);
  return (hash ^ (hash >>> 15)) >>> 1;
}
