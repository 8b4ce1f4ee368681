// The JSON Schema of a tool's arguments, from schemas of an OpenAPI document. What they refer to comes along as `$defs`: schemas
// that refer to themselves stay as they are, and nothing is written twice.
import { DocumentError, type Node, type OpenApiDocument } from './document.js';

/** Objects and lists in one tool's schema. */
const MAX_NODES = 20_000;
const DEFINITION = /[^A-Za-z0-9_.-]/g;
/** Members that hold data, not schemas. */
const DATA: ReadonlySet<string> = new Set(['enum', 'const', 'default', 'examples']);
/** Words of OpenAPI's own that mean nothing to a check. */
const DROPPED: ReadonlySet<string> = new Set([
  'example',
  'xml',
  'externalDocs',
  'discriminator',
  'nullable',
  'readOnly',
  'writeOnly',
  '$id',
  '$anchor',
  '$schema',
]);

export class ToolSchemaBuilder {
  private readonly definitions = new Map<string, unknown>();
  private readonly names = new Map<string, string>();
  private nodes = 0;

  constructor(private readonly document: OpenApiDocument) {}

  /** The schema, with references to `$defs` of this tool. @throws DocumentError where it is too large, or refers to nothing */
  add(schema: unknown): unknown {
    return this.copy(schema, true);
  }

  build(properties: Readonly<Record<string, unknown>>, required: readonly string[]): object {
    return {
      type: 'object',
      properties,
      ...(required.length > 0 && { required }),
      additionalProperties: false,
      ...(this.definitions.size > 0 && { $defs: Object.fromEntries(this.definitions) }),
    };
  }

  /** @param isSchema whether the value is a schema, or a map or list of them: names in a map are nobody's keywords */
  private copy(value: unknown, isSchema: boolean): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (++this.nodes > MAX_NODES) throw new DocumentError(`has a schema of more than ${MAX_NODES} parts`);
    if (Array.isArray(value)) return value.map((item) => this.copy(item, true));
    const copied: Record<string, unknown> = {};
    for (const [key, member] of Object.entries(value as Node)) {
      if (isSchema && key === '$ref' && typeof member === 'string') copied['$ref'] = this.reference(member);
      else if (isSchema && (DROPPED.has(key) || key.startsWith('x-'))) continue;
      else if (isSchema && DATA.has(key)) define(copied, key, member);
      else define(copied, key, this.copy(member, !isSchema || !holdsNames(key)));
    }
    return copied;
  }

  private reference(target: string): string {
    const known = this.names.get(target);
    if (known !== undefined) return `#/$defs/${known}`;
    const name = this.freeName(target);
    this.names.set(target, name);
    this.definitions.set(name, true);
    this.definitions.set(name, this.copy(this.document.at(target), true));
    return `#/$defs/${name}`;
  }

  private freeName(target: string): string {
    const plain = (target.split('/').pop() ?? '').replace(DEFINITION, '_') || 'schema';
    let name = plain;
    for (let i = 2; this.definitions.has(name); i++) name = `${plain}_${i}`;
    return name;
  }
}

const holdsNames = (keyword: string): boolean =>
  ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'].includes(keyword);

/** As an own member, whatever it is called. */
function define(object: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}
