// `resources/*` of MCP, over all sources of resources.
import { Injectable } from '@nestjs/common';
import type { Resource } from '@modelcontextprotocol/server';

import { Failure } from '../../extension/failure.js';
import { badCursor, readListCursor, writeListCursor } from '../catalog/list-cursor.js';
import { McpCatalog } from '../catalog/mcp-catalog.js';
import { isSession } from '../client.js';
import type { McpCall, McpMethod } from '../mcp-call.js';
import { resourceNotFound } from '../rpc-error.js';
import { checkParams } from './check-params.js';

const LISTS = { ttlMs: 5_000, cacheScope: 'private' } as const;
const CONTENTS = { ttlMs: 0, cacheScope: 'private' } as const;
/** From here on the next source waits for the next page. */
const PAGE_SIZE = 200;
const LONGEST_URI = 2_048;

@Injectable()
export class ResourceMethods {
  readonly methods: readonly McpMethod[] = [
    { name: 'resources/list', cache: LISTS, run: (call) => this.list(call) },
    { name: 'resources/templates/list', cache: LISTS, run: (call) => this.listTemplates(call) },
    { name: 'resources/read', cache: CONTENTS, mayAsk: true, run: (call) => this.read(call) },
    { name: 'resources/subscribe', era: 'legacy', run: (call) => this.subscribe(call) },
    { name: 'resources/unsubscribe', era: 'legacy', run: (call) => this.unsubscribe(call) },
  ];

  constructor(private readonly catalog: McpCatalog) {}

  /** One source after the other; those that have little share a page, since many clients ask for the first one only. */
  private async list(call: McpCall): Promise<object> {
    const { cursor } = checkParams('PaginatedRequestParams', call.params) ?? {};
    const { resources: sources } = this.catalog;
    const position = cursor === undefined ? undefined : readListCursor(cursor);
    let index = position === undefined ? 0 : sources.findIndex(({ name }) => name === position.source);
    if (index === -1) throw badCursor();
    let inner = position?.cursor;
    const resources: Resource[] = [];
    for (let source = sources[index]; source !== undefined; source = sources[++index]) {
      if (resources.length >= PAGE_SIZE) return { resources, nextCursor: writeListCursor({ source: source.name }) };
      const page = await source.list(call, inner);
      resources.push(...page.resources);
      inner = undefined;
      if (page.nextCursor !== undefined)
        return { resources, nextCursor: writeListCursor({ source: source.name, cursor: page.nextCursor }) };
    }
    return { resources };
  }

  private async listTemplates(call: McpCall): Promise<object> {
    const lists = await Promise.all(this.catalog.resources.map(async (source) => source.listTemplates(call)));
    return { resourceTemplates: lists.flat() };
  }

  private async read(call: McpCall): Promise<object> {
    const uri = uriOf(call);
    const source = this.catalog.resourceOwner(call, uri);
    if (source === undefined) throw resourceNotFound(uri);
    try {
      return { contents: await source.read(call, uri) };
    } catch (error) {
      throw named(error, uri);
    }
  }

  private async subscribe(call: McpCall): Promise<object> {
    const uri = uriOf(call);
    if (!isSession(call.caller)) throw new Failure('method_not_found', 'there is no session to subscribe');
    try {
      await call.caller.changes.watch(call, uri);
    } catch (error) {
      throw named(error, uri);
    }
    return {};
  }

  private unsubscribe(call: McpCall): object {
    if (isSession(call.caller)) call.caller.changes.unwatch(uriOf(call));
    return {};
  }
}

function uriOf({ params }: McpCall): string {
  const { uri } = checkParams('ReadResourceRequestParams', params);
  if (uri.length > LONGEST_URI) throw Failure.invalidParams([{ path: '/uri', message: `is longer than ${LONGEST_URI} characters` }]);
  return uri;
}

const named = (error: unknown, uri: string): unknown =>
  error instanceof Failure && error.kind === 'not_found' ? resourceNotFound(uri) : error;
