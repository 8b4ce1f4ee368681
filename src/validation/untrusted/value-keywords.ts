// Keywords about a value itself: its type, its number, its text. `format` says something to people and is not checked.
import type { Check, Keyword, Keywords } from './check.js';
import { isSame } from './json-identity.js';
import { countOf, isRecord, listOf, numberOf } from './keyword-arguments.js';

type TypeTest = (value: unknown) => boolean;

const TYPES = new Map<unknown, TypeTest>([
  ['null', (value) => value === null],
  ['boolean', (value) => typeof value === 'boolean'],
  ['string', (value) => typeof value === 'string'],
  ['number', (value) => typeof value === 'number' && Number.isFinite(value)],
  ['integer', (value) => Number.isInteger(value)],
  ['array', Array.isArray],
  ['object', isRecord],
]);
const MOST_VALUES_SHOWN = 20;
const LONGEST_SHOWN = 200;

const type: Keyword = (argument, place) => {
  const names = [...new Set(Array.isArray(argument) ? (argument as unknown[]) : [argument])];
  const tests = names.map((name) => TYPES.get(name) ?? place.refuse(`must be of ${[...TYPES.keys()].join(', ')}`, 'type'));
  const message = `must be ${names.join(' or ')}`;
  const [only] = tests;
  if (tests.length === 1 && only) return (value, run) => only(value) || run.fail(message);
  return (value, run) => tests.some((test) => test(value)) || run.fail(message);
};

/** One of the values; simple ones are found without comparing. */
function oneOf(values: readonly unknown[], message: string): Check {
  const simple = new Set(values.filter((value) => typeof value !== 'object' || value === null));
  const others = values.filter((value) => typeof value === 'object' && value !== null);
  return (value, run) => {
    const isSimple = typeof value !== 'object' || value === null;
    const isOne = isSimple ? simple.has(value) : others.some((other) => isSame(other, value, run));
    return isOne || run.fail(message);
  };
}

/** Some values for a message: it goes out with every error, and the schema may be large. */
function shown(values: readonly unknown[]): string {
  const some = values.slice(0, MOST_VALUES_SHOWN).map((value) => JSON.stringify(value));
  return shortened(some.join(', ') + (values.length > MOST_VALUES_SHOWN ? ', …' : ''));
}

const shortened = (text: string): string => (text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`);

const enumeration: Keyword = (argument, place) => {
  const values = listOf(argument, 'enum', place);
  return oneOf(values, `must be one of ${shown(values)}`);
};

/** A rule about numbers alone: other values pass. */
const aboutNumbers =
  (keyword: string, rule: (limit: number) => [(value: number) => boolean, string]): Keyword =>
  (argument, place) => {
    const [test, message] = rule(numberOf(argument, keyword, place));
    return (value, run) => typeof value !== 'number' || test(value) || run.fail(message);
  };

const multipleOf: Keyword = (argument, place) => {
  const divisor = numberOf(argument, 'multipleOf', place);
  if (divisor <= 0) place.refuse('must be above 0', 'multipleOf');
  return (value, run) => typeof value !== 'number' || isMultiple(value, divisor) || run.fail(`must be a multiple of ${divisor}`);
};

/** Within the precision of a double: 19.99 is a multiple of 0.01. */
function isMultiple(value: number, divisor: number): boolean {
  if (Number.isInteger(value) && Number.isInteger(divisor)) return value % divisor === 0;
  const quotient = value / divisor;
  if (!Number.isFinite(quotient)) return value % divisor === 0;
  return Math.abs(quotient - Math.round(quotient)) <= Number.EPSILON * 4 * Math.abs(quotient);
}

/** A rule about the length of a text, in code points, which are counted only where they can matter. */
const aboutLength =
  (keyword: 'minLength' | 'maxLength', word: string): Keyword =>
  (argument, place) => {
    const limit = countOf(argument, keyword, place);
    const message = `must have ${word} ${limit} characters`;
    const isWithin = keyword === 'minLength' ? (length: number) => length >= limit : (length: number) => length <= limit;
    return (value, run) => {
      if (typeof value !== 'string') return true;
      // Code points are between half as many as code units and as many.
      const most = isWithin(value.length);
      const least = isWithin(Math.ceil(value.length / 2));
      if (most === least) return most || run.fail(message);
      run.spend(value.length >> 2);
      return isWithin(codePoints(value)) || run.fail(message);
    };
  };

function codePoints(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; count++) at += (text.codePointAt(at) as number) > 0xffff ? 2 : 1;
  return count;
}

/** An expression that cannot be checked in linear time is left to the tool itself. */
const pattern: Keyword = (argument, place) => {
  if (typeof argument !== 'string') return place.refuse('must be a string', 'pattern');
  const expression = place.pattern(argument);
  if (expression === undefined) return undefined;
  const message = `must match the pattern ${shortened(argument)}`;
  return (value, run) => typeof value !== 'string' || expression.test(value, run.spend) || run.fail(message);
};

export const VALUE_KEYWORDS: Keywords = {
  type,
  enum: enumeration,
  const: (argument) => oneOf([argument], `must be ${shown([argument])}`),
  minimum: aboutNumbers('minimum', (limit) => [(value) => value >= limit, `must be at least ${limit}`]),
  maximum: aboutNumbers('maximum', (limit) => [(value) => value <= limit, `must be at most ${limit}`]),
  exclusiveMinimum: aboutNumbers('exclusiveMinimum', (limit) => [(value) => value > limit, `must be above ${limit}`]),
  exclusiveMaximum: aboutNumbers('exclusiveMaximum', (limit) => [(value) => value < limit, `must be below ${limit}`]),
  multipleOf,
  minLength: aboutLength('minLength', 'at least'),
  maxLength: aboutLength('maxLength', 'at most'),
  pattern,
};
