import fc from 'fast-check';
import { expect, it } from 'vitest';

import { SeenValues } from './seen-values.js';

/** The same, by looking through a list. */
class Listed {
  private entries: { value: string | undefined; at: number }[] = [];

  constructor(private readonly kept: number) {}

  note(value: string, at: number, since: number): boolean {
    const known = this.entries.find((entry) => entry.value === value);
    if (known !== undefined && known.at >= since) return false;
    if (known !== undefined) known.value = undefined;
    this.entries.push({ value, at });
    this.entries = this.entries.slice(-this.kept);
    return true;
  }

  get size(): number {
    return this.entries.filter(({ value }) => value !== undefined).length;
  }
}

it('says what a list would say, whatever comes and goes', () => {
  const coming = fc.record({ value: fc.integer({ min: 0, max: 60 }), pause: fc.nat(3) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(60), fc.array(coming, { maxLength: 400 }), (kept, windowMs, all) => {
      const seen = new SeenValues(kept);
      const listed = new Listed(kept);
      let now = 0;
      for (const { value, pause } of all) {
        now += pause;
        expect(seen.note(`id-${value}`, now, now - windowMs)).toBe(listed.note(`id-${value}`, now, now - windowMs));
        expect(seen.size).toBe(listed.size);
      }
    }),
  );
});
