// Keywords that put schemas together, and references. What a part looked at counts only where that part accepts the value.
import type { Check, Keyword, Keywords, Place } from './check.js';
import { Evaluated } from './evaluated.js';
import { listOf } from './keyword-arguments.js';
import { STEPS_TO_REMEMBER, type SchemaRun } from './schema-run.js';

/** One part, with what it looked at kept apart until it has accepted. */
function accepts(check: Check, value: unknown, run: SchemaRun, seen: Evaluated | undefined): boolean {
  if (seen === undefined) return check(value, run, undefined);
  const own = new Evaluated();
  if (!check(value, run, own)) return false;
  run.spend((own.names.size + own.indexes.size) * STEPS_TO_REMEMBER);
  seen.add(own);
  return true;
}

function parts(argument: unknown, keyword: string, place: Place): readonly Check[] {
  const list = listOf(argument, keyword, place);
  if (list.length === 0) place.refuse('must have at least one schema', keyword);
  return list.map((schema, i) => place.compile(schema, keyword, i));
}

const allOf: Keyword = (argument, place) => {
  const checks = parts(argument, 'allOf', place);
  return (value, run, seen) => {
    let isFine = true;
    for (const check of checks) {
      if (!accepts(check, value, run, seen)) isFine = false;
      if (!isFine && !run.collects) return false;
    }
    return isFine;
  };
};

const anyOf: Keyword = (argument, place) => {
  const checks = parts(argument, 'anyOf', place);
  return (value, run, seen) => {
    let isOne = false;
    for (const check of checks) {
      if (run.quietly(() => accepts(check, value, run, seen))) isOne = true;
      // What the others look at counts as well.
      if (isOne && seen === undefined) return true;
    }
    if (isOne) return true;
    if (run.collects) for (const check of checks) check(value, run, undefined);
    return run.fail(`must be as one of ${checks.length} alternatives says`);
  };
};

const oneOf: Keyword = (argument, place) => {
  const checks = parts(argument, 'oneOf', place);
  return (value, run, seen) => {
    let count = 0;
    for (const check of checks) {
      if (run.quietly(() => accepts(check, value, run, seen))) count++;
      if (count > 1) return run.fail(`must be as only one of ${checks.length} alternatives says`);
    }
    if (count === 1) return true;
    if (run.collects) for (const check of checks) check(value, run, undefined);
    return run.fail(`must be as one of ${checks.length} alternatives says`);
  };
};

const not: Keyword = (argument, place) => {
  const check = place.compile(argument, 'not');
  return (value, run) => !run.quietly(() => check(value, run, undefined)) || run.fail('is of a kind that is not allowed');
};

const condition: Keyword = (argument, place, schema) => {
  const check = place.compile(argument, 'if');
  const branch = (keyword: 'then' | 'else'): Check | undefined =>
    schema[keyword] === undefined ? undefined : place.compile(schema[keyword], keyword);
  const [then, otherwise] = [branch('then'), branch('else')];
  return (value, run, seen) => {
    const next = run.quietly(() => accepts(check, value, run, seen)) ? then : otherwise;
    return next === undefined || accepts(next, value, run, seen);
  };
};

const reference =
  (keyword: string): Keyword =>
  (argument, place) => {
    if (typeof argument !== 'string') return place.refuse('must be a string', keyword);
    const check = place.resolve(argument, keyword);
    return (value, run, seen) => accepts(check, value, run, seen);
  };

export const LOGIC_KEYWORDS: Keywords = {
  $ref: reference('$ref'),
  // References with several meanings are refused, so these have one.
  $dynamicRef: reference('$dynamicRef'),
  $recursiveRef: reference('$recursiveRef'),
  allOf,
  anyOf,
  oneOf,
  not,
  if: condition,
};
