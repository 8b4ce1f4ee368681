// From what a tool of the client's returned or threw to what the server is told: the result of `tool.execute` (protocol §5).
import { jsonValueOf } from '@mcpw/protocol';

import { wordsOf } from './errors.js';
import type { ContentBlock, ToolResult } from './method-map.js';

/** Content blocks and perhaps a structured result. */
export interface ToolContent {
  readonly content: ContentBlock[];
  readonly structured?: unknown;
}

/** Text, bytes, content, or any other object, which is then the structured result. */
export type ToolReturn = string | Uint8Array | ToolContent | object | null | undefined | void;

export function completed(tool: string, returned: ToolReturn, durationMs: number): ToolResult {
  return { tool, status: 'completed', result: contentOf(tool, returned), duration_ms: durationMs };
}

export function failed(tool: string, error: unknown, durationMs: number): ToolResult {
  return { tool, status: 'failed', error: { message: wordsOf(error) }, duration_ms: durationMs };
}

function contentOf(tool: string, returned: ToolReturn): NonNullable<ToolResult['result']> {
  if (returned === undefined || returned === null) return { content: [] };
  if (typeof returned === 'string') return { content: [{ type: 'text', text: returned }] };
  if (returned instanceof Uint8Array) {
    return { content: [{ type: 'resource', resource: { uri: `tool:${tool}`, mimeType: 'application/octet-stream', blob: returned } }] };
  }
  if (isContent(returned)) return returned;
  return { content: [{ type: 'text', text: JSON.stringify(jsonValueOf(returned)) }], structured: returned };
}

function isContent(returned: object): returned is { content: ContentBlock[]; structured?: unknown } {
  const isOnlyContent = Object.keys(returned).every((name) => name === 'content' || name === 'structured');
  return isOnlyContent && Array.isArray((returned as { content?: unknown }).content);
}
