// What a single class-validator rule says, as JSON Schema keywords: only rules where the two mean exactly the same for
// values that came as JSON. Not those that a schema cannot say: they stay with class-validator (see dto-schema.ts).
import * as rules from 'class-validator';
import type { ValidationMetadata } from 'class-validator/types/metadata/ValidationMetadata.js';

import type { JsonSchema } from './json-schema.js';

type Constraints = readonly unknown[];
type RuleSchema = (constraints: Constraints) => JsonSchema | undefined;

const NUMBER = { type: 'number' } as const;
const STRING = { type: 'string' } as const;
const ARRAY = { type: 'array' } as const;

const isPrimitive = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);
const only = (values: readonly unknown[], schema: (values: readonly unknown[]) => JsonSchema): JsonSchema | undefined =>
  values.length > 0 && values.every(isPrimitive) ? schema([...new Set(values)]) : undefined;
const listOf = (constraint: unknown): readonly unknown[] => (Array.isArray(constraint) ? constraint : []);

const RULES: Readonly<Record<string, RuleSchema>> = {
  [rules.IS_DEFINED]: () => ({ not: { type: 'null' } }),
  [rules.EQUALS]: ([value]) => only([value], () => ({ const: value })),
  [rules.NOT_EQUALS]: ([value]) => only([value], () => ({ not: { const: value } })),
  [rules.IS_IN]: ([values]) => only(listOf(values), (all) => ({ enum: all })),
  [rules.IS_NOT_IN]: ([values]) => only(listOf(values), (all) => ({ not: { enum: all } })),
  [rules.IS_ENUM]: ([entity]) => only(Object.values(entity as object), (all) => ({ enum: all })),
  [rules.IS_NOT_EMPTY]: () => ({ not: { enum: ['', null] } }),

  [rules.IS_BOOLEAN]: () => ({ type: 'boolean' }),
  [rules.IS_INT]: () => ({ type: 'integer' }),
  [rules.IS_NUMBER]: ([options]) => {
    const { allowNaN, allowInfinity, maxDecimalPlaces } = (options ?? {}) as rules.IsNumberOptions;
    return allowNaN || allowInfinity || maxDecimalPlaces !== undefined ? undefined : NUMBER;
  },
  [rules.MIN]: ([minimum]) => ({ ...NUMBER, minimum }),
  [rules.MAX]: ([maximum]) => ({ ...NUMBER, maximum }),
  [rules.IS_POSITIVE]: () => ({ ...NUMBER, exclusiveMinimum: 0 }),
  [rules.IS_NEGATIVE]: () => ({ ...NUMBER, exclusiveMaximum: 0 }),

  [rules.IS_STRING]: () => STRING,
  [rules.MIN_LENGTH]: ([minLength]) => ({ ...STRING, minLength }),
  [rules.MAX_LENGTH]: ([maxLength]) => ({ ...STRING, maxLength }),
  [rules.IS_LENGTH]: ([minLength, maxLength]) => ({ ...STRING, minLength, ...(maxLength === undefined ? {} : { maxLength }) }),
  [rules.MATCHES]: ([pattern]) => matches(pattern),

  [rules.IS_OBJECT]: () => ({ type: 'object' }),
  [rules.IS_ARRAY]: () => ARRAY,
  [rules.ARRAY_NOT_EMPTY]: () => ({ ...ARRAY, minItems: 1 }),
  [rules.ARRAY_MIN_SIZE]: ([minItems]) => ({ ...ARRAY, minItems }),
  [rules.ARRAY_MAX_SIZE]: ([maxItems]) => ({ ...ARRAY, maxItems }),
};

/** The rule's keywords for a value, or for an item where the rule is for each; undefined where no schema says just that. */
export function ruleSchema(rule: ValidationMetadata): JsonSchema | undefined {
  if (rule.validateIf !== undefined) return undefined;
  if (rule.type === rules.ValidationTypes.WHITELIST) return {};
  const name = rule.name ?? '';
  return Object.hasOwn(RULES, name) ? (RULES[name] as RuleSchema)(rule.constraints ?? []) : undefined;
}

/** A pattern means the same with the `u` flag that JSON Schema asks for, or is not taken over. */
function matches(pattern: unknown): JsonSchema | undefined {
  if (!(pattern instanceof RegExp) || !['', 'u'].includes(pattern.flags)) return undefined;
  try {
    return { ...STRING, pattern: new RegExp(pattern.source, 'u').source };
  } catch {
    return undefined;
  }
}
