// An OpenAPI document and what its references mean. References into other documents are refused: what a document says shall be
// in it, and reading it shall fetch nothing.
import { upgrade } from '@scalar/openapi-upgrader';
import { parseDocument } from 'yaml';
import { isDeeperThan } from '@mcpw/protocol';

export type Node = Readonly<Record<string, unknown>>;

export class DocumentError extends Error {}

const MAX_DEPTH = 200;
const MAX_HOPS = 32;
const MAX_ALIASES = 1_000;
const VERSION = /^(3\.[012]\.\d+|2\.0)$/;

export class OpenApiDocument {
  private constructor(readonly root: Node) {}

  /**
   * @param text JSON or YAML, of OpenAPI 3.2, 3.1, 3.0 or Swagger 2.0: read as 3.1
   * @throws DocumentError
   */
  static parse(text: string): OpenApiDocument {
    const root = plainJson(text);
    if (!isNode(root)) throw new DocumentError('is not an OpenAPI document');
    const given = root['openapi'] ?? root['swagger'];
    const version = typeof given === 'string' ? given : '';
    if (!VERSION.test(version))
      throw new DocumentError(`says version ${JSON.stringify(version.slice(0, 20))}; read are OpenAPI 3.0 to 3.2 and Swagger 2.0`);
    const upgraded = version.startsWith('3.1') || version.startsWith('3.2') ? root : (upgrade(root, '3.1') as unknown as Node);
    if (!isNode(upgraded['paths'])) throw new DocumentError('has no paths');
    return new OpenApiDocument(upgraded);
  }

  /** What the reference, such as `#/components/schemas/Pet`, points to. @throws DocumentError where that is nothing, or elsewhere */
  at(reference: string): unknown {
    if (reference === '#') return this.root;
    if (!reference.startsWith('#/')) throw new DocumentError(`refers to another document: ${reference.slice(0, 100)}`);
    let value: unknown = this.root;
    for (const part of reference.slice(2).split('/')) {
      const key = decoded(part).replaceAll('~1', '/').replaceAll('~0', '~');
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key))
        throw new DocumentError(`refers to ${reference.slice(0, 100)}, which is not there`);
      value = (value as Record<string, unknown>)[key];
    }
    return value;
  }

  /** The object itself, or what it refers to. Not for schemas, which may refer in circles. @throws DocumentError */
  resolve(value: unknown): Node | undefined {
    let resolved = value;
    for (let hops = 0; isNode(resolved) && typeof resolved['$ref'] === 'string'; hops++) {
      if (hops === MAX_HOPS) throw new DocumentError(`refers in circles: ${resolved['$ref'].slice(0, 100)}`);
      resolved = this.at(resolved['$ref']);
    }
    return isNode(resolved) ? resolved : undefined;
  }
}

function plainJson(text: string): unknown {
  let value: unknown;
  if (text.trimStart().startsWith('{')) {
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw new DocumentError(`is not JSON: ${(error as Error).message}`);
    }
  } else {
    const document = parseDocument(text, { prettyErrors: false, logLevel: 'silent' });
    if (document.errors.length > 0) throw new DocumentError(`is not YAML: ${document.errors[0]?.message}`);
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  }
  if (isDeeperThan(value, MAX_DEPTH)) throw new DocumentError(`is nested deeper than ${MAX_DEPTH}`);
  return value;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
