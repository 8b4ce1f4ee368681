// From a DTO class to a fast validator: its class-validator rules become a JSON Schema, and that a function, once, at start.
// Not for schemas that others send: those are never compiled (compile-schema.ts).
import { Ajv, type ValidateFunction } from 'ajv';

import { aliasesOf } from '../extension/alias.decorator.js';
import type { ParamError } from '../extension/failure.js';
import { classRuleErrors } from './class-rules.js';
import type { DtoClass } from '../extension/tool.decorator.js';
import { dtoSchema } from './dto-schema.js';
import type { JsonSchema } from './json-schema.js';
import { paramErrors } from './param-errors.js';
import { aliasRenamer } from './rename-aliases.js';

export interface DtoValidator {
  /** What the class says of its members, to be shown and embedded. It is what `validate` checks. */
  readonly schema: JsonSchema;
  /** Other names of members, and what they are declared as (`@Alias`). */
  readonly aliases: ReadonlyMap<string, string>;
  /** Members under their declared names (`@Alias`); to be called before `validate`. Changes nothing in its argument. */
  normalise(value: unknown): unknown;
  /** What is wrong with the value, or null where it is fine. */
  validate(value: unknown): readonly ParamError[] | null;
}

const STRICT = { strict: true, strictTypes: false, strictRequired: false, validateFormats: false, validateSchema: false } as const;
/** Keywords that only tell people something. */
const ANNOTATIONS = ['example', 'externalDocs', 'xml'];

const first = new Ajv({ ...STRICT, keywords: ANNOTATIONS });
const all = new Ajv({ ...STRICT, keywords: ANNOTATIONS, allErrors: true });
/** Values of more members than this get their first error told and no others: finding all costs the caller nothing but us. */
const MOST_MEMBERS_FOR_ALL_ERRORS = 1000;

const BUILT_IN = new Set<unknown>([Object, Array, String, Number, Boolean, Map, Set, Date, Promise]);

/** Where a value stands that is all there is. Handed over, for Ajv's functions make one for each value else. */
const TOP = Object.freeze({ instancePath: '', dynamicAnchors: Object.freeze({}) }) as Parameters<ValidateFunction>[1];

const compiled = new WeakMap<DtoClass, DtoValidator>();

/**
 * Compiles a class once and keeps the result. Unknown members are refused, with their path. `@IsOptional` members may be
 * absent but not null: what a handler declares as `limit?: number` never is null.
 * @param when the function is made: what is wrong with a class shows at once, or, for classes that are known to be right, none of a
 * start's time goes to it (8 ms each), but of the first message's
 * @throws Error where the class cannot describe params (a nested member without `@Type`, an asynchronous validator)
 */
export function compileDto(dto: DtoClass, when: 'now' | 'first used' = 'now'): DtoValidator {
  const known = compiled.get(dto);
  if (known) return known;
  if (BUILT_IN.has(dto)) throw new Error(`params are an object of a class with class-validator rules, not a ${dto.name}`);
  const { schema, isExact } = dtoSchema(dto);
  const check = schemaCheck(schema, when === 'now' ? first.compile(schema) : undefined);
  const validator: DtoValidator = {
    schema,
    aliases: aliasesOf(dto),
    normalise: aliasRenamer(dto),
    validate: isExact ? check : withClassRules(check, dto),
  };
  compiled.set(dto, validator);
  return validator;
}

function schemaCheck(schema: JsonSchema, made?: ValidateFunction): DtoValidator['validate'] {
  let isValid = made;
  let findAll: ValidateFunction | undefined;
  return (value) => {
    isValid ??= first.compile(schema);
    if (isValid(value, TOP)) return null;
    if (!hasFewMembers(value)) return paramErrors(isValid.errors ?? []);
    findAll ??= all.compile(schema);
    findAll(value);
    return paramErrors(findAll.errors ?? []);
  };
}

function withClassRules(check: DtoValidator['validate'], dto: DtoClass): DtoValidator['validate'] {
  return (value) => check(value) ?? classRuleErrors(dto, value as object) ?? null;
}

function hasFewMembers(value: unknown): boolean {
  let left = MOST_MEMBERS_FOR_ALL_ERRORS;
  const count = (part: unknown): boolean => {
    if (--left < 0) return false;
    return typeof part !== 'object' || part === null || Object.values(part).every(count);
  };
  return count(value);
}
