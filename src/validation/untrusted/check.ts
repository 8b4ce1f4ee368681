// A compiled schema, or a part of one, as a function; and what the keywords are given to compile it.
import type { JsonSchema } from '../json-schema.js';
import type { LinearPattern } from '../pattern/linear-pattern.js';
import type { Evaluated } from './evaluated.js';
import type { SchemaRun } from './schema-run.js';

/** Whether the value is accepted. Adds what it looked at to `seen`, where that is wanted. */
export type Check = (value: unknown, run: SchemaRun, seen: Evaluated | undefined) => boolean;

/** A place in a schema that is being compiled. */
export interface Place {
  /** JSON Pointer of the schema that holds the keyword, for errors about the schema. */
  readonly pointer: string;
  /** Compiles a schema below this place; `parts` lead to it from the schema that holds the keyword. */
  compile(schema: unknown, ...parts: (string | number)[]): Check;
  /** The check of the schema that a reference names. */
  resolve(reference: string, keyword: string): Check;
  /** An expression of this schema; undefined where it is left to the tool itself. */
  pattern(source: string): LinearPattern | undefined;
  /** @throws Failure `invalid_params`: the schema is not one */
  refuse(message: string, ...parts: (string | number)[]): never;
}

/** Compiles a keyword that the schema has; undefined where it asks for nothing. */
export type Keyword = (argument: unknown, place: Place, schema: JsonSchema) => Check | undefined;
export type Keywords = Readonly<Record<string, Keyword>>;
