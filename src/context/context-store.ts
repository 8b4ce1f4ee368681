// The port to where contexts are kept. What it answers is encoded, and says itself what it is as an object (`toJSON`). Every method is of one tenant; another tenant's context is as if it were not there.
import type { Encoded } from '@mcpw/protocol';

import type { OnceClaim } from '../extension/caller.js';
import type { ContextOrder } from './context-order.js';
import type { NewItem } from './context-row.js';
import type { Context, ContextMatch, ContextSummary, Truncation } from './context.js';
import type { ListedContexts } from './listed-contexts.js';
import type { WrittenAnswer } from './written-answer.js';

/** Who makes a change, and the claim to record its answer for (`recorded` is set where that is done). */
export interface ContextAuthor {
  readonly tenant: string;
  /** The principal's id. */
  readonly agent: string;
  readonly once?: OnceClaim | undefined;
}

/** Who waits for a read that may take long. */
export interface ContextReader {
  readonly tenant: string;
  /** Aborted when they wait no longer; its reason is a `Failure`. */
  readonly signal?: AbortSignal | undefined;
}

export interface NewContext {
  readonly id: string;
  readonly name: string;
  /** JSON text. */
  readonly metadata: string;
  readonly maxTokens: number;
  readonly truncation: Truncation;
  readonly ttlMs?: number | undefined;
  readonly items: readonly NewItem[];
}

export interface ContextPatch {
  /** The version that the change is made for; without it any. */
  readonly version?: number | undefined;
  readonly name?: string | undefined;
  /** JSON text of a JSON Merge Patch. */
  readonly metadataPatch?: string | undefined;
  readonly items: readonly NewItem[];
  /** Whether the items take the place of all that are there, or come after them. */
  readonly isReplacement: boolean;
}

export interface ContextQuery {
  readonly agent?: string | undefined;
  readonly namePrefix?: string | undefined;
  readonly order: ContextOrder;
  readonly limit: number;
  /** A `next_cursor` of the same order. */
  readonly cursor?: string | undefined;
}

export interface ContextStore {
  /** @throws Failure conflict where the tenant has a context of this id, context_too_large */
  create(author: ContextAuthor, context: NewContext): Promise<WrittenAnswer<Context>>;
  /**
   * The context with its newest items, at most `limit`, and fewer where they would be very large together.
   * @param before position: only items before it
   * @throws Failure not_found
   */
  get(tenant: string, id: string, limit: number, before?: number): Promise<Context>;
  /** What `get` resolves to, for the wire: read when it is encoded, in the form that the encoding splices in, and refused then. */
  stored(tenant: string, id: string, limit: number, before?: number): Encoded;
  /**
   * Tokens past which the items of a change cannot be taken, whatever else the context holds: `max_tokens`, or Infinity where the
   * oldest go instead. It stays as it is for as long as the context is there. Of one that is not there it is Infinity too, for it may be
   * on its way: the change itself says what is missing.
   */
  ceiling(tenant: string, id: string): number;
  /** @throws Failure not_found, conflict with `current_version`, context_too_large, invalid_params for metadata that grew too large */
  update(author: ContextAuthor, id: string, patch: ContextPatch): Promise<WrittenAnswer<ContextSummary>>;
  /** @throws Failure not_found, conflict with `current_version` */
  delete(author: ContextAuthor, id: string, version?: number): Promise<WrittenAnswer<{ readonly deleted: true }>>;
  /** @throws Failure invalid_params for a cursor that is not one of this order's; timed_out where very many fit and come late in the order */
  list(reader: ContextReader, query: ContextQuery): Promise<ListedContexts>;
  /**
   * Best matches first, of the newest thousand, with phrases of the newest 200.
   * @throws Failure invalid_params for a query without words, or with too many; timed_out where it would take too long
   */
  search(reader: ContextReader, query: string, limit: number): Promise<readonly ContextMatch[]>;
  /** Does a bounded part of removing what has expired or was left behind. Resolves to whether there is more to do. */
  sweep(): Promise<boolean>;
}
export const ContextStore = Symbol('ContextStore');
