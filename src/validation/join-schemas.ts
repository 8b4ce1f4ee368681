// Several schemas of one value as one: keywords side by side where they agree, `allOf` where they do not.
import type { JsonSchema } from './json-schema.js';

export function joinSchemas(schemas: readonly JsonSchema[]): JsonSchema {
  const joined: Record<string, unknown> = {};
  const apart: JsonSchema[] = [];
  for (const schema of schemas) {
    const type = narrower(joined['type'], schema['type']);
    const clashes =
      type === CLASH || Object.entries(schema).some(([key, value]) => key !== 'type' && key in joined && !same(joined[key], value));
    if (clashes) apart.push(schema);
    else Object.assign(joined, schema, type === undefined ? {} : { type });
  }
  if (isRedundantNotNull(joined)) delete joined['not'];
  return apart.length === 0 ? joined : { ...joined, allOf: apart };
}

const CLASH = Symbol('clash');

/** The type that is both; whole numbers are numbers. */
function narrower(a: unknown, b: unknown): unknown {
  if (a === undefined || a === b) return b;
  if (b === undefined) return a;
  const isWhole = (a === 'integer' && b === 'number') || (a === 'number' && b === 'integer');
  return isWhole ? 'integer' : CLASH;
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** A string is never null: `IsDefined` adds nothing to it. */
const isRedundantNotNull = (schema: Readonly<Record<string, unknown>>): boolean =>
  schema['type'] !== undefined && same(schema['not'], { type: 'null' });
