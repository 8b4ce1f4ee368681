// From Ajv's errors to those that a caller reads: a JSON Pointer and a sentence each.
import type { ErrorObject } from 'ajv';

import type { ParamError } from '../extension/failure.js';

const MOST_ERRORS = 20;
const LONGEST_PATH = 256;

/** A member of a JSON Pointer (RFC 6901). */
export const pointerPart = (name: string | number): string => `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** A path that a caller made long is not sent back whole. */
export const shortPath = (path: string): string => (path.length <= LONGEST_PATH ? path : `${path.slice(0, LONGEST_PATH)}…`);

export const paramErrors = (errors: readonly ErrorObject[]): readonly ParamError[] => errors.slice(0, MOST_ERRORS).map(paramError);

function paramError({ keyword, instancePath, params, message }: ErrorObject): ParamError {
  const at = (name: string, text: string): ParamError => ({ path: shortPath(instancePath + pointerPart(name)), message: text });
  const here = (text: string): ParamError => ({ path: shortPath(instancePath), message: text });
  switch (keyword) {
    case 'required':
      return at(params['missingProperty'] as string, 'is required');
    case 'additionalProperties':
      return at(params['additionalProperty'] as string, 'is not known here');
    case 'enum':
      return here(`must be one of ${(params['allowedValues'] as unknown[]).map((value) => JSON.stringify(value)).join(', ')}`);
    case 'const':
      return here(`must be ${JSON.stringify(params['allowedValue'])}`);
    case 'not':
      return here('has a value that is not allowed');
    default:
      return here(message ?? 'is not valid');
  }
}
