// Regular expressions that strangers wrote, matched in time proportional to text × expression, whatever they are (Thompson's
// construction, no backtracking): `^(a+)+$` cannot hold the event loop. Only says whether there is a match, not where.
import { CharacterTests, isWordCharacter } from './character-tests.js';
import { parsePattern } from './parse-pattern.js';
import { patternProgram, type Instruction } from './pattern-program.js';

const LONGEST_SOURCE = 1000;
const STEPS_TO_BEGIN = 4;

/** Called with the number of steps done since the last call; may throw to end the match. */
export type Spend = (steps: number) => void;

export class LinearPattern {
  /** Places to look at, and those of the character after; a place is in at most once. */
  private current: Places;
  private next: Places;
  private readonly pending: Int32Array;

  private constructor(private readonly program: readonly Instruction[]) {
    this.current = new Places(program.length);
    this.next = new Places(program.length);
    this.pending = new Int32Array(program.length + 1);
  }

  /** Undefined where it is no ECMAScript expression, uses look-around or back-references, or is very large. */
  static compile(source: string, tests = new CharacterTests()): LinearPattern | undefined {
    const node = source.length > LONGEST_SOURCE ? undefined : parsePattern(source, tests);
    const program = node && patternProgram(node);
    return program && new LinearPattern(program);
  }

  /** How many instructions it has. */
  get size(): number {
    return this.program.length;
  }

  /** Whether the expression matches somewhere in the text. */
  test(text: string, spend: Spend): boolean {
    spend(STEPS_TO_BEGIN);
    this.current.clear();
    for (let at = 0, before = -1; ;) {
      const codePoint = at < text.length ? (text.codePointAt(at) as number) : -1;
      if (this.enter(0, before, codePoint)) return true;
      spend(1 + this.current.size);
      if (codePoint === -1) return false;
      at += codePoint > 0xffff ? 2 : 1;
      if (this.step(codePoint, at < text.length ? (text.codePointAt(at) as number) : -1)) return true;
      before = codePoint;
    }
  }

  /** Moves every place over a character. True when one reaches the end of the program. */
  private step(codePoint: number, after: number): boolean {
    const { current, next, program } = this;
    next.clear();
    this.current = next;
    this.next = current;
    for (let i = 0; i < current.size; i++) {
      const place = current.at(i);
      const instruction = program[place] as Instruction;
      if (instruction.op === 'character' && instruction.test(codePoint) && this.enter(place + 1, codePoint, after)) return true;
    }
    return false;
  }

  /** Adds a place and all that are reached from it without a character. True when one of them is the end. */
  private enter(start: number, before: number, after: number): boolean {
    const { current, pending, program } = this;
    let count = 0;
    if (current.add(start)) pending[count++] = start;
    while (count > 0) {
      const place = pending[--count] as number;
      const instruction = program[place] as Instruction;
      if (instruction.op === 'match') return true;
      if (instruction.op === 'jump' && current.add(instruction.to)) pending[count++] = instruction.to;
      if (instruction.op === 'assert' && holds(instruction.assertion, before, after) && current.add(place + 1))
        pending[count++] = place + 1;
      if (instruction.op === 'split') {
        if (current.add(instruction.to)) pending[count++] = instruction.to;
        if (current.add(instruction.or)) pending[count++] = instruction.or;
      }
    }
    return false;
  }
}

function holds(assertion: string, before: number, after: number): boolean {
  if (assertion === 'start') return before === -1;
  if (assertion === 'end') return after === -1;
  const isBoundary = (before !== -1 && isWordCharacter(before)) !== (after !== -1 && isWordCharacter(after));
  return isBoundary === (assertion === 'boundary');
}

/** A set of small numbers that is emptied at once and kept in the order of adding. */
class Places {
  size = 0;
  private readonly order: Int32Array;
  private readonly indexOf: Int32Array;

  constructor(capacity: number) {
    this.order = new Int32Array(capacity);
    this.indexOf = new Int32Array(capacity);
  }

  at(index: number): number {
    return this.order[index] as number;
  }

  /** False where it was in already. */
  add(place: number): boolean {
    const index = this.indexOf[place] as number;
    if (index < this.size && this.order[index] === place) return false;
    this.order[this.size] = place;
    this.indexOf[place] = this.size++;
    return true;
  }

  clear(): void {
    this.size = 0;
  }
}
