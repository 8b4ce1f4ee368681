// `tool.list`: the tools that a caller may use, searched and paged. Views are kept for each tenant and set of scopes until tools change.
import { Injectable } from '@nestjs/common';

import type { Principal } from '../extension/principal.js';
import type { ToolAccess } from './tool-access.js';
import { readToolCursor, writeToolCursor, type ToolPosition } from './tool-cursor.js';
import { ToolRegistry } from './tool-registry.js';
import { compareRanks, rankTools } from './tool-search.js';
import type { RegisteredTool } from './tool-source.js';

/** A tool as PROTOCOL.md §5 shows it. */
export interface ListedTool {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly inputSchema: object;
  readonly outputSchema?: object;
  readonly annotations?: object;
  readonly source: string;
}

export interface ToolPage {
  readonly tools: readonly ListedTool[];
  readonly next_cursor?: string;
}

export interface ToolListParams {
  readonly query?: string;
  readonly source?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

const DEFAULT_LIMIT = 100;
/** Of a page's schemas as JSON: agents' tools may have 64 KB each, and a page is written in one go. */
const PAGE_CHARACTERS = 524_288;
/** Views kept at once, and pages kept of each. */
const KEPT_VIEWS = 256;
const KEPT_PAGES = 64;

/** What one tenant's callers with one set of scopes see: tools by name, and pages already made. */
interface View {
  readonly tenant: string;
  readonly tools: readonly RegisteredTool[];
  readonly pages: Map<string, ToolPage>;
}

@Injectable()
export class ToolCatalog {
  private readonly views = new Map<string, View>();

  constructor(private readonly registry: ToolRegistry) {
    registry.onChanged((tenant) => this.forget(tenant));
  }

  /** @throws Failure `invalid_params` for a cursor that is not of this list */
  page(principal: Principal, access: ToolAccess, params: ToolListParams): ToolPage {
    const view = this.viewOf(principal.tenant, access);
    const key = JSON.stringify([params.query, params.source, params.limit, params.cursor]);
    const made = view.pages.get(key);
    if (made !== undefined) return made;
    const page = this.makePage(view.tools, params);
    if (view.pages.size >= KEPT_PAGES) view.pages.clear();
    view.pages.set(key, page);
    return page;
  }

  private makePage(visible: readonly RegisteredTool[], params: ToolListParams): ToolPage {
    const limit = params.limit ?? DEFAULT_LIMIT;
    const tools = params.source === undefined ? visible : visible.filter((tool) => tool.source === params.source);
    const isRanked = params.query !== undefined && params.query.trim() !== '';
    const ordered = isRanked ? rankTools(tools, params.query ?? '') : tools.map((tool) => ({ tool, score: 0 }));
    const begin = params.cursor === undefined ? 0 : after(ordered, readToolCursor(params.cursor, isRanked));
    const page = withinSize(ordered.slice(begin, begin + limit));
    const last = page.at(-1);
    const listed = page.map(({ tool }) => listedTool(tool));
    if (last === undefined || begin + page.length >= ordered.length) return { tools: listed };
    return {
      tools: listed,
      next_cursor: writeToolCursor(isRanked ? { name: last.tool.name, score: last.score } : { name: last.tool.name }),
    };
  }

  private viewOf(tenant: string, access: ToolAccess): View {
    const key = JSON.stringify([tenant, access.key]);
    let view = this.views.get(key);
    if (view === undefined) {
      if (this.views.size >= KEPT_VIEWS) this.views.clear();
      const tools = this.registry.list(tenant).filter((tool) => access.missingScope(tool) === null);
      this.views.set(key, (view = { tenant, tools, pages: new Map() }));
    }
    return view;
  }

  private forget(tenant: string | null): void {
    for (const [key, view] of this.views) if (tenant === null || view.tenant === tenant) this.views.delete(key);
  }
}

/** As many as a page has room for, and at least one. */
function withinSize<T extends { readonly tool: RegisteredTool }>(ordered: readonly T[]): readonly T[] {
  let characters = 0;
  const end = ordered.findIndex(({ tool }) => (characters += sizeOf(tool)) > PAGE_CHARACTERS);
  return end < 0 ? ordered : ordered.slice(0, Math.max(1, end));
}

const sizes = new WeakMap<RegisteredTool, number>();

function sizeOf(tool: RegisteredTool): number {
  let size = sizes.get(tool);
  if (size === undefined) {
    const { description, inputSchema, outputSchema, annotations } = tool;
    sizes.set(tool, (size = description.length + JSON.stringify([inputSchema, outputSchema, annotations]).length));
  }
  return size;
}

/** Index of the first that comes after the position, which need not be there any more. */
function after(ordered: readonly { tool: RegisteredTool; score: number }[], position: ToolPosition): number {
  const mark = { tool: { name: position.name }, score: position.score ?? 0 };
  const index = ordered.findIndex((ranked) => compareRanks(ranked, mark) > 0);
  return index === -1 ? ordered.length : index;
}

function listedTool(tool: RegisteredTool): ListedTool {
  const { name, description, inputSchema, outputSchema, annotations, source } = tool;
  return {
    id: name,
    name,
    description,
    inputSchema,
    ...(outputSchema === undefined ? {} : { outputSchema }),
    ...(annotations === undefined ? {} : { annotations }),
    source,
  };
}
