// Different names of members, counted by their hashes: two that share one count as one, which nobody outside can bring about.
import { randomBytes } from 'node:crypto';

/** Of longer names there is no room for too many, in 1 MB of a client's nor in 4 MB of an upstream's. */
export const LONG_NAME_BYTES = 256;

const PRIME = 0x01000193;
/** Twice as many as any bound. */
const SLOTS = 32_768;
/** One table for all: a census is done before another begins, and 128 KB for each large message were much to collect. */
const slots = new Uint32Array(SLOTS);
/** Not known outside, so that nobody makes names that count as one. */
export const SEED = randomBytes(4).readUInt32LE(0);

export function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = SEED;
  for (let at = start; at < end; at++) hash = nextHash(hash, bytes[at] as number);
  return hash;
}

/** @param hash of the bytes before; `SEED` for the first */
export function nextHash(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, PRIME) >>> 0;
}

export class Names {
  private count = 0;

  constructor(private readonly most: number) {
    slots.fill(0);
  }

  /** @returns false where there are too many */
  add(hash: number): boolean {
    const value = hash === 0 ? 1 : hash;
    let slot = value & (SLOTS - 1);
    while (slots[slot] !== 0) {
      if (slots[slot] === value) return true;
      slot = (slot + 1) & (SLOTS - 1);
    }
    slots[slot] = value;
    return ++this.count <= this.most;
  }
}
