// The changes of contexts, as programs of the writer thread. Each answers as the wire does, in both encodings, and publishes its
// event in the same transaction. What was counted, encoded and checked without the database comes from the service.
import { encodeMsgpack, PackedArray } from '@mcpw/protocol';

import { Failure } from '../extension/failure.js';
import { type ClaimKey, recordAnswer } from '../storage/recorded-answer.js';
import type { WriteContext, WritePrograms } from '../storage/write-program.js';
import { appendItems, rememberTrash, replaceItems } from './context-items.js';
import { CONTEXT_COLUMNS, contextJson, contextOf, type ContextRow, type NewItem, packContext } from './context-row.js';
import { sweepContexts } from './context-sweep.js';
import type { Truncation } from './context.js';
import { MAX_METADATA_BYTES, patchMetadata, tooLarge } from './metadata.js';
import { PackedContext } from './packed-context.js';
import type { WrittenForms } from './written-answer.js';

/** What every change says: whose, which, by whom, and the claim that its answer is recorded for. */
interface ContextChange {
  readonly tenant: string;
  readonly id: string;
  /** The principal who makes the change. */
  readonly agent: string;
  readonly once?: ClaimKey | undefined;
}

export interface CreateContext extends ContextChange {
  readonly name: string;
  /** JSON text. */
  readonly metadata: string;
  readonly maxTokens: number;
  readonly truncation: Truncation;
  readonly ttlMs?: number | undefined;
  readonly items: readonly NewItem[];
}

export interface UpdateContext extends ContextChange {
  /** The version that the change is made for; without it any. */
  readonly version?: number | undefined;
  readonly name?: string | undefined;
  /** JSON text of a JSON Merge Patch. */
  readonly metadataPatch?: string | undefined;
  readonly items: readonly NewItem[];
  /** Whether the items take the place of all that are there, or come after them. */
  readonly isReplacement: boolean;
}

export interface DeleteContext extends ContextChange {
  readonly version?: number | undefined;
}

export const contextWrites = {
  'context.create': (tx: WriteContext, args: CreateContext): WrittenForms => {
    const { tenant, id, agent, name, metadata, maxTokens, truncation, ttlMs, items, once } = args;
    makeWayFor(tx, tenant, id);
    const draft: Omit<ContextRow, 'row'> = {
      ...{ tenant, id, name, agent, version: 1, item_count: 0, current_tokens: 0, max_tokens: maxTokens, truncation, metadata },
      ...{ next_position: 1, evicted_before: 1, replaced_before: 1 },
      ...{ created_at: tx.now, updated_at: tx.now, expires_at: ttlMs === undefined ? null : tx.now + ttlMs, packed: NOT_YET },
    };
    const context: ContextRow = { ...draft, row: insertContext(tx, draft) };
    const { added, truncated } = appendItems(tx, context, items);
    saveContext(tx, context);
    announce(tx, 'context.created', context, agent);
    const page = new PackedArray(
      added.length,
      added.map(({ packed }) => packed),
    );
    return answered(tx, once, {
      json: contextJson(context, { items: added.map(({ json }) => json).join(','), truncated }),
      packed: new PackedContext(context.packed, page, truncated).join(),
    });
  },

  'context.update': (tx: WriteContext, args: UpdateContext): WrittenForms => {
    const { tenant, id, agent, version, name, metadataPatch, items, isReplacement, once } = args;
    const context = liveContext(tx, tenant, id, version);
    if (name !== undefined) context.name = name;
    if (metadataPatch !== undefined) context.metadata = patchedMetadata(context.metadata, metadataPatch);
    if (isReplacement) replaceItems(tx, context);
    const { truncated } = appendItems(tx, context, items);
    context.version++;
    context.updated_at = tx.now;
    saveContext(tx, context);
    announce(tx, 'context.updated', context, agent);
    return answered(tx, once, {
      json: contextJson(context, { truncated }),
      packed: truncated === 0 ? context.packed : new PackedContext(context.packed, undefined, truncated).join(),
    });
  },

  'context.delete': (tx: WriteContext, { tenant, id, agent, version, once }: DeleteContext): WrittenForms => {
    const context = liveContext(tx, tenant, id, version);
    deleteContext(tx, context);
    announce(tx, 'context.deleted', context, agent);
    return answered(tx, once, DELETED);
  },

  /** A bounded step of removing what has expired and what was left behind. @returns whether there is more to do */
  'context.sweep': (tx: WriteContext): boolean => sweepContexts(tx, (context) => expire(tx, context)),
} satisfies WritePrograms;

const NOT_YET = new Uint8Array(0);
const DELETED: WrittenForms = { json: '{"deleted":true}', packed: Uint8Array.from(encodeMsgpack({ deleted: true })) };

const FIND_CONTEXT = `SELECT ${CONTEXT_COLUMNS} FROM context WHERE tenant = ? AND id = ?`;

const isExpired = (tx: WriteContext, { expires_at }: ContextRow): boolean => expires_at !== null && expires_at <= tx.now;

function findContext(tx: WriteContext, tenant: string, id: string): ContextRow | undefined {
  const columns = tx.prepareRows(FIND_CONTEXT).get(tenant, id);
  return columns === undefined ? undefined : contextOf(columns);
}

function liveContext(tx: WriteContext, tenant: string, id: string, version: number | undefined): ContextRow {
  const context = findContext(tx, tenant, id);
  if (!context || isExpired(tx, context)) throw Failure.notFound(`context ${id}`);
  if (version === undefined || version === context.version) return context;
  throw new Failure('conflict', `context ${id} is at version ${context.version}, not ${version}`, { current_version: context.version });
}

/** An id is free when no context has it, or one that has expired and was not swept yet. */
function makeWayFor(tx: WriteContext, tenant: string, id: string): void {
  const context = findContext(tx, tenant, id);
  if (!context) return;
  if (!isExpired(tx, context)) throw new Failure('conflict', `context ${id} exists already`, { current_version: context.version });
  expire(tx, context);
}

function insertContext(tx: WriteContext, draft: Omit<ContextRow, 'row'>): number {
  const { lastInsertRowid } = tx
    .prepare(
      `INSERT INTO context (tenant, id, name, agent, version, item_count, current_tokens, max_tokens, truncation,
         next_position, evicted_before, replaced_before, created_at, updated_at, expires_at, metadata, packed)
       VALUES (:tenant, :id, :name, :agent, :version, :item_count, :current_tokens, :max_tokens, :truncation,
         :next_position, :evicted_before, :replaced_before, :created_at, :updated_at, :expires_at, :metadata, :packed)`,
    )
    .run(draft);
  return Number(lastInsertRowid);
}

function saveContext(tx: WriteContext, context: ContextRow): void {
  context.packed = packContext(context);
  tx.prepare(
    `UPDATE context SET name = ?, version = ?, item_count = ?, current_tokens = ?, next_position = ?, evicted_before = ?,
       replaced_before = ?, updated_at = ?, metadata = ?, packed = ? WHERE row = ?`,
  ).run(
    ...[context.name, context.version, context.item_count, context.current_tokens, context.next_position, context.evicted_before],
    ...[context.replaced_before, context.updated_at, context.metadata, context.packed, context.row],
  );
}

/** The context is gone at once, its items with it; the sweeper removes their rows. */
function deleteContext(tx: WriteContext, context: ContextRow): void {
  tx.prepare('DELETE FROM context WHERE row = ?').run(context.row);
  rememberTrash(tx, { ...context, evicted_before: context.next_position, replaced_before: context.next_position });
}

function expire(tx: WriteContext, context: ContextRow): void {
  deleteContext(tx, context);
  announce(tx, 'context.deleted', context, context.agent);
}

function patchedMetadata(metadata: string, patch: string): string {
  const patched = patchMetadata(metadata, patch);
  const bytes = Buffer.byteLength(patched);
  if (bytes > MAX_METADATA_BYTES) throw Failure.invalidParams([tooLarge('/metadata', bytes, MAX_METADATA_BYTES)]);
  return patched;
}

function announce(tx: WriteContext, event: string, { tenant, id, version }: ContextRow, agent: string): void {
  tx.publish({ tenant, event, data: { context_id: id, version, agent_id: agent } });
}

function answered(tx: WriteContext, once: ClaimKey | undefined, answer: WrittenForms): WrittenForms {
  if (once) recordAnswer(tx, once, answer.json);
  return answer;
}
