// From what a tool made of a call to MCP's `CallToolResult`, in words that a client of the revision knows.
import type { Failure, FailureKind } from '../../extension/failure.js';
import { isRecord } from '../../extension/is-record.js';
import type { ContentBlock } from '../../extension/tool.decorator.js';
import type { ToolOutcome } from '../../tools/tool-runner.js';
import { MODERN_VERSION, STRUCTURED_SINCE } from '../protocol-versions.js';

interface CallResult {
  readonly content: readonly unknown[];
  readonly structuredContent?: unknown;
  readonly isError?: true;
}

/** Failures that are none of the tool's: the request itself is wrong, or nobody waits any more. */
const NOT_TOLD: ReadonlySet<FailureKind> = new Set(['cancelled', 'forbidden', 'not_found', 'invalid_message']);
const AUDIO_SINCE = '2025-03-26';

export function callResult({ result, error }: ToolOutcome, version: string): CallResult {
  if (error !== undefined) return errorResult(error.message, error.data, version);
  const { content = [], structured } = result ?? {};
  const blocks = version < STRUCTURED_SINCE ? content.map((block) => olderBlock(block, version)) : content;
  return structured === undefined ? { content: blocks } : withStructured({ content: blocks }, structured, version);
}

/**
 * A model can put right what is wrong with arguments, and go on without a tool that is not to be had: it is told as the tool's own
 * failure. @returns undefined where the failure is not for the model
 */
export function failedResult({ kind, message }: Failure): CallResult | undefined {
  return NOT_TOLD.has(kind) ? undefined : { content: [{ type: 'text', text: message }], isError: true };
}

/** The tool's own words: an upstream's whole content where it sent some. */
function errorResult(message: string, data: unknown, version: string): CallResult {
  const { content, structured } = isRecord(data) ? data : {};
  const own = Array.isArray(content) && content.length > 0 ? (content as ContentBlock[]) : undefined;
  const blocks = own ?? [{ type: 'text', text: message } as const];
  const result: CallResult = {
    content: version < STRUCTURED_SINCE ? blocks.map((block) => olderBlock(block, version)) : blocks,
    isError: true,
  };
  return structured === undefined ? result : withStructured(result, structured, version);
}

/** Only the newer era takes a structured result that is no object. */
function withStructured(result: CallResult, structured: unknown, version: string): CallResult {
  const isTaken = version >= STRUCTURED_SINCE && (version >= MODERN_VERSION || isRecord(structured));
  return isTaken ? { ...result, structuredContent: structured } : result;
}

function olderBlock(block: ContentBlock, version: string): unknown {
  if (block.type === 'resource_link') return { type: 'text', text: block.uri };
  if (block.type === 'audio' && version < AUDIO_SINCE) return { type: 'text', text: `(audio, ${block.mimeType})` };
  return block;
}
