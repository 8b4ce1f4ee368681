// From what a tool returned to what its caller gets.
import { jsonValueOf } from '@mcpw/protocol';

import type { ContentBlock, ToolOutput, ToolReturn } from '../extension/tool.decorator.js';
import { asBinaryContent } from './binary-content.js';

/** `result` of `tool.execute` (PROTOCOL.md §5). */
export interface ToolResult {
  readonly content: readonly ContentBlock[];
  readonly structured?: unknown;
}

const BLOCK_TYPES: ReadonlySet<unknown> = new Set(['text', 'image', 'audio', 'resource', 'resource_link']);

export function toolResult(tool: string, returned: ToolReturn): ToolResult {
  if (typeof returned === 'string') return { content: [{ type: 'text', text: returned }] };
  if (returned === undefined || returned === null) return { content: [] };
  if (ArrayBuffer.isView(returned)) return { content: [bytesBlock(tool, returned as Uint8Array)] };
  if (isToolOutput(returned)) return fromOutput(returned);
  return { content: [{ type: 'text', text: JSON.stringify(jsonValueOf(returned)) }], structured: returned };
}

/** Content blocks and perhaps a structured result, and nothing else: any other object is itself the structured result. */
function isToolOutput(returned: object): returned is ToolOutput {
  const { content } = returned as { content?: unknown };
  if (!Array.isArray(content)) return false;
  for (const key in returned) if (key !== 'content' && key !== 'structured') return false;
  return content.every(isBlock);
}

function isBlock(block: unknown): boolean {
  return typeof block === 'object' && block !== null && BLOCK_TYPES.has((block as ContentBlock).type);
}

/** The tool's own object, where nothing in it is to be changed. */
function fromOutput(output: ToolOutput): ToolResult {
  if (!output.content.some(holdsBytes)) return output;
  const content = output.content.map(withPortableBytes);
  return output.structured === undefined ? { content } : { content, structured: output.structured };
}

function bytesBlock(tool: string, bytes: Uint8Array): ContentBlock {
  return { type: 'resource', resource: { uri: `tool:${tool}`, mimeType: 'application/octet-stream', blob: asBinaryContent(bytes) } };
}

function holdsBytes(block: ContentBlock): boolean {
  if (block.type === 'image' || block.type === 'audio') return typeof block.data !== 'string';
  return block.type === 'resource' && block.resource.blob !== undefined && typeof block.resource.blob !== 'string';
}

function withPortableBytes(block: ContentBlock): ContentBlock {
  if (!holdsBytes(block)) return block;
  if (block.type === 'resource')
    return { ...block, resource: { ...block.resource, blob: asBinaryContent(block.resource.blob as Uint8Array) } };
  return { ...(block as ContentBlock & { type: 'image' | 'audio' }), data: asBinaryContent((block as { data: Uint8Array }).data) };
}
