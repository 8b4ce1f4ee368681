// Keywords about lists.
import type { Check, Keyword, Keywords } from './check.js';
import { identityOf } from './json-identity.js';
import { countOf, listOf } from './keyword-arguments.js';
import { STEPS_TO_REMEMBER } from './schema-run.js';

/** `items` may be a list (before 2020-12): then it is what `prefixItems` is, and `additionalItems` is for the rest. */
const items: Keyword = (argument, place, schema) => {
  if (Array.isArray(argument)) return prefix(argument, 'items', place);
  const start = Array.isArray(schema['prefixItems']) ? schema['prefixItems'].length : 0;
  return rest(place.compile(argument, 'items'), start);
};

const additionalItems: Keyword = (argument, place, schema) =>
  Array.isArray(schema['items']) ? rest(place.compile(argument, 'additionalItems'), schema['items'].length) : undefined;

function prefix(argument: unknown, keyword: string, place: Parameters<Keyword>[1]): Check {
  const checks = listOf(argument, keyword, place).map((each, i) => place.compile(each, keyword, i));
  return (value, run, seen) => {
    if (!Array.isArray(value)) return true;
    let isFine = true;
    for (let i = 0; i < checks.length && i < value.length; i++) {
      run.path.push(i);
      if (!(checks[i] as Check)(value[i], run, undefined)) isFine = false;
      run.path.pop();
      if (seen) run.see(seen.indexes, i);
      if (!isFine && !run.collects) return false;
    }
    return isFine;
  };
}

function rest(check: Check, start: number): Check {
  return (value, run, seen) => {
    if (!Array.isArray(value)) return true;
    let isFine = true;
    for (let i = start; i < value.length; i++) {
      run.path.push(i);
      if (!check(value[i], run, undefined)) isFine = false;
      run.path.pop();
      if (seen) run.see(seen.indexes, i);
      if (!isFine && !run.collects) return false;
    }
    return isFine;
  };
}

const contains: Keyword = (argument, place, schema) => {
  const check = place.compile(argument, 'contains');
  const min = schema['minContains'] === undefined ? 1 : countOf(schema['minContains'], 'minContains', place);
  const max = schema['maxContains'] === undefined ? Number.POSITIVE_INFINITY : countOf(schema['maxContains'], 'maxContains', place);
  return (value, run, seen) => {
    if (!Array.isArray(value)) return true;
    let count = 0;
    for (let i = 0; i < value.length; i++) {
      if (!run.quietly(() => check(value[i], run, undefined))) continue;
      count++;
      if (seen) run.see(seen.indexes, i);
    }
    if (count < min) return run.fail(`must contain at least ${min} items of a kind, and has ${count}`);
    return count <= max || run.fail(`must contain at most ${max} items of a kind, and has ${count}`);
  };
};

/** In one pass over the list, not by comparing each with each. */
const uniqueItems: Keyword = (argument, place) => {
  if (typeof argument !== 'boolean') return place.refuse('must be true or false', 'uniqueItems');
  if (!argument) return undefined;
  return (value, run) => {
    if (!Array.isArray(value)) return true;
    const simple = new Map<unknown, number>();
    const others = new Map<unknown, number>();
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      const isSimple = typeof item !== 'object' || item === null;
      const [before, identity] = isSimple ? [simple, item] : [others, identityOf(item, run.spend)];
      run.spend(STEPS_TO_REMEMBER);
      const same = before.get(identity);
      if (same !== undefined) return run.fail(`must differ from item ${same}`, i);
      before.set(identity, i);
    }
    return true;
  };
};

const aboutLength =
  (keyword: 'minItems' | 'maxItems', word: string): Keyword =>
  (argument, place) => {
    const limit = countOf(argument, keyword, place);
    const isWithin = keyword === 'minItems' ? (length: number) => length >= limit : (length: number) => length <= limit;
    return (value, run) => !Array.isArray(value) || isWithin(value.length) || run.fail(`must have ${word} ${limit} items`);
  };

export const ARRAY_KEYWORDS: Keywords = {
  minItems: aboutLength('minItems', 'at least'),
  maxItems: aboutLength('maxItems', 'at most'),
  prefixItems: (argument, place) => prefix(argument, 'prefixItems', place),
  items,
  additionalItems,
  contains,
  uniqueItems,
};

/** Comes after all other keywords of its schema. */
export const unevaluatedItems: Keyword = (argument, place) => {
  const check = place.compile(argument, 'unevaluatedItems');
  return (value, run, seen) => {
    if (!Array.isArray(value)) return true;
    let isFine = true;
    for (let i = 0; i < value.length; i++) {
      if (seen?.indexes.has(i)) continue;
      run.path.push(i);
      if (!check(value[i], run, undefined)) isFine = false;
      run.path.pop();
      if (seen) run.see(seen.indexes, i);
      if (!isFine && !run.collects) return false;
    }
    return isFine;
  };
};
