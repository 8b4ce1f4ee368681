/** Messages about tools. PROTOCOL.md §5. */
import type { Encoded } from '../msgpack/encoded.js';
import { type Codec, oneOf } from '../msgpack/field.js';
import { listOf } from '../msgpack/list-of.js';
import { defineShape } from '../msgpack/shape.js';
import type { JsonObject } from '../text/envelope.js';

/** A value that may have stayed encoded: as it came in a frame, or as it will go into one. */
export type MaybeRaw<T> = T | Encoded;

export interface ToolListParams {
  query?: string;
  source?: string;
  limit?: number;
  cursor?: string;
}

export interface ToolListResult {
  /** Each may be encoded once, when its tool is registered. */
  tools: MaybeRaw<readonly MaybeRaw<JsonObject>[]>;
  next_cursor?: string;
}

export interface ToolExecuteParams {
  name: string;
  /** Read whole: whoever runs the tool checks them against its schema first. */
  arguments?: MaybeRaw<JsonObject>;
  stream?: boolean;
}

export interface ToolExecuteResult {
  tool: string;
  status: 'completed' | 'failed';
  result?: MaybeRaw<{ content: readonly unknown[]; structured?: unknown }>;
  error?: { message: string; data?: unknown };
  duration_ms: number;
}

export interface ToolCancelParams {
  /** An envelope's id, or a frame's sequence id. */
  request_id: string | number;
}

export interface ToolProgressParams {
  request_id: string | number;
  progress: number;
  total?: number;
  message?: string;
}

export interface ToolRegisterParams {
  tools: readonly JsonObject[];
}

export const toolListParams = defineShape<ToolListParams>({ query: 'value', source: 'value', limit: 'value', cursor: 'value' });
export const toolListResult = defineShape<ToolListResult>({ tools: 'value', next_cursor: 'value' });
export const toolExecuteParams = defineShape<ToolExecuteParams>({ name: 'value', arguments: 'value', stream: 'value' });
/** What servers answer with, by types of their own: it has no other members. */
const CLOSED = { isClosed: true };

/** A text; blocks of other types have other members, and are written as they are. */
const contentBlock = defineShape<{ type: string; text?: string }>({ type: oneOf('text'), text: 'value' });
const toolOutput = defineShape<{ content: readonly unknown[]; structured?: unknown }>(
  {
    content: listOf(contentBlock as Codec<unknown>),
    structured: 'value',
  },
  CLOSED,
);
export const toolExecuteResult = defineShape<ToolExecuteResult>(
  {
    tool: 'value',
    status: oneOf('completed', 'failed'),
    result: toolOutput,
    error: 'value',
    duration_ms: 'value',
  },
  CLOSED,
);
export const toolCancelParams = defineShape<ToolCancelParams>({ request_id: 'value' });
export const toolCancelResult = defineShape<{ cancelled: boolean }>({ cancelled: 'value' });
export const toolProgressParams = defineShape<ToolProgressParams>({
  request_id: 'value',
  progress: 'value',
  total: 'value',
  message: 'value',
});
export const toolRegisterParams = defineShape<ToolRegisterParams>({ tools: 'value' });
export const toolRegisterResult = defineShape<{ registered: readonly string[] }>({ registered: 'value' });
export const toolUnregisterParams = defineShape<{ names: readonly string[] }>({ names: 'value' });
export const toolUnregisterResult = defineShape<{ unregistered: readonly string[] }>({ unregistered: 'value' });
