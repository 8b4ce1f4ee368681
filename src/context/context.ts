// What contexts are on the wire (PROTOCOL.md §5).

export const ROLES = ['system', 'user', 'assistant', 'tool'] as const;
export type Role = (typeof ROLES)[number];

/** What happens when a change would take a context past its `max_tokens`. */
export const TRUNCATIONS = ['reject', 'oldest_first'] as const;
export type Truncation = (typeof TRUNCATIONS)[number];

/** Tokens past which the items of one change cannot be taken, whatever else the context holds. */
export const ceilingOf = (maxTokens: number, truncation: Truncation): number => (truncation === 'reject' ? maxTokens : Infinity);

export interface ContextItem {
  /** `i` and the item's number in its context; numbers rise and are never used again. */
  readonly id: string;
  readonly role: Role;
  readonly content: string;
  /** By o200k_base; at least 1. */
  readonly tokens: number;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly created_at: string;
}

/** A context without its items. */
export interface ContextSummary {
  readonly id: string;
  readonly name: string;
  readonly tenant_id: string;
  /** The principal that created it. */
  readonly agent_id: string;
  /** 1, then one more with every change. */
  readonly version: number;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly item_count: number;
  readonly current_tokens: number;
  readonly max_tokens: number;
  readonly truncation: Truncation;
  readonly created_at: string;
  readonly updated_at: string;
  readonly expires_at?: string;
  /** Of a change: how many items went to make room. Absent where none did. */
  readonly truncated?: number;
}

export interface Context extends ContextSummary {
  /** Oldest first. */
  readonly items: readonly ContextItem[];
}

export interface ContextPage {
  readonly contexts: readonly ContextSummary[];
  readonly next_cursor?: string;
}

export interface ContextMatch {
  readonly context_id: string;
  readonly item_id: string;
  readonly role: Role;
  /** The words around the match. */
  readonly snippet: string;
  /** 1 for the best match, less for the others. */
  readonly score: number;
}
