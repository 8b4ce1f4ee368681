// Keywords about objects. Members are those that the value itself has: `toString` is none, `__proto__` may be one.
import type { Check, Keyword, Keywords, Place } from './check.js';
import type { Evaluated } from './evaluated.js';
import { countOf, isRecord, membersOf, stringsOf } from './keyword-arguments.js';
import type { SchemaRun } from './schema-run.js';

type Members = Readonly<Record<string, unknown>>;

/** A check of objects alone: other values pass. */
const ofObjects =
  (check: (value: Members, run: SchemaRun, seen: Evaluated | undefined) => boolean): Check =>
  (value, run, seen) =>
    !isRecord(value) || check(value, run, seen);

function checkMember(check: Check, value: Members, name: string, run: SchemaRun, seen: Evaluated | undefined): boolean {
  run.path.push(name);
  const isFine = check(value[name], run, undefined);
  run.path.pop();
  if (seen) run.see(seen.names, name);
  return isFine;
}

const properties: Keyword = (argument, place) => {
  const checks = membersOf(argument, 'properties', place).map(
    ([name, schema]) => [name, place.compile(schema, 'properties', name)] as const,
  );
  return ofObjects((value, run, seen) => {
    run.spend(checks.length);
    let isFine = true;
    for (const [name, check] of checks) {
      if (!Object.hasOwn(value, name)) continue;
      if (!checkMember(check, value, name, run, seen)) isFine = false;
      if (!isFine && !run.collects) return false;
    }
    return isFine;
  });
};

/** Members whose name matches an expression; one that cannot be checked in linear time is left to the tool itself. */
const patternProperties: Keyword = (argument, place) => {
  const checks = membersOf(argument, 'patternProperties', place).flatMap(([source, schema]) => {
    const check = place.compile(schema, 'patternProperties', source);
    const expression = place.pattern(source);
    return expression ? [[expression, check] as const] : [];
  });
  return ofObjects((value, run, seen) => {
    let isFine = true;
    for (const name of run.namesOf(value)) {
      for (const [expression, check] of checks) {
        if (!expression.test(name, run.spend)) continue;
        if (!checkMember(check, value, name, run, seen)) isFine = false;
        if (!isFine && !run.collects) return false;
      }
    }
    return isFine;
  });
};

const additionalProperties: Keyword = (argument, place, schema) => {
  const check = place.compile(argument, 'additionalProperties');
  const known = new Set(isRecord(schema['properties']) ? Object.keys(schema['properties']) : []);
  const sources = isRecord(schema['patternProperties']) ? Object.keys(schema['patternProperties']) : [];
  const expressions = sources.map((source) => place.pattern(source));
  // Nobody here can say which members such an expression takes.
  if (!expressions.every((expression) => expression !== undefined)) return undefined;
  return ofObjects((value, run, seen) => {
    let isFine = true;
    for (const name of run.namesOf(value)) {
      run.spend(1);
      if (known.has(name) || expressions.some((expression) => expression.test(name, run.spend))) continue;
      const isAllowed = argument === false ? run.fail('is not known here', name) : checkMember(check, value, name, run, seen);
      if (!isAllowed) isFine = false;
      if (!isFine && !run.collects) return false;
    }
    return isFine;
  });
};

const propertyNames: Keyword = (argument, place) => {
  const check = place.compile(argument, 'propertyNames');
  return ofObjects((value, run) => {
    for (const name of run.namesOf(value)) {
      if (!run.quietly(() => check(name, run, undefined))) return run.fail('has a name that is not allowed', name);
    }
    return true;
  });
};

function requireAll(names: readonly string[]): Check {
  return ofObjects((value, run) => {
    run.spend(names.length);
    let isFine = true;
    for (const name of names) {
      if (Object.hasOwn(value, name)) continue;
      isFine = run.fail('is required', name);
      if (!run.collects) return false;
    }
    return isFine;
  });
}

const aboutSize =
  (keyword: 'minProperties' | 'maxProperties', word: string): Keyword =>
  (argument, place) => {
    const limit = countOf(argument, keyword, place);
    const isWithin = keyword === 'minProperties' ? (size: number) => size >= limit : (size: number) => size <= limit;
    return ofObjects((value, run) => {
      const { length } = run.namesOf(value);
      return isWithin(length) || run.fail(`must have ${word} ${limit} members`);
    });
  };

/** What an object must be, or have, when it has a member. */
const dependent =
  (keyword: string, compile: (argument: unknown, name: string, place: Place) => Check): Keyword =>
  (argument, place) => {
    const checks = membersOf(argument, keyword, place).map(([name, each]) => [name, compile(each, name, place)] as const);
    return ofObjects((value, run, seen) => {
      run.spend(checks.length);
      let isFine = true;
      for (const [name, check] of checks) {
        if (Object.hasOwn(value, name) && !check(value, run, seen)) isFine = false;
        if (!isFine && !run.collects) return false;
      }
      return isFine;
    });
  };

export const OBJECT_KEYWORDS: Keywords = {
  required: (argument, place) => requireAll(stringsOf(argument, 'required', place)),
  minProperties: aboutSize('minProperties', 'at least'),
  maxProperties: aboutSize('maxProperties', 'at most'),
  properties,
  patternProperties,
  additionalProperties,
  propertyNames,
  dependentRequired: dependent('dependentRequired', (names, _, place) => requireAll(stringsOf(names, 'dependentRequired', place))),
  dependentSchemas: dependent('dependentSchemas', (schema, name, place) => place.compile(schema, 'dependentSchemas', name)),
  dependencies: dependent('dependencies', (each, name, place) =>
    Array.isArray(each) ? requireAll(stringsOf(each, 'dependencies', place)) : place.compile(each, 'dependencies', name),
  ),
};

/** Comes after all other keywords of its schema. */
export const unevaluatedProperties: Keyword = (argument, place) => {
  const check = place.compile(argument, 'unevaluatedProperties');
  return ofObjects((value, run, seen) => {
    let isFine = true;
    for (const name of run.namesOf(value)) {
      run.spend(1);
      if (seen?.names.has(name)) continue;
      const isAllowed = argument === false ? run.fail('is not known here', name) : checkMember(check, value, name, run, seen);
      if (!isAllowed) isFine = false;
      if (!isFine && !run.collects) return false;
    }
    return isFine;
  });
};
