// OpenAPI documents whose operations are offered as tools: the map `openapi`. Not what is made of them: openapi-tools/.
import type { Config } from './config.js';
import { isUrl, readHeaders } from './mcp-server.js';
import { isFreeMap, MapReader, type FreeMap } from './map-reader.js';
import { readTenants, shareTenant } from './tenant-list.js';

/** What proves this server to the API. */
export type OpenApiAuth =
  | { readonly type: 'bearer'; readonly token: string }
  | { readonly type: 'basic'; readonly username: string; readonly password: string }
  | { readonly type: 'apiKey'; readonly in: 'header' | 'query'; readonly name: string; readonly value: string };

export interface OpenApiSource {
  /** Path of a file, or an http(s) URL; JSON or YAML. */
  readonly document: string;
  /** Where the API is; undefined: the document's first server. */
  readonly baseUrl?: string | undefined;
  readonly auth?: OpenApiAuth | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly tenants?: readonly string[] | undefined;
  /** Patterns (`*`) of the operations that are offered, by their ids. Undefined: all. */
  readonly allowOperations?: readonly string[] | undefined;
  readonly denyOperations: readonly string[];
  readonly timeoutMs?: number | undefined;
  /** Largest answer taken from the API. */
  readonly maxResponseBytes: number;
  readonly maxOperations: number;
}

const SOURCE_NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** @returns sources by name, without those that are `disabled` or wrong */
export function readOpenApiSources(map: FreeMap): {
  readonly sources: ReadonlyMap<string, OpenApiSource>;
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const sources = new Map<string, OpenApiSource>();
  for (const [name, value] of Object.entries(map)) {
    if (!SOURCE_NAME.test(name)) problems.push('openapi has a name that is not 1 to 64 of A-Z a-z 0-9 _ -');
    else if (!isFreeMap(value)) problems.push(`openapi.${name} is not a map`);
    else {
      const before = problems.length;
      const reader = new MapReader(value, `openapi.${name}`, problems);
      const isDisabled = reader.boolean('disabled') === true;
      const source = readSource(reader);
      reader.end();
      if (source !== undefined && problems.length === before && !isDisabled) sources.set(name, source);
    }
  }
  return { sources, problems };
}

/** Whether an API of the file has the name for one of the tenants (null: all): then no other source's tools can have it there. */
export function isNameOfApi({ openapi = {} }: Pick<Config, 'openapi'>, name: string, tenants: readonly string[] | null): boolean {
  const api = readOpenApiSources(openapi).sources.get(name);
  return api !== undefined && shareTenant(api.tenants ?? null, tenants);
}

function readSource(reader: MapReader): OpenApiSource | undefined {
  const document = reader.string('document');
  const source = {
    baseUrl: reader.string('baseUrl', {
      test: (text) => text.includes('${env:') || isUrl(text, ['http:', 'https:']),
      form: 'an http or https URL, without a name and password in it',
    }),
    auth: readAuth(reader.nested('auth')),
    headers: readHeaders(reader),
    tenants: readTenants(reader),
    allowOperations: reader.strings('allowOperations'),
    denyOperations: reader.strings('denyOperations') ?? [],
    timeoutMs: reader.duration('timeout', '10ms', '1d'),
    maxResponseBytes: reader.size('maxResponseSize', '1KB', '64MB') ?? 4 * 1024 * 1024,
    maxOperations: reader.integer('maxOperations', 1, 10_000) ?? 1_000,
  };
  if (document === undefined) return reader.has('document') ? undefined : reader.wrong('document', 'is missing: a file or a URL');
  return { document, ...source };
}

function readAuth(reader: MapReader | undefined): OpenApiAuth | undefined {
  if (reader === undefined) return undefined;
  const auth = authOf(reader);
  reader.end();
  return auth;
}

function authOf(reader: MapReader): OpenApiAuth | undefined {
  const needed = (key: string): string => {
    const text = reader.string(key);
    if (text === undefined && !reader.has(key)) reader.wrong(key, 'is missing');
    return text ?? '';
  };
  const type = needed('type');
  switch (type) {
    case 'bearer':
      return { type, token: needed('token') };
    case 'basic':
      return { type, username: needed('username'), password: needed('password') };
    case 'apiKey': {
      const place = needed('in');
      if (place !== 'header' && place !== 'query') return reader.wrong('in', 'is neither header nor query');
      return { type, in: place, name: needed('name'), value: needed('value') };
    }
    default:
      return reader.wrong('type', 'is none of bearer, basic, apiKey');
  }
}
