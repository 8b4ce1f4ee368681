// The operators of event filters. Each is made from its operand and judges the values that a path reached (none: the member is absent).
// As in MongoDB an array holds where itself or one of its elements does, and order is asked only among numbers and among strings.
import { Failure } from '../extension/failure.js';
import { elementsOf, LOOKED_AT_IN_ALL } from './filter-path.js';

export type Predicate = (values: readonly unknown[]) => boolean;
type Operator = (operand: unknown, at: string) => Predicate;

const $eq: Operator = (operand) =>
  operand === null ? (values) => values.length === 0 || some(values, isNull) : (values) => some(values, equals(operand));

const $in: Operator = (operand, at) => {
  if (!Array.isArray(operand)) throw Failure.invalidParams([{ path: at, message: 'must be an array' }]);
  const scalars = new Set(operand.filter((value: unknown) => typeof value !== 'object'));
  const others = operand.filter((value: unknown) => typeof value === 'object').map((value: unknown) => $eq(value, at));
  return (values) => some(values, (value) => scalars.has(value)) || others.some((holds) => holds(values));
};

const $exists: Operator = (operand, at) => {
  if (typeof operand !== 'boolean') throw Failure.invalidParams([{ path: at, message: 'must be true or false' }]);
  return (values) => values.length > 0 === operand;
};

const negated =
  (operator: Operator): Operator =>
  (operand, at) => {
    const holds = operator(operand, at);
    return (values) => !holds(values);
  };

const ordered =
  (holds: (value: number | string, operand: number | string) => boolean): Operator =>
  (operand, at) => {
    if (typeof operand !== 'number' && typeof operand !== 'string') {
      throw Failure.invalidParams([{ path: at, message: 'must be a number or a string' }]);
    }
    return (values) => some(values, (value) => typeof value === typeof operand && holds(value as number | string, operand));
  };

export const FILTER_OPERATORS = {
  $eq,
  $ne: negated($eq),
  $in,
  $nin: negated($in),
  $gt: ordered((value, operand) => value > operand),
  $gte: ordered((value, operand) => value >= operand),
  $lt: ordered((value, operand) => value < operand),
  $lte: ordered((value, operand) => value <= operand),
  $exists,
} as const satisfies Readonly<Record<string, Operator>>;

function some(values: readonly unknown[], holds: (value: unknown) => boolean): boolean {
  let left = LOOKED_AT_IN_ALL;
  for (const value of values) {
    if (holds(value)) return true;
    if (!Array.isArray(value)) continue;
    const elements = elementsOf(value, left);
    if (elements.some(holds)) return true;
    left -= elements.length;
  }
  return false;
}

const isNull = (value: unknown): boolean => value === null;

const equals = (operand: unknown): ((value: unknown) => boolean) =>
  typeof operand === 'object' ? (value) => deepEquals(value, operand) : (value) => value === operand;

/** The recursion follows the operand, whose size is bounded, never the value. */
function deepEquals(value: unknown, operand: unknown): boolean {
  if (typeof operand !== 'object' || operand === null) return value === operand;
  if (typeof value !== 'object' || value === null || Array.isArray(value) !== Array.isArray(operand)) return false;
  const keys = Object.keys(operand);
  return (
    keys.every(
      (key) => Object.hasOwn(value, key) && deepEquals((value as Record<string, unknown>)[key], (operand as Record<string, unknown>)[key]),
    ) && sizeOf(value) === keys.length
  );
}

/** An event's data is asked by many filters, and counting the members of a large object takes milliseconds. */
const sizes = new WeakMap<object, number>();

function sizeOf(value: object): number {
  if (Array.isArray(value)) return value.length;
  let size = sizes.get(value);
  if (size === undefined) sizes.set(value, (size = Object.keys(value).length));
  return size;
}
