// A check against a schema that a stranger sent, made when it is first asked: most tools that are listed are never called.
import { compileSchema, type SchemaValidator } from './compile-schema.js';

/** A schema that this server cannot check accepts all: it is for who sent it to check. */
export function lazySchema(schema: object): SchemaValidator {
  let made: SchemaValidator | undefined;
  return {
    validate: (value) => {
      made ??= validatorOf(schema);
      return made.validate(value);
    },
  };
}

function validatorOf(schema: object): SchemaValidator {
  try {
    return compileSchema(schema);
  } catch {
    return { validate: () => null };
  }
}
