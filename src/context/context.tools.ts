// Contexts as tools, for clients that have tools and not our methods. A claim to run once is the tool call's, not the
// change's: its answer is the tool's result, so it is not passed on.
import { Injectable } from '@nestjs/common';

import { Tool, type ToolCaller } from '../extension/tool.decorator.js';
import { AppendToContextDto } from './append-to-context.dto.js';
import type { Context, ContextMatch, ContextSummary } from './context.js';
import { ContextService } from './context.service.js';
import { ReadContextDto } from './read-context.dto.js';
import { SearchContextsDto } from './search-contexts.dto.js';

@Injectable()
export class ContextTools {
  constructor(private readonly contexts: ContextService) {}

  @Tool({
    name: 'context_search',
    description:
      'Finds items in all shared contexts by the words in them. All words must occur; "some words" in quotes in this order; word* for all ' +
      'that begin so. Answers with the best matches: context_id, item_id, role, the words around, and a score of at most 1.',
    input: SearchContextsDto,
    scopes: ['contexts:read'],
    annotations: { title: 'Search contexts', readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  })
  search(args: SearchContextsDto, { principal, signal }: ToolCaller): Promise<{ readonly matches: readonly ContextMatch[] }> {
    return this.contexts.search({ principal, signal }, args);
  }

  @Tool({
    name: 'context_read',
    description:
      'Reads a shared context: its name, metadata and newest items, oldest of them first. For older ones, call again with `before`: ' +
      'the id of the first item of the answer.',
    input: ReadContextDto,
    scopes: ['contexts:read'],
    annotations: { title: 'Read a context', readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  })
  read(args: ReadContextDto, { principal, signal }: ToolCaller): Promise<Context> {
    return this.contexts.get({ principal, signal }, args);
  }

  @Tool({
    name: 'context_append',
    description:
      'Appends a text to a shared context, for other agents and for later. With `name`, the context is created where there is none. ' +
      'Answers with the context without its items, once it is on disk.',
    input: AppendToContextDto,
    scopes: ['contexts:write'],
    annotations: { title: 'Append to a context', readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  })
  append(args: AppendToContextDto, { principal, signal }: ToolCaller): Promise<ContextSummary> {
    return this.contexts.append({ principal, signal }, args);
  }
}
