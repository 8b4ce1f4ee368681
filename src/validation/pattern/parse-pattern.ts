// Reads an ECMAScript regular expression into its parts. Leaves out what cannot be matched in linear time: look-around
// and back-references. What a single character may be is asked of a native expression for that one character.
import { isExpression, type CharacterTests } from './character-tests.js';
import type { PatternNode } from './pattern-node.js';

/** An atom of more than one source character: a class, or an escape. Tried at one place in the source. */
const CLASS = /\[(?:\\.|[^\]\\])*\]/suy;
const ESCAPE =
  /\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|u\{[0-9a-fA-F]+\}|x[0-9a-fA-F]{2}|c[A-Za-z]|[pP]\{[^}]*\}|.)/suy;
const COUNT = /\{(\d+)(,(\d*))?\}/uy;
const GROUP = /\((?:\?(?::|<[^=!>]+>))?/uy;

/** Undefined where the text is no expression, or one that cannot be matched in linear time. */
export function parsePattern(source: string, tests: CharacterTests): PatternNode | undefined {
  if (!isExpression(source, 'u') && !isExpression(source, '')) return undefined;
  try {
    return new PatternParser(source, tests).parse();
  } catch (error) {
    if (error instanceof NotLinear) return undefined;
    throw error;
  }
}

class NotLinear extends Error {}

class PatternParser {
  private at = 0;

  constructor(
    private readonly source: string,
    private readonly tests: CharacterTests,
  ) {}

  parse(): PatternNode {
    const node = this.choice();
    if (this.at < this.source.length) throw new NotLinear();
    return node;
  }

  private choice(): PatternNode {
    const parts = [this.sequence()];
    while (this.source[this.at] === '|') {
      this.at++;
      parts.push(this.sequence());
    }
    return parts.length === 1 ? (parts[0] as PatternNode) : { kind: 'choice', parts };
  }

  private sequence(): PatternNode {
    const parts: PatternNode[] = [];
    for (let next = this.source[this.at]; next !== undefined && next !== '|' && next !== ')'; next = this.source[this.at]) {
      parts.push(this.repeated(this.atom(next)));
    }
    return { kind: 'sequence', parts };
  }

  private repeated(part: PatternNode): PatternNode {
    const [min, max] = this.quantifier() ?? [1, 1];
    // Lazy or greedy: the same texts match.
    if (min !== 1 || max !== 1) this.skip('?');
    return min === 1 && max === 1 ? part : { kind: 'repeat', part, min, max };
  }

  private quantifier(): [number, number] | undefined {
    if (this.skip('*')) return [0, Number.POSITIVE_INFINITY];
    if (this.skip('+')) return [1, Number.POSITIVE_INFINITY];
    if (this.skip('?')) return [0, 1];
    const count = this.take(COUNT);
    if (count === undefined) return undefined;
    const [, min = '0', comma, max] = count;
    // `{1}` says nothing, but a `?` after it belongs to it.
    if (comma === undefined && Number(min) === 1) this.skip('?');
    return [Number(min), comma === undefined ? Number(min) : max ? Number(max) : Number.POSITIVE_INFINITY];
  }

  private atom(next: string): PatternNode {
    switch (next) {
      case '(':
        return this.group();
      case '^':
        this.at++;
        return { kind: 'assertion', assertion: 'start' };
      case '$':
        this.at++;
        return { kind: 'assertion', assertion: 'end' };
      case '[':
        return this.character((this.take(CLASS) as RegExpExecArray)[0]);
      case '\\':
        return this.escape();
      case '.':
        this.at++;
        return this.character('.');
      default:
        return this.literal();
    }
  }

  private group(): PatternNode {
    const [opening] = this.take(GROUP) as RegExpExecArray;
    // `(` alone although a `?` follows: look-around, or flags of a part.
    if (opening === '(' && this.source[this.at] === '?') throw new NotLinear();
    const node = this.choice();
    this.at++;
    return node;
  }

  private escape(): PatternNode {
    const [escape] = this.take(ESCAPE) as RegExpExecArray;
    if (escape === '\\b') return { kind: 'assertion', assertion: 'boundary' };
    if (escape === '\\B') return { kind: 'assertion', assertion: 'notBoundary' };
    const isOctal = escape === '\\0' && /\d/.test(this.source[this.at] ?? '');
    if (isOctal || /^\\[1-9k]/.test(escape)) throw new NotLinear();
    return this.character(escape);
  }

  private literal(): PatternNode {
    const codePoint = this.source.codePointAt(this.at) as number;
    this.at += codePoint > 0xffff ? 2 : 1;
    return { kind: 'character', test: (other) => other === codePoint };
  }

  private character(atom: string): PatternNode {
    const test = this.tests.of(atom);
    if (test === undefined) throw new NotLinear();
    return { kind: 'character', test };
  }

  private skip(character: string): boolean {
    if (this.source[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private take(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.at;
    const match = expression.exec(this.source);
    if (match === null) return undefined;
    this.at += match[0].length;
    return match;
  }
}
