// The list of an upstream's tools, read with care: it may be endless, huge, or not a list of tools at all.
import { isDeeperThan, MAX_DEPTH } from '@mcpw/protocol';

import { isRecord } from '../extension/is-record.js';
import type { ToolAnnotations } from '../extension/tool.decorator.js';
import { matchesGlob } from '../tools/glob.js';
import { printable } from '../validation/printable.js';

export interface ListedTool {
  /** As the upstream calls it. */
  readonly name: string;
  readonly description: string;
  readonly inputSchema: object;
  readonly outputSchema?: object | undefined;
  readonly annotations?: ToolAnnotations | undefined;
}

export interface ListRules {
  readonly maxTools: number;
  readonly allowTools?: readonly string[] | undefined;
  readonly denyTools: readonly string[];
}

export interface ToolListing {
  readonly tools: readonly ListedTool[];
  /** Tools that are left out, and why; for the log. */
  readonly leftOut: readonly string[];
}

const MAX_PAGES = 64;
const LONGEST_NAME = 256;
const LONGEST_DESCRIPTION = 8_192;
const LONGEST_TITLE = 256;
/** Characters of a schema's JSON. */
const LARGEST_SCHEMA = 65_536;
const ANY_OBJECT = { type: 'object' };
const HINTS = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'] as const;

/** @param getPage result of `tools/list` for a cursor, as it came */
export async function readToolList(getPage: (cursor: string | undefined) => Promise<unknown>, rules: ListRules): Promise<ToolListing> {
  const tools = new Map<string, ListedTool>();
  const leftOut: string[] = [];
  let cursor: string | undefined;
  for (let pages = 1; ; pages++) {
    const page = await getPage(cursor);
    if (!isRecord(page) || !Array.isArray(page['tools'])) throw new Error('the answer to tools/list has no tools');
    for (const item of page['tools'] as unknown[]) {
      if (tools.size === rules.maxTools) break;
      const tool = readTool(item, leftOut);
      if (tool !== undefined && !tools.has(tool.name) && isWanted(tool.name, rules)) tools.set(tool.name, tool);
    }
    const next = page['nextCursor'];
    if (typeof next !== 'string' || next === '' || next === cursor) break;
    if (tools.size === rules.maxTools || pages === MAX_PAGES) {
      leftOut.push(`all after the first ${tools.size}`);
      break;
    }
    cursor = next;
  }
  return { tools: [...tools.values()], leftOut: leftOut.slice(0, 20) };
}

function isWanted(name: string, { allowTools, denyTools }: ListRules): boolean {
  const fits = (pattern: string): boolean => matchesGlob(pattern, name);
  return (allowTools === undefined || allowTools.some(fits)) && !denyTools.some(fits);
}

function readTool(item: unknown, leftOut: string[]): ListedTool | undefined {
  if (!isRecord(item) || typeof item['name'] !== 'string' || item['name'] === '') return undefined;
  const { name, title, description, inputSchema = ANY_OBJECT, outputSchema, annotations } = item;
  const refuse = (why: string): undefined => void leftOut.push(`${printable(name, 64)}: ${why}`);
  if (name.length > LONGEST_NAME) return refuse('its name is too long');
  if (!isSchema(inputSchema)) return refuse('its inputSchema is none, or too large');
  return {
    name,
    description: typeof description === 'string' ? printable(description, LONGEST_DESCRIPTION) : '',
    inputSchema,
    outputSchema: isSchema(outputSchema) ? outputSchema : undefined,
    annotations: readAnnotations(annotations, title),
  };
}

function isSchema(schema: unknown): schema is object {
  return isRecord(schema) && !isDeeperThan(schema, MAX_DEPTH) && JSON.stringify(schema).length <= LARGEST_SCHEMA;
}

function readAnnotations(annotations: unknown, title: unknown): ToolAnnotations | undefined {
  const given = isRecord(annotations) ? annotations : {};
  const read: Record<string, unknown> = {};
  const shown = typeof title === 'string' ? title : given['title'];
  if (typeof shown === 'string') read['title'] = printable(shown, LONGEST_TITLE);
  for (const hint of HINTS) if (typeof given[hint] === 'boolean') read[hint] = given[hint];
  return Object.keys(read).length === 0 ? undefined : read;
}
