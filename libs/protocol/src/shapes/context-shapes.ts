/** Messages about contexts. PROTOCOL.md §5. */
import { oneOf } from '../msgpack/field.js';
import { listOf } from '../msgpack/list-of.js';
import { defineShape } from '../msgpack/shape.js';
import type { JsonObject } from '../text/envelope.js';
import type { MaybeRaw } from './tool-shapes.js';

export type ItemRole = 'system' | 'user' | 'assistant' | 'tool';

/** An item as a client sends it. */
export interface NewItem {
  role: ItemRole;
  content: string;
  metadata?: MaybeRaw<JsonObject>;
}

/** An item as a server keeps it. */
export interface ContextItem extends NewItem {
  id: string;
  tokens: number;
  created_at: string;
}

export interface ContextCreateParams {
  name: string;
  id?: string;
  /** A string is one item of role `user`. */
  content?: string | readonly NewItem[];
  metadata?: JsonObject;
  max_tokens?: number;
  truncation?: 'reject' | 'oldest_first';
  ttl_seconds?: number;
}

export interface ContextGetParams {
  context_id: string;
  limit?: number;
  before?: string;
}

export interface ContextUpdateParams {
  context_id: string;
  version?: number;
  content?: string | readonly NewItem[];
  replace?: readonly NewItem[];
  metadata?: JsonObject;
  name?: string;
}

export interface ContextListParams {
  agent_id?: string;
  name_prefix?: string;
  limit?: number;
  cursor?: string;
  order?: string;
}

export interface ContextDeleteParams {
  context_id: string;
  version?: number;
}

export interface ContextSearchParams {
  query: string;
  limit?: number;
}

/** What is answered about a context; `items` only by `context.create` and `context.get`. */
export interface ContextResult {
  id: string;
  name: string;
  tenant_id: string;
  agent_id: string;
  version: number;
  metadata: MaybeRaw<JsonObject>;
  items?: MaybeRaw<readonly MaybeRaw<ContextItem>[]>;
  item_count: number;
  current_tokens: number;
  max_tokens: number;
  truncation: 'reject' | 'oldest_first';
  created_at: string;
  updated_at: string;
  expires_at?: string;
  /** How many items had to go. */
  truncated?: number;
}

export interface ContextListResult {
  contexts: MaybeRaw<readonly MaybeRaw<ContextResult>[]>;
  next_cursor?: string;
}

export interface ContextMatch {
  context_id: string;
  item_id: string;
  role: ItemRole;
  snippet: string;
  score: number;
}

const role = oneOf('system', 'user', 'assistant', 'tool');
const truncation = oneOf('reject', 'oldest_first');

export const newItem = defineShape<NewItem>({ role, content: 'value', metadata: 'value' });
export const contextItem = defineShape<ContextItem>({
  id: 'value',
  role,
  content: 'value',
  tokens: 'value',
  metadata: 'value',
  created_at: 'value',
});
export const contextCreateParams = defineShape<ContextCreateParams>({
  name: 'value',
  id: 'value',
  content: listOf(newItem),
  metadata: 'value',
  max_tokens: 'value',
  truncation,
  ttl_seconds: 'value',
});
export const contextGetParams = defineShape<ContextGetParams>({ context_id: 'value', limit: 'value', before: 'value' });
export const contextUpdateParams = defineShape<ContextUpdateParams>({
  context_id: 'value',
  version: 'value',
  content: listOf(newItem),
  replace: listOf(newItem),
  metadata: 'value',
  name: 'value',
});
export const contextListParams = defineShape<ContextListParams>({
  agent_id: 'value',
  name_prefix: 'value',
  limit: 'value',
  cursor: 'value',
  order: 'value',
});
export const contextDeleteParams = defineShape<ContextDeleteParams>({ context_id: 'value', version: 'value' });
export const contextSearchParams = defineShape<ContextSearchParams>({ query: 'value', limit: 'value' });
export const contextResult = defineShape<ContextResult>({
  id: 'value',
  name: 'value',
  tenant_id: 'value',
  agent_id: 'value',
  version: 'value',
  metadata: 'value',
  item_count: 'value',
  current_tokens: 'value',
  max_tokens: 'value',
  truncation,
  created_at: 'value',
  updated_at: 'value',
  expires_at: 'value',
  truncated: 'value',
  items: listOf(contextItem),
});
export const contextListResult = defineShape<ContextListResult>({ contexts: listOf(contextResult), next_cursor: 'value' });
export const contextDeleteResult = defineShape<{ deleted: true }>({ deleted: 'value' });
export const contextSearchResult = defineShape<{ matches: readonly ContextMatch[] }>({ matches: 'value' });
