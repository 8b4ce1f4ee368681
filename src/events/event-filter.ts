// Filters of `event.subscribe` (PROTOCOL.md §5): a MongoDB-style match on an event's data, compiled once to a closure.
// No regular expressions, no code, no prototype: only own members are looked at.
import { Failure } from '../extension/failure.js';
import { FILTER_OPERATORS, type Predicate } from './filter-operators.js';
import { valuesAt } from './filter-path.js';

export type EventFilter = (data: unknown) => boolean;

const MAX_DEPTH = 8;
/** Conditions, operators and operands' members, all told. */
const MAX_SIZE = 256;
const MAX_PATH_PARTS = 32;

/**
 * @param filter as the client sent it, e.g. `{"level": {"$gte": 3}, "$or": [{"app": "a"}, {"tags": {"$in": ["x"]}}]}`
 * @throws Failure `invalid_params` that names the place below `/filter`
 */
export function compileFilter(filter: unknown): EventFilter {
  return new FilterCompiler().group(filter, '/filter', 1);
}

class FilterCompiler {
  private size = 0;

  /** An object whose conditions must all hold. */
  group(filter: unknown, at: string, depth: number): EventFilter {
    const members = this.members(filter, at, depth);
    return all(members.map(([key, value]) => this.condition(key, value, `${at}/${escaped(key)}`, depth)));
  }

  private condition(key: string, value: unknown, at: string, depth: number): EventFilter {
    if (key === '$and') return all(this.groups(value, at, depth));
    if (key === '$or') return any(this.groups(value, at, depth));
    if (key === '$not') return not(this.group(value, at, depth + 1));
    if (key.startsWith('$')) throw refused(at, `is not an operator here; $and, $or and $not are`);
    const parts = key.split('.');
    if (parts.length > MAX_PATH_PARTS) throw refused(at, `must have at most ${MAX_PATH_PARTS} parts`);
    const holds = this.predicate(value, at, depth);
    return (data) => holds(valuesAt(data, parts));
  }

  private groups(value: unknown, at: string, depth: number): EventFilter[] {
    if (!Array.isArray(value) || value.length === 0) throw refused(at, 'must be an array of one filter or more');
    return value.map((filter, i) => this.group(filter, `${at}/${i}`, depth + 1));
  }

  /** What a member is compared with: operators, or a value that it must equal. */
  private predicate(value: unknown, at: string, depth: number): Predicate {
    if (!isPlainObject(value) || !Object.keys(value).some((key) => key.startsWith('$'))) {
      this.measure(value, at, depth);
      return FILTER_OPERATORS.$eq(value, at);
    }
    const predicates = this.members(value, at, depth).map(([operator, operand]) =>
      this.operator(operator, operand, `${at}/${escaped(operator)}`, depth),
    );
    return (values) => predicates.every((holds) => holds(values));
  }

  private operator(operator: string, operand: unknown, at: string, depth: number): Predicate {
    if (operator === '$not') {
      if (!isPlainObject(operand)) throw refused(at, 'must be an object of operators');
      const holds = this.predicate(operand, at, depth + 1);
      return (values) => !holds(values);
    }
    if (!Object.hasOwn(FILTER_OPERATORS, operator)) {
      throw refused(at, `is not an operator; known are ${Object.keys(FILTER_OPERATORS).join(', ')} and $not`);
    }
    this.measure(operand, at, depth);
    return FILTER_OPERATORS[operator as keyof typeof FILTER_OPERATORS](operand, at);
  }

  private members(value: unknown, at: string, depth: number): [string, unknown][] {
    if (!isPlainObject(value)) throw refused(at, 'must be an object');
    this.count(at, depth);
    return Object.entries(value);
  }

  /** Counts what a value to compare with holds. */
  private measure(value: unknown, at: string, depth: number): void {
    this.count(at, depth);
    if (typeof value !== 'object' || value === null) return;
    for (const member of Object.values(value)) this.measure(member, at, depth + 1);
  }

  private count(at: string, depth: number): void {
    if (depth > MAX_DEPTH) throw refused(at, `is nested more than ${MAX_DEPTH} deep`);
    if (++this.size > MAX_SIZE) throw refused('/filter', `has more than ${MAX_SIZE} conditions and values`);
  }
}

const all = (filters: EventFilter[]): EventFilter =>
  filters.length === 1 && filters[0] ? filters[0] : (data) => filters.every((holds) => holds(data));
const any =
  (filters: EventFilter[]): EventFilter =>
  (data) =>
    filters.some((holds) => holds(data));
const not =
  (filter: EventFilter): EventFilter =>
  (data) =>
    !filter(data);

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** A member's name in a JSON Pointer (RFC 6901). */
const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

const refused = (path: string, message: string): Failure => Failure.invalidParams([{ path, message }]);
