// What a single character may be, asked of a native expression for one character: a class or an escape takes no time there.
import type { CharacterTest } from './pattern-node.js';

const ASCII = 128;
/** A class takes about 20 µs to prepare, a Unicode property 100 µs. */
const MOST_CLASSES = 1000;
const MOST_PROPERTIES = 64;

/** The tests that the expressions of one schema use, each made once, and so many at most. */
export class CharacterTests {
  private readonly known = new Map<string, CharacterTest>();
  private properties = 0;

  /** @param atom a class, an escape or a dot, as it stands in a valid expression; undefined where there are too many */
  of(atom: string): CharacterTest | undefined {
    const known = this.known.get(atom);
    if (known) return known;
    this.properties += atom.match(/\\p/gi)?.length ?? 0;
    if (this.known.size >= MOST_CLASSES || this.properties > MOST_PROPERTIES) return undefined;
    const test = characterTest(new RegExp(`^${atom}$`, isExpression(atom, 'u') ? 'u' : ''));
    this.known.set(atom, test);
    return test;
  }
}

/** Whether the text is a regular expression with these flags. */
export function isExpression(source: string, flags: string): boolean {
  try {
    return new RegExp(source, flags) instanceof RegExp;
  } catch {
    return false;
  }
}

/** Answers for ASCII from a table. */
function characterTest(native: RegExp): CharacterTest {
  const ascii = Uint8Array.from({ length: ASCII }, (_, code) => (native.test(String.fromCharCode(code)) ? 1 : 0));
  const others = native.unicode ? (text: string) => native.test(text) : (text: string) => text.split('').every((unit) => native.test(unit));
  return (codePoint) => (codePoint < ASCII ? ascii[codePoint] === 1 : others(String.fromCodePoint(codePoint)));
}

/** Whether a code point is part of a word for `\b`. */
export const isWordCharacter: CharacterTest = characterTest(/^\w$/);
