// Three tools in place of all, for when all would fill a model's context: one finds tools, one describes them, one calls them.
// The others can still be called by their own names: who knows one need not ask.
import { Injectable } from '@nestjs/common';

import { Failure, type ParamError } from '../../extension/failure.js';
import type { ToolPage } from '../../tools/tool-catalog.js';
import { ToolService } from '../../tools/tool.service.js';
import { compileSchema } from '../../validation/compile-schema.js';
import type { McpCall } from '../mcp-call.js';
import { EncodedResult } from '../mcp-method.js';
import { runTool } from './run-tool.js';

const MOST_DESCRIBED = 20;
const READS = { readOnlyHint: true, idempotentHint: true, openWorldHint: false };

const SEARCH = {
  name: 'search_tools',
  title: 'Search tools',
  description:
    'Finds tools by words in their names and descriptions, best first. Without a query all, by name. Then describe_tools tells what ' +
    'arguments one takes, and call_tool calls it.',
  inputSchema: {
    type: 'object',
    properties: {
      query: { type: 'string', maxLength: 256, description: 'Words for what is to be done' },
      limit: { type: 'integer', minimum: 1, maximum: 100, description: 'Default 20' },
      cursor: { type: 'string', maxLength: 512, description: 'next_cursor of the answer before, for more of the same query' },
    },
    additionalProperties: false,
  },
  annotations: { title: 'Search tools', ...READS },
};

const DESCRIBE = {
  name: 'describe_tools',
  title: 'Describe tools',
  description: 'The whole descriptions of tools, with the JSON Schemas of their arguments.',
  inputSchema: {
    type: 'object',
    properties: {
      names: { type: 'array', minItems: 1, maxItems: MOST_DESCRIBED, items: { type: 'string', minLength: 1, maxLength: 128 } },
    },
    required: ['names'],
    additionalProperties: false,
  },
  annotations: { title: 'Describe tools', ...READS },
};

const CALL = {
  name: 'call_tool',
  title: 'Call a tool',
  description: 'Calls a tool that search_tools has found, with arguments as describe_tools says, and answers with its result.',
  inputSchema: {
    type: 'object',
    properties: { name: { type: 'string', minLength: 1, maxLength: 128 }, arguments: { type: 'object' } },
    required: ['name'],
    additionalProperties: false,
  },
  annotations: { title: 'Call a tool', destructiveHint: true, openWorldHint: true },
};

const DEFAULT_LIMIT = 20;
/** Of a description, where tools are only found. */
const SHORT_DESCRIPTION = 200;

type Arguments = Readonly<Record<string, never>>;

@Injectable()
export class ToolSearch {
  /** What `tools/list` answers. */
  readonly list = new EncodedResult(JSON.stringify({ tools: [SEARCH, DESCRIBE, CALL] }));
  private readonly run: Readonly<Record<string, (call: McpCall, args: Arguments) => unknown>> = {
    [SEARCH.name]: checked(SEARCH.inputSchema, (call, { query, limit = DEFAULT_LIMIT, cursor }) =>
      this.find(call, { query, limit, cursor }),
    ),
    [DESCRIBE.name]: checked(DESCRIBE.inputSchema, (call, { names }) => this.describe(call, names)),
    [CALL.name]: checked(CALL.inputSchema, (call, { name, arguments: args = {} }) => this.callFound(call, name, args)),
  };

  constructor(private readonly tools: ToolService) {}

  /** @returns undefined where the call is of none of the three */
  call(call: McpCall): unknown {
    const { name, arguments: args = {} } = call.params;
    if (typeof name !== 'string' || !Object.hasOwn(this.run, name)) return undefined;
    return this.run[name]?.(call, args as Arguments);
  }

  private find(call: McpCall, params: Readonly<Record<string, unknown>>): object {
    const { tools, next_cursor } = this.tools.list(call, defined(params));
    const found = tools.map(({ name, description }) => ({ name, description: short(description) }));
    return structured({ tools: found, ...(next_cursor !== undefined && { next_cursor }) });
  }

  private describe(call: McpCall, names: readonly string[]): object {
    const known = new Map(this.visible(call).map((tool) => [tool.name, tool]));
    const tools = names.map((name) => {
      const tool = known.get(name);
      if (tool === undefined) return { name, error: 'there is no such tool' };
      const { description, inputSchema, outputSchema, annotations } = tool;
      return { name, description, inputSchema, outputSchema, annotations };
    });
    return structured({ tools });
  }

  /** A name that is wrong is the model's to put right, as wrong arguments are. */
  private callFound(call: McpCall, name: string, args: Readonly<Record<string, unknown>>): unknown {
    try {
      return runTool(this.tools, call, name, args);
    } catch (error) {
      if (error instanceof Failure && (error.kind === 'not_found' || error.kind === 'forbidden')) {
        return { content: [{ type: 'text', text: error.message }], isError: true };
      }
      throw error;
    }
  }

  private visible(call: McpCall): ToolPage['tools'] {
    return this.tools.list(call, { limit: Number.MAX_SAFE_INTEGER }).tools;
  }
}

/** @throws Failure `invalid_params`, which the model is told */
function checked(schema: object, run: (call: McpCall, args: never) => unknown): (call: McpCall, args: Arguments) => unknown {
  const validator = compileSchema(schema);
  return (call, args) => {
    const errors = validator.validate(args);
    if (errors !== null)
      throw Failure.invalidParams(errors.map(({ path, message }): ParamError => ({ path: `/arguments${path}`, message })));
    return run(call, args as never);
  };
}

const structured = (value: object): object => ({ content: [{ type: 'text', text: JSON.stringify(value) }], structuredContent: value });

const short = (text: string): string => (text.length > SHORT_DESCRIPTION ? `${text.slice(0, SHORT_DESCRIPTION - 1)}…` : text);

const defined = (members: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
