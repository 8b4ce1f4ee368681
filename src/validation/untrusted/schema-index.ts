// Finds what references name: by pointer, by anchor, by the `$id` of a schema within the same document. Nothing is ever
// fetched: a reference to anything else is refused.
import { isRecord } from './keyword-arguments.js';

/** A schema within the document, and the nearest one around it that has a name of its own. */
export interface Located {
  readonly schema: unknown;
  readonly base: string;
}

const HOLD_MAPS = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas', 'dependencies']);
const HOLD_NO_SCHEMA = new Set(['enum', 'const', 'default', 'examples', 'required']);
/** Stands for the document where it names itself nothing. */
const NAMELESS = 'mcpw:///schema';

export class SchemaIndex {
  readonly base: string;
  private readonly resources = new Map<string, unknown>();
  private readonly anchors = new Map<string, Located>();
  /** How many schemas have a dynamic anchor, by its name. */
  private readonly dynamic = new Map<string, number>();

  /** @param refStandsAlone whether the neighbours of a `$ref` mean nothing, as before 2019-09 */
  constructor(
    root: Readonly<Record<string, unknown>>,
    private readonly refStandsAlone: boolean,
  ) {
    this.base = this.baseOf(root, NAMELESS);
    this.resources.set(this.base, root);
    this.visit(root, this.base, false);
  }

  /** The base of references below a schema. */
  baseOf(schema: unknown, base: string): string {
    if (!isRecord(schema) || (this.refStandsAlone && Object.hasOwn(schema, '$ref'))) return base;
    const id = schema['$id'];
    if (typeof id !== 'string' || id.startsWith('#') || !URL.canParse(id, base)) return base;
    return withoutFragment(new URL(id, base).href);
  }

  /** What a reference names; undefined where that is not in the document. */
  find(reference: string, base: string): Located | undefined {
    if (!URL.canParse(reference, base)) return undefined;
    const url = new URL(reference, base);
    const resource = withoutFragment(url.href);
    const fragment = decoded(url.hash.slice(1));
    if (fragment === undefined || !this.resources.has(resource)) return undefined;
    if (fragment !== '' && !fragment.startsWith('/')) return this.anchors.get(`${resource}#${fragment}`);
    return this.follow(fragment, { schema: this.resources.get(resource), base: resource });
  }

  /** Whether what a reference means depends on the way by which a check came to it. */
  isDynamic(reference: string, keyword: string): boolean {
    if (keyword === '$recursiveRef') return this.resources.size > 1;
    return keyword === '$dynamicRef' && (this.dynamic.get(reference.slice(reference.indexOf('#') + 1)) ?? 0) > 1;
  }

  private follow(pointer: string, from: Located): Located | undefined {
    let { schema, base } = from;
    for (const part of pointer.split('/').slice(1)) {
      const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
      if (typeof schema !== 'object' || schema === null || !Object.hasOwn(schema, name)) return undefined;
      schema = (schema as Record<string, unknown>)[name];
      base = this.baseOf(schema, base);
    }
    return { schema, base };
  }

  /** Notes the names that schemas below give themselves. In a map of schemas the members' names are no keywords. */
  private visit(schema: unknown, outer: string, isMap: boolean): void {
    if (Array.isArray(schema)) for (const item of schema) this.visit(item, outer, false);
    if (!isRecord(schema)) return;
    const base = isMap ? outer : this.baseOf(schema, outer);
    if (!isMap) this.note(schema, base);
    for (const [keyword, value] of Object.entries(schema)) {
      if (isMap || !HOLD_NO_SCHEMA.has(keyword)) this.visit(value, base, !isMap && HOLD_MAPS.has(keyword));
    }
  }

  private note(schema: Readonly<Record<string, unknown>>, base: string): void {
    const { $id: id, $anchor: anchor, $dynamicAnchor: dynamic } = schema;
    if (typeof id === 'string' && !id.startsWith('#') && !this.resources.has(base)) this.resources.set(base, schema);
    if (typeof dynamic === 'string') this.dynamic.set(dynamic, (this.dynamic.get(dynamic) ?? 0) + 1);
    // Draft-07 spells an anchor as an `$id`.
    for (const name of [anchor, dynamic, typeof id === 'string' && id.startsWith('#') ? id.slice(1) : undefined]) {
      if (typeof name === 'string' && !this.anchors.has(`${base}#${name}`)) this.anchors.set(`${base}#${name}`, { schema, base });
    }
  }
}

const withoutFragment = (url: string): string => url.split('#', 1)[0] as string;

function decoded(fragment: string): string | undefined {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return undefined;
  }
}
