// Limits of a schema that someone sends, checked before anything else is done with it.
import { Failure } from '../../extension/failure.js';
import { isRecord } from './keyword-arguments.js';

/** JSON values in a schema, the members of objects counted with them. */
const MOST_NODES = 10_000;
const DEEPEST = 64;
/** Characters of all names and texts. */
const MOST_CHARACTERS = 262_144;

/** @throws Failure `invalid_params`: not a JSON object, or larger than a schema may be */
export function checkBounds(schema: unknown): void {
  if (!isRecord(schema)) throw refusal('must be an object');
  let nodes = 0;
  let characters = 0;
  const visit = (value: unknown, depth: number): void => {
    if (++nodes > MOST_NODES) throw refusal(`has more than ${MOST_NODES} values`);
    if (depth > DEEPEST) throw refusal(`is nested deeper than ${DEEPEST}`);
    if (typeof value === 'string') characters += value.length;
    else if (Array.isArray(value)) for (const item of value) visit(item, depth + 1);
    else if (isRecord(value)) {
      for (const name of Object.keys(value)) {
        characters += name.length;
        visit(value[name], depth + 1);
      }
    } else if (value !== null && typeof value !== 'number' && typeof value !== 'boolean') throw refusal('holds something that is not JSON');
    if (characters > MOST_CHARACTERS) throw refusal(`has more than ${MOST_CHARACTERS} characters`);
  };
  visit(schema, 1);
}

const refusal = (message: string): Failure => Failure.invalidParams([{ path: '', message }]);
