// One check of one value: how much work is left, where in the value it is, and what it found.
import type { ParamError } from '../../extension/failure.js';
import { pointerPart, shortPath } from '../param-errors.js';

/** Schemas inside schemas that are looked at in one place of the value; beyond it a schema refers to itself without end. */
const DEEPEST = 600;
const MOST_ERRORS = 20;
/** Members up to which the names of an object cost next to nothing. */
const SMALL_OBJECT = 64;
/** What it costs to put something into a set, in steps. */
export const STEPS_TO_REMEMBER = 8;
/** What it costs to try something beside itself. */
const STEPS_TO_TRY = 2;

/** The value is too large for the schema, or the schema made to be slow. */
export class TooMuchWork extends Error {}

export class SchemaRun {
  readonly errors: ParamError[] = [];
  readonly path: (string | number)[] = [];
  private depth = 0;
  private isQuiet = false;
  private named: object | undefined;
  private names: readonly string[] = [];

  /**
   * @param collects whether all errors are looked for, with their paths; otherwise the first one ends the check
   * @param steps how much work may be done: measured, 10 to 40 ns each, whatever the schema and the value
   * @param more asked once, where that was not enough: how much more
   */
  constructor(
    public collects: boolean,
    private steps: number,
    private more: (() => number) | undefined = undefined,
  ) {}

  /** @throws TooMuchWork */
  readonly spend = (steps: number): void => {
    this.steps -= steps;
    if (this.steps < 0) this.extend();
  };

  private extend(): void {
    this.steps += this.more?.() ?? 0;
    this.more = undefined;
    if (this.steps < 0) throw new TooMuchWork();
  }

  /** @throws TooMuchWork */
  enter(): void {
    if (++this.depth > DEEPEST) throw new TooMuchWork();
    this.spend(1);
  }

  leave(): void {
    this.depth--;
  }

  /** The names of an object's own members. Many parts of a schema ask for those of one object, and in large objects they cost. */
  namesOf(value: object): readonly string[] {
    if (value !== this.named) {
      this.names = Object.keys(value);
      this.named = value;
      this.spend(this.names.length * (this.names.length > SMALL_OBJECT ? STEPS_TO_REMEMBER : 1));
    }
    return this.names;
  }

  /** Remembers that a part of a value was looked at. */
  see<T>(seen: Set<T>, part: T): void {
    this.spend(STEPS_TO_REMEMBER);
    seen.add(part);
  }

  /** Notes an error at the place where the check is, or at a member of it. Always false, to be returned. */
  fail(message: string, member?: string | number): false {
    if (this.isQuiet || this.errors.length >= MOST_ERRORS) return false;
    const path = member === undefined ? this.path : [...this.path, member];
    this.errors.push({ path: shortPath(path.map(pointerPart).join('')), message });
    if (this.errors.length >= MOST_ERRORS) this.collects = false;
    return false;
  }

  /** Tries something whose failure is no error. */
  quietly(attempt: () => boolean): boolean {
    this.spend(STEPS_TO_TRY);
    const { collects, isQuiet } = this;
    this.collects = false;
    this.isQuiet = true;
    const result = attempt();
    this.collects = collects;
    this.isQuiet = isQuiet;
    return result;
  }
}
