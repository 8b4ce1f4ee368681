// An operation of an OpenAPI document: what it is called, what it takes, and where each argument goes.
import { isNode, type Node, type OpenApiDocument } from './document.js';
import { ToolSchemaBuilder } from './tool-schema.js';

export type Place = 'path' | 'query' | 'header' | 'cookie';

export interface OperationParameter {
  /** Name of the argument. */
  readonly argument: string;
  /** Name on the wire. */
  readonly name: string;
  readonly in: Place;
  readonly style: string;
  readonly explode: boolean;
  readonly allowReserved: boolean;
  /** Written as JSON (`content` in place of `schema`). */
  readonly isJson: boolean;
}

export interface OperationBody {
  readonly argument: string;
  readonly mediaType: string;
}

export interface Operation {
  /** Unique in the document; as it is written there where it is. */
  readonly id: string;
  /** Upper case. */
  readonly method: string;
  /** `/pets/{petId}` */
  readonly path: string;
  readonly title: string;
  readonly description: string;
  readonly parameters: readonly OperationParameter[];
  readonly body: OperationBody | undefined;
  readonly inputSchema: object;
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;
const PLACES: ReadonlySet<unknown> = new Set(['path', 'query', 'header', 'cookie']);
/** OpenAPI: parameters of these names are ignored. */
const IGNORED_HEADERS: ReadonlySet<string> = new Set(['accept', 'content-type', 'authorization']);
/** Headers that would let an argument change whose request it is, or where its end is. */
const FORBIDDEN_HEADERS: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'cookie',
  'expect',
  'te',
  'trailer',
]);
const BODY = 'body';

/** All operations. One that cannot be read is left out. @param onLeftOut told which and why */
export function readOperations(document: OpenApiDocument, onLeftOut: (id: string, why: string) => void): Operation[] {
  const operations = new Map<string, Operation>();
  for (const [path, item] of Object.entries(document.root['paths'] as Node)) {
    const node = document.resolve(item);
    if (!path.startsWith('/') || node === undefined) continue;
    for (const method of METHODS) {
      if (!isNode(node[method])) continue;
      const id = idOf(node[method], method, path);
      try {
        if (operations.has(id)) throw new Error('another operation has its id');
        operations.set(id, readOperation(document, { id, path, method, item: node, operation: node[method] }));
      } catch (error) {
        onLeftOut(id, (error as Error).message);
      }
    }
  }
  return [...operations.values()];
}

interface Found {
  readonly id: string;
  readonly path: string;
  readonly method: string;
  readonly item: Node;
  readonly operation: Node;
}

function readOperation(document: OpenApiDocument, { id, path, method, item, operation }: Found): Operation {
  const builder = new ToolSchemaBuilder(document);
  const properties: Record<string, unknown> = {};
  const required: string[] = [];
  const body = readBody(document, operation['requestBody']);
  const parameters = parameterNodes(document, item, operation).flatMap((node): OperationParameter[] => {
    const parameter = readParameter(node, (name) => Object.hasOwn(properties, name) || name === BODY);
    if (parameter === undefined) return [];
    properties[parameter.argument] = described(builder.add(schemaOf(node)), node['description']);
    if (node['required'] === true || parameter.in === 'path') required.push(parameter.argument);
    return [parameter];
  });
  if (body !== undefined) {
    properties[BODY] = described(builder.add(body.schema), body.description);
    if (body.isRequired) required.push(BODY);
  }
  const summary = textOf(operation['summary']) || textOf(item['summary']);
  return {
    id,
    method: method.toUpperCase(),
    path,
    title: summary || id,
    description:
      [summary, textOf(operation['description'])].filter((text) => text !== '').join('\n\n') || `${method.toUpperCase()} ${path}`,
    parameters,
    body: body === undefined ? undefined : { argument: BODY, mediaType: body.mediaType },
    inputSchema: builder.build(properties, required),
  };
}

/** The operation's parameters, and those of its path that it does not replace. */
function parameterNodes(document: OpenApiDocument, item: Node, operation: Node): Node[] {
  const byKey = new Map<string, Node>();
  for (const list of [item['parameters'], operation['parameters']]) {
    for (const value of Array.isArray(list) ? (list as unknown[]) : []) {
      const node = document.resolve(value);
      if (node !== undefined && typeof node['name'] === 'string' && PLACES.has(node['in']))
        byKey.set(`${String(node['in'])} ${node['name']}`, node);
    }
  }
  return [...byKey.values()];
}

function readParameter(node: Node, isTaken: (argument: string) => boolean): OperationParameter | undefined {
  const name = node['name'] as string;
  const place = node['in'] as Place;
  const lower = name.toLowerCase();
  if (place === 'header' && IGNORED_HEADERS.has(lower)) return undefined;
  if (place === 'header' && FORBIDDEN_HEADERS.has(lower)) throw new Error(`takes the header ${name}, which no argument may set`);
  const style = textOf(node['style']) || (place === 'path' || place === 'header' ? 'simple' : 'form');
  return {
    argument: isTaken(name) ? `${place}_${name}` : name,
    name,
    in: place,
    style,
    explode: typeof node['explode'] === 'boolean' ? node['explode'] : style === 'form',
    allowReserved: node['allowReserved'] === true,
    isJson: isNode(node['content']),
  };
}

/** A parameter has a schema, or content of one media type. */
function schemaOf(node: Node): unknown {
  const [content] = isNode(node['content']) ? Object.values(node['content']) : [];
  return (isNode(content) ? content['schema'] : node['schema']) ?? {};
}

interface FoundBody {
  readonly mediaType: string;
  readonly schema: unknown;
  readonly isRequired: boolean;
  readonly description: unknown;
}

/** Best first. */
const MEDIA_TYPES: readonly RegExp[] = [
  /^application\/json\b/i,
  /^application\/[\w.+-]+\+json\b/i,
  /^application\/x-www-form-urlencoded\b/i,
  /^multipart\/form-data\b/i,
  /^text\//i,
  /./,
];

function readBody(document: OpenApiDocument, value: unknown): FoundBody | undefined {
  const node = document.resolve(value);
  const content = isNode(node?.['content']) ? node['content'] : {};
  for (const wanted of MEDIA_TYPES) {
    const found = Object.entries(content).find(([mediaType, media]) => wanted.test(mediaType) && isNode(media));
    if (found === undefined) continue;
    const [mediaType, media] = found as [string, Node];
    return { mediaType, schema: media['schema'] ?? {}, isRequired: node?.['required'] === true, description: node?.['description'] };
  }
  return undefined;
}

function idOf(operation: Node, method: string, path: string): string {
  const id = textOf(operation['operationId']);
  return id !== '' ? id : `${method}${path.replace(/[{}]/g, '').replace(/[^A-Za-z0-9]+/g, '_')}`.replace(/_$/, '');
}

/** What a parameter is for stands beside its schema, where a model looks for it. */
function described(schema: unknown, description: unknown): unknown {
  if (typeof description !== 'string' || description === '' || !isNode(schema) || typeof schema['description'] === 'string') return schema;
  return { ...schema, description };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
