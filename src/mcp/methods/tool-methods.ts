// `tools/*` of MCP, over this server's tools.
import { Inject, Injectable } from '@nestjs/common';
import { ProtocolError } from '@modelcontextprotocol/server';

import { Config } from '../../config/config.js';
import { isRecord } from '../../extension/is-record.js';
import { ToolService } from '../../tools/tool.service.js';
import { RpcCode } from '../json-rpc.js';
import type { McpCall, McpMethod } from '../mcp-call.js';
import type { EncodedResult } from '../mcp-method.js';
import { failedResult } from './call-result.js';
import { runTool } from './run-tool.js';
import { ToolListText } from './tool-list-text.js';
import { ToolSearch } from './tool-search.js';

/** Pages of a list: many clients ask for the first one only. */
const PAGE_SIZE = 1_000;
const LISTS = { ttlMs: 5_000, cacheScope: 'private' } as const;

@Injectable()
export class ToolMethods {
  readonly methods: readonly McpMethod[];
  private readonly listText = new ToolListText();

  constructor(
    private readonly tools: ToolService,
    private readonly search: ToolSearch,
    @Inject(Config) config: Config,
  ) {
    const isSearched = config.mcp.toolMode === 'search';
    this.methods = [
      {
        name: 'tools/list',
        scope: 'tools:read',
        cache: LISTS,
        run: isSearched ? () => this.search.list : (call) => this.list(call),
      },
      {
        name: 'tools/call',
        scope: 'tools:execute',
        mayAsk: true,
        run: isSearched ? (call) => this.search.call(call) ?? this.call(call) : (call) => this.call(call),
        told: failedResult,
      },
    ];
  }

  private list(call: McpCall): EncodedResult {
    const { cursor } = call.params;
    if (cursor !== undefined && typeof cursor !== 'string') throw invalid('/cursor: is not text');
    const page = this.tools.list(call, { limit: PAGE_SIZE, ...(cursor !== undefined && { cursor }) });
    return this.listText.of(page, call.caller.era);
  }

  private call(call: McpCall): unknown {
    const { name, arguments: args = {} } = call.params;
    if (typeof name !== 'string') throw invalid('/name: is not text');
    if (!isRecord(args)) throw invalid('/arguments: is not an object');
    return runTool(this.tools, call, name, args);
  }
}

const invalid = (message: string): Error => new ProtocolError(RpcCode.INVALID_PARAMS, message);
