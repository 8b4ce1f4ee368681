// The expressions of one schema, each compiled once, within limits for all of them together.
import { CharacterTests } from './character-tests.js';
import { LinearPattern } from './linear-pattern.js';

/** Instructions of all expressions; each takes some 60 bytes. */
const MOST_INSTRUCTIONS = 20_000;

export class PatternSet {
  private readonly tests = new CharacterTests();
  private readonly compiled = new Map<string, LinearPattern | undefined>();
  private instructions = 0;

  /** Undefined where the expression cannot be matched in linear time, or the schema has too many. */
  of(source: string): LinearPattern | undefined {
    if (this.compiled.has(source)) return this.compiled.get(source);
    const pattern = this.instructions > MOST_INSTRUCTIONS ? undefined : LinearPattern.compile(source, this.tests);
    this.instructions += pattern?.size ?? 0;
    this.compiled.set(source, pattern);
    return pattern;
  }
}
