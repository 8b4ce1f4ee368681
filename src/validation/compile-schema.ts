// Checks of values against JSON Schemas that agents and other servers send. Such a schema is data: it is bounded, walked and
// answered for, never turned into code, and a check of it does a bounded amount of work. Not for our own classes: compile-dto.ts.
import type { ParamError } from '../extension/failure.js';
import type { Check } from './untrusted/check.js';
import { checkBounds } from './untrusted/schema-bounds.js';
import { SchemaCompiler } from './untrusted/schema-compiler.js';
import { SchemaRun, TooMuchWork } from './untrusted/schema-run.js';

export interface SchemaValidator {
  /** What is wrong with the value, or null where it is fine. */
  validate(value: unknown): readonly ParamError[] | null;
}

/** Steps that every check may take, 1 to 4 ms of processor time: who sends little is not to have much done for it. */
const STEPS = 100_000;
/** More of them for each value, name and letter that there is to check, up to 10 to 40 ms in all. */
const STEPS_OF_A_PART = 16;
const MOST_STEPS = 1_000_000;
/** Finding out all that is wrong is worth less work than finding out that something is. */
const STEPS_FOR_ERRORS = 100_000;

const compiled = new WeakMap<object, SchemaValidator>();

/**
 * JSON Schema 2020-12, 2019-09, draft-07 and draft-06; without `$schema` the newest. Kept as long as the schema object is,
 * and no longer. `format` is not checked, as the standard allows. A `pattern` that cannot be matched in linear time
 * (look-around, back-references, thousands of repetitions) is not checked either: the tool itself has to.
 * @throws Failure `invalid_params`: not a schema, too large, or referring to another document; paths lead into the schema
 */
export function compileSchema(schema: object): SchemaValidator {
  const known = compiled.get(schema);
  if (known) return known;
  checkBounds(schema);
  const check = new SchemaCompiler(schema as Readonly<Record<string, unknown>>).compile();
  const validator: SchemaValidator = { validate: (value) => validate(check, value) };
  compiled.set(schema, validator);
  return validator;
}

function validate(check: Check, value: unknown): readonly ParamError[] | null {
  const first = new SchemaRun(false, STEPS, () => STEPS_OF_A_PART * partsOf(value, (MOST_STEPS - STEPS) / STEPS_OF_A_PART));
  try {
    if (check(value, first, undefined)) return null;
  } catch (error) {
    if (error instanceof TooMuchWork) return [TOO_MUCH];
    throw error;
  }
  const all = allErrors(check, value);
  return all.length > 0 ? all : first.errors;
}

const TOO_MUCH: ParamError = { path: '', message: 'takes too long to check against the schema; send less' };
/** Values, names and letters that there are, `most` at most. */
function partsOf(value: unknown, most: number): number {
  if (typeof value === 'string') return Math.min(most, 1 + value.length);
  if (typeof value !== 'object' || value === null) return 1;
  let parts = 1;
  for (const name in value) {
    if (!Array.isArray(value)) parts += name.length;
    parts += partsOf((value as Record<string, unknown>)[name], most);
    if (parts >= most) return most;
  }
  return parts;
}

function allErrors(check: Check, value: unknown): readonly ParamError[] {
  const run = new SchemaRun(true, STEPS_FOR_ERRORS);
  try {
    check(value, run, undefined);
  } catch (error) {
    if (!(error instanceof TooMuchWork)) throw error;
  }
  return run.errors;
}
