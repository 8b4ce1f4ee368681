// What an upstream answers to `tools/call`, read as what a tool returned; and what its errors are to the caller.
// The upstream is a stranger: nothing is taken on trust, and nothing of ours (addresses, credentials) is told.
import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client';
import { isDeeperThan, MAX_DEPTH } from '@mcpw/protocol';

import { redacted, type Redact } from '../egress/redact.js';
import { Failure } from '../extension/failure.js';
import { isRecord } from '../extension/is-record.js';
import type { ContentBlock, ToolOutput } from '../extension/tool.decorator.js';
import { NoOutcome } from '../tools/tool-source.js';
import { printable } from '../validation/printable.js';
import { STREAM_ENDED } from './http-transport.js';
import { TOO_LARGE, UNREADABLE } from './read-message.js';
import { linkedUri } from './source-name.js';

const MAX_BLOCKS = 10_000;
const LONGEST_MESSAGE = 4_096;

/** A failure of the tool itself, in its own words. */
export class ToolFailed extends Failure {}

/**
 * @param upstream its name: for messages, and for the URIs of its resources
 * @param redact what the upstream says of a failure is told without these
 * @throws ToolFailed the tool ran and failed
 * @throws NoOutcome it is no answer to such a call
 */
export function readCallResult(upstream: string, result: unknown, redact: Redact): ToolOutput {
  if (!isRecord(result) || isDeeperThan(result, MAX_DEPTH)) throw unreadable(upstream);
  const { content = [], structuredContent, isError } = result;
  if (!Array.isArray(content) || content.length > MAX_BLOCKS) throw unreadable(upstream);
  const blocks = content.map((block) => blockOf(upstream, block));
  const output = { content: blocks, ...(structuredContent !== undefined && { structured: structuredContent }) };
  if (isError !== true) return output;
  const failed = redacted(redact, output) as typeof output;
  throw new ToolFailed('unavailable', textOf(failed.content), failed);
}

/** What the caller is told of an error; `isTrouble`: the upstream is to blame, and its breaker counts. */
export function readCallError(
  upstream: string,
  error: unknown,
  signal: AbortSignal,
  redact: Redact,
): { readonly error: Error; readonly isTrouble: boolean } {
  const none = (kind: Failure['kind'], message: string, isTrouble: boolean) => ({
    error: new NoOutcome(new Failure(kind, message, undefined, { cause: error })),
    isTrouble,
  });
  if (error instanceof ToolFailed) return { error, isTrouble: false };
  if (error instanceof NoOutcome) return { error, isTrouble: true };
  if (signal.aborted && !(signal.reason instanceof SdkError)) {
    const reason = signal.reason instanceof Failure ? signal.reason : new Failure('cancelled', 'cancelled');
    // A caller with little patience says nothing of the upstream.
    return { error: new NoOutcome(reason), isTrouble: false };
  }
  if (error instanceof ProtocolError && error.code === UNREADABLE) return { error: unreadable(upstream), isTrouble: true };
  if (error instanceof ProtocolError && error.code === TOO_LARGE)
    return none('too_large', `what ${upstream} answered is not read: ${printable(redact(error.message), LONGEST_MESSAGE)}`, false);
  if (error instanceof ProtocolError && error.code !== STREAM_ENDED) {
    // Redacted before it is cut: a part of a secret would not be known.
    const message = printable(redact(error.message), LONGEST_MESSAGE) || 'the tool failed';
    return { error: new ToolFailed('unavailable', message, { code: error.code }), isTrouble: false };
  }
  if (error instanceof SdkHttpError && (error.status === 401 || error.status === 403)) {
    return none('forbidden', `${upstream} does not accept the credential`, false);
  }
  if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout)
    return none('timed_out', `${upstream} did not answer in time`, true);
  if (error instanceof SdkError && error.code === SdkErrorCode.UnsupportedResultType)
    return { error: unreadable(upstream), isTrouble: false };
  if (error instanceof SdkError && error.code === SdkErrorCode.InvalidResult) return { error: unreadable(upstream), isTrouble: true };
  return none('unavailable', `${upstream} is not reached at the moment`, true);
}

function unreadable(upstream: string): NoOutcome {
  return new NoOutcome(new Failure('unavailable', `${upstream} did not answer with a tool's result`));
}

/** A block as it came, without members that nobody here knows, its URIs as they are here; what is no block is shown as its JSON. */
function blockOf(source: string, block: unknown): ContentBlock {
  if (isRecord(block)) {
    const { type, text, data, mimeType, resource, uri, name, description } = block;
    if (type === 'text' && typeof text === 'string') return { type, text };
    if ((type === 'image' || type === 'audio') && typeof data === 'string' && typeof mimeType === 'string') return { type, data, mimeType };
    if (type === 'resource' && isRecord(resource) && typeof resource['uri'] === 'string') {
      return { type, resource: { ...resource, uri: linkedUri(source, resource['uri']) } };
    }
    if (type === 'resource_link' && typeof uri === 'string' && typeof name === 'string') {
      return {
        type,
        uri: linkedUri(source, uri),
        name,
        ...(typeof description === 'string' && { description }),
        ...(typeof mimeType === 'string' && { mimeType }),
      };
    }
  }
  return { type: 'text', text: JSON.stringify(block) ?? '' };
}

function textOf(blocks: readonly ContentBlock[]): string {
  const text = blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n');
  return printable(text, LONGEST_MESSAGE) || 'the tool failed';
}
