// Pages of `tools/list` as text, made once for each page and era: a list of a thousand tools costs no more than its bytes.
import type { ListedTool, ToolPage } from '../../tools/tool-catalog.js';
import { EncodedResult } from '../mcp-method.js';
import type { Era } from '../protocol-versions.js';

export class ToolListText {
  private readonly made: Readonly<Record<Era, WeakMap<ToolPage, EncodedResult>>> = { modern: new WeakMap(), legacy: new WeakMap() };

  of(page: ToolPage, era: Era): EncodedResult {
    const known = this.made[era].get(page);
    if (known !== undefined) return known;
    const { tools, next_cursor: nextCursor } = page;
    const text = new EncodedResult(JSON.stringify({ tools: tools.map((tool) => mcpTool(tool, era)), nextCursor }));
    this.made[era].set(page, text);
    return text;
  }
}

function mcpTool({ name, description, inputSchema, outputSchema, annotations }: ListedTool, era: Era): object {
  const title = (annotations as { title?: string } | undefined)?.title;
  return {
    name,
    ...(title !== undefined && { title }),
    description,
    inputSchema: ofObject(inputSchema) ? inputSchema : { ...inputSchema, type: 'object' },
    ...(outputSchema !== undefined && (era === 'modern' || ofObject(outputSchema)) && { outputSchema }),
    ...(annotations !== undefined && { annotations }),
  };
}

/** MCP has arguments be an object, and before 2026-07-28 results too. */
const ofObject = (schema: object): boolean => (schema as { type?: unknown }).type === 'object';
