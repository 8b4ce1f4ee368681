// `prompts/*` and `completion/complete` of MCP, over all sources of prompts.
import { Injectable } from '@nestjs/common';
import { ProtocolError, type Prompt } from '@modelcontextprotocol/server';

import { NO_VALUES } from '../catalog/completion.js';
import { slice } from '../catalog/list-cursor.js';
import { McpCatalog } from '../catalog/mcp-catalog.js';
import { RpcCode } from '../json-rpc.js';
import type { McpCall, McpMethod } from '../mcp-call.js';
import { checkParams } from './check-params.js';

const LISTS = { ttlMs: 5_000, cacheScope: 'private' } as const;
const SCOPE = 'tools:read';
const PAGE_SIZE = 1_000;
/** MCP's own limit. */
const MOST_VALUES = 100;

@Injectable()
export class PromptMethods {
  readonly methods: readonly McpMethod[] = [
    { name: 'prompts/list', scope: SCOPE, cache: LISTS, run: (call) => this.list(call) },
    { name: 'prompts/get', scope: SCOPE, mayAsk: true, run: (call) => this.get(call) },
    { name: 'completion/complete', run: (call) => this.complete(call) },
  ];

  constructor(private readonly catalog: McpCatalog) {}

  private async list(call: McpCall): Promise<object> {
    const { cursor } = checkParams('PaginatedRequestParams', call.params) ?? {};
    const lists = await Promise.all(this.catalog.prompts.map(async (source) => source.list(call)));
    const { items, nextCursor } = slice<Prompt>(lists.flat(), cursor, PAGE_SIZE);
    return { prompts: items, ...(nextCursor !== undefined && { nextCursor }) };
  }

  private async get(call: McpCall): Promise<object> {
    const { name, arguments: args = {} } = checkParams('GetPromptRequestParams', call.params);
    const source = this.catalog.promptOwner(call, name);
    if (source === undefined) throw new ProtocolError(RpcCode.INVALID_PARAMS, `prompt ${name} not found`);
    return source.get(call, name, args);
  }

  private async complete(call: McpCall): Promise<object> {
    const params = checkParams('CompleteRequestParams', call.params);
    const { ref } = params;
    const source = ref.type === 'ref/prompt' ? this.catalog.promptOwner(call, ref.name) : this.catalog.resourceOwner(call, ref.uri);
    if (source === undefined)
      throw new ProtocolError(RpcCode.INVALID_PARAMS, `${ref.type === 'ref/prompt' ? ref.name : ref.uri} not found`);
    const { values, ...rest } = (await source.complete?.(call, params)) ?? NO_VALUES;
    return { completion: { ...rest, values: values.slice(0, MOST_VALUES) } };
  }
}
