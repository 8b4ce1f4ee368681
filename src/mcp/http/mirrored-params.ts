// Which arguments of a tool go as HTTP headers too: those that its schema marks with `x-mcp-header`, reached by `properties` alone.
import { isRecord } from '../../extension/is-record.js';

export interface MirroredParam {
  /** After `Mcp-Param-`. */
  readonly header: string;
  readonly path: readonly string[];
}

const KEYWORD = 'x-mcp-header';
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
const TYPES: ReadonlySet<unknown> = new Set(['string', 'integer', 'boolean']);
const DEEPEST = 16;
const NONE: readonly MirroredParam[] = [];
const read = new WeakMap<object, readonly MirroredParam[]>();

/** None where a mark is not as MCP has it: clients leave such a tool out, so nobody sends its headers. */
export function mirroredParams(schema: object): readonly MirroredParam[] {
  let params = read.get(schema);
  if (params === undefined) {
    const found = collect(schema, []);
    const names = new Set(found.map(({ header }) => header.toLowerCase()));
    const isGood = names.size === found.length && found.every(({ header }) => TOKEN.test(header));
    read.set(schema, (params = isGood && found.length > 0 ? found : NONE));
  }
  return params;
}

function collect(schema: unknown, path: readonly string[]): MirroredParam[] {
  const properties = isRecord(schema) ? schema['properties'] : undefined;
  if (!isRecord(properties) || path.length >= DEEPEST) return [];
  return Object.entries(properties).flatMap(([name, member]) => {
    const own = [...path, name];
    const header = isRecord(member) ? member[KEYWORD] : undefined;
    const isMarked = typeof header === 'string' && TYPES.has((member as Record<string, unknown>)['type']);
    return [...(isMarked ? [{ header, path: own }] : []), ...collect(member, own)];
  });
}
