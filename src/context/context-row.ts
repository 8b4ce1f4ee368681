// A context as its table has it, and as the wire has it, in both encodings. Answers are put together from what is stored
// encoded, so that a context of many items is not decoded only to be encoded again.
import { contextShapes, encodeMsgpack, MsgpackWriter } from '@mcpw/protocol';

import type { ContextItem, ContextSummary, Role, Truncation } from './context.js';

export interface ContextRow {
  readonly row: number;
  readonly tenant: string;
  readonly id: string;
  name: string;
  readonly agent: string;
  version: number;
  item_count: number;
  current_tokens: number;
  readonly max_tokens: number;
  readonly truncation: Truncation;
  next_position: number;
  /** Items that are not of role system are live from this position on. */
  evicted_before: number;
  /** Items of role system are live from this position on. */
  replaced_before: number;
  readonly created_at: number;
  updated_at: number;
  readonly expires_at: number | null;
  /** JSON text. */
  metadata: string;
  /** The context without its items in MessagePack, as of its version. */
  packed: Uint8Array;
}

/** All but `packed`, which a change makes anew; in the order in which `contextOf` reads them. */
export const CONTEXT_COLUMNS = `row, tenant, id, name, agent, version, item_count, current_tokens, max_tokens, truncation, next_position,
  evicted_before, replaced_before, created_at, updated_at, expires_at, metadata`;

type Columns = readonly [
  ...[row: number, tenant: string, id: string, name: string, agent: string, version: number, itemCount: number, currentTokens: number],
  ...[maxTokens: number, truncation: Truncation, nextPosition: number, evictedBefore: number, replacedBefore: number, createdAt: number],
  ...[updatedAt: number, expiresAt: number | null, metadata: string],
];

const NOT_READ = new Uint8Array(0);

/** @param columns a row of {@link CONTEXT_COLUMNS} */
export function contextOf(columns: unknown): ContextRow {
  const c = columns as Columns;
  return {
    row: c[0],
    tenant: c[1],
    id: c[2],
    name: c[3],
    agent: c[4],
    version: c[5],
    item_count: c[6],
    current_tokens: c[7],
    max_tokens: c[8],
    truncation: c[9],
    next_position: c[10],
    evicted_before: c[11],
    replaced_before: c[12],
    created_at: c[13],
    updated_at: c[14],
    expires_at: c[15],
    metadata: c[16],
    packed: NOT_READ,
  };
}

export interface NewItem {
  readonly role: Role;
  readonly content: string;
  readonly tokens: number;
  /** JSON text. */
  readonly metadata?: string | undefined;
}

/** Times that were written last: a group of changes has one, and each is written in both encodings. */
const timestamps: { readonly atMs: number; readonly text: string }[] = [];
const KEPT_TIMESTAMPS = 64;

function timestamp(atMs: number): string {
  const kept = timestamps[atMs % KEPT_TIMESTAMPS];
  if (kept?.atMs === atMs) return kept.text;
  const text = new Date(atMs).toISOString();
  timestamps[atMs % KEPT_TIMESTAMPS] = { atMs, text };
  return text;
}

const itemId = (position: number): string => `i${position}`;

/** The position that an item's id names; undefined for what is no item id. */
export const positionOf = (id: string): number | undefined => (/^i\d{1,15}$/.test(id) ? Number(id.slice(1)) : undefined);

/** An item as the wire has it, in both encodings. */
export interface EncodedItem {
  readonly json: string;
  readonly packed: Uint8Array;
}

export function encodeItem(position: number, { role, content, tokens, metadata }: NewItem, createdAtMs: number): EncodedItem {
  const item: ContextItem = {
    ...{ id: itemId(position), role, content, tokens },
    ...(metadata !== undefined && { metadata: JSON.parse(metadata) as Record<string, unknown> }),
    created_at: timestamp(createdAtMs),
  };
  return { json: JSON.stringify(item), packed: encodeMsgpack(item) };
}

/** What the wire tells of a context that is neither its row nor encoded already. */
type Head = Omit<ContextRow, 'row' | 'packed' | 'next_position' | 'evicted_before' | 'replaced_before'>;

/** The context's members before and after its items, but for its metadata, which is stored encoded. */
function members(context: Head, truncated: number) {
  return {
    before: { id: context.id, name: context.name, tenant_id: context.tenant, agent_id: context.agent, version: context.version },
    after: {
      item_count: context.item_count,
      current_tokens: context.current_tokens,
      max_tokens: context.max_tokens,
      truncation: context.truncation,
      created_at: timestamp(context.created_at),
      updated_at: timestamp(context.updated_at),
      ...(context.expires_at !== null && { expires_at: timestamp(context.expires_at) }),
      ...(truncated > 0 && { truncated }),
    },
  };
}

/**
 * @param options.items JSON texts of items, oldest first, joined by commas; without it the context has no member `items`
 * @param options.truncated how many items went to make room
 */
export function contextJson(context: Head, { items, truncated = 0 }: { items?: string; truncated?: number } = {}): string {
  const { before, after } = members(context, truncated);
  const head = JSON.stringify(before).slice(0, -1);
  const tail = JSON.stringify(after).slice(1);
  return `${head},"metadata":${context.metadata},${items === undefined ? '' : `"items":[${items}],`}${tail}`;
}

const NO_METADATA: ContextSummary['metadata'] = {};

/** Written over each time; it stays as large as the largest metadata. */
const scratch = new MsgpackWriter();

/** The context without its items as MessagePack, in memory of its own. */
export function packContext(context: Head): Uint8Array {
  const { before, after } = members(context, 0);
  const metadata = context.metadata === '{}' ? NO_METADATA : (JSON.parse(context.metadata) as ContextSummary['metadata']);
  contextShapes.contextResult.write(scratch.begin(), { ...before, metadata, ...after });
  return new Uint8Array(scratch.bytes.subarray(scratch.messageStart, scratch.pos));
}
