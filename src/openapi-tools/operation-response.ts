// What an API answered, as what a tool returns: JSON as a structured result with its text, text as text, all else as bytes.
import { isDeeperThan, MAX_DEPTH } from '@mcpw/protocol';

import { redacted, type Redact } from '../egress/redact.js';
import { Failure } from '../extension/failure.js';
import type { ToolOutput } from '../extension/tool.decorator.js';
import { NoOutcome } from '../tools/tool-source.js';
import { ANSWER_BOUNDS } from '../validation/census/bounds.js';
import { jsonProblem } from '../validation/census/json-census.js';

/** Of an answer that says what went wrong: bytes of JSON, letters of a text. */
const LONGEST_EXPLANATION = 4_096;
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\b/i;
const TEXT_TYPE = /^(?:text\/|application\/(?:xml|javascript|x-www-form-urlencoded|[\w.+-]+\+xml)\b)/i;

/**
 * @param what the tool's name
 * @param redact what the API says of an error is told without these
 * @throws Failure the API answered with an error: its status and body are in `data`
 * @throws NoOutcome too_large, where the body is read only then
 */
export async function readResponse(what: string, response: Response, redact: Redact): Promise<ToolOutput> {
  const { status } = response;
  const type = response.headers.get('content-type') ?? '';
  const bytes = await bodyOf(response);
  if (!response.ok) throw refusal(status, type, bytes, redact);
  if (bytes.length === 0) return { content: [{ type: 'text', text: `${status} ${response.statusText}`.trim() }] };
  if (JSON_TYPE.test(type)) {
    const parsed = parse(bytes);
    if (parsed !== undefined) return { content: [{ type: 'text', text: JSON.stringify(parsed.value) }], structured: parsed.value };
  }
  if (type === '' || TEXT_TYPE.test(type) || JSON_TYPE.test(type)) return { content: [{ type: 'text', text: textOf(bytes) }] };
  const mimeType = type.split(';', 1)[0]?.trim() ?? '';
  if (mimeType.startsWith('image/')) return { content: [{ type: 'image', data: bytes, mimeType }] };
  if (mimeType.startsWith('audio/')) return { content: [{ type: 'audio', data: bytes, mimeType }] };
  return { content: [{ type: 'resource', resource: { uri: `tool:${what}`, mimeType, blob: bytes } }] };
}

async function bodyOf(response: Response): Promise<Uint8Array> {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    if (error instanceof Failure) throw new NoOutcome(error);
    throw error;
  }
}

function refusal(status: number, type: string, bytes: Uint8Array, redact: Redact): Failure {
  const parsed = JSON_TYPE.test(type) && bytes.length <= LONGEST_EXPLANATION ? parse(bytes) : undefined;
  // Redacted before it is cut: a part of a secret would not be known.
  const body = parsed === undefined ? redact(textOf(bytes)).slice(0, LONGEST_EXPLANATION).toWellFormed() : redacted(redact, parsed.value);
  return new Failure('unavailable', `the API answered ${status}`, { status, ...(body !== '' && { body }) });
}

/** Undefined where it is no JSON, or nested too deep, or of more values than are looked through: then it is passed on as text. */
function parse(bytes: Uint8Array): { value: unknown } | undefined {
  if (jsonProblem(bytes, ANSWER_BOUNDS) !== undefined) return undefined;
  try {
    const value: unknown = JSON.parse(textOf(bytes));
    return isDeeperThan(value, MAX_DEPTH) ? undefined : { value };
  } catch {
    return undefined;
  }
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
