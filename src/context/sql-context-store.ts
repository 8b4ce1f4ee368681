// Contexts in the embedded database: changes by the writer thread's programs, reads here or on the reader thread.
import { Inject, Injectable } from '@nestjs/common';

import { Clock } from '../extension/clock.js';
import { Failure } from '../extension/failure.js';
import { Database } from '../storage/database.js';
import { claimKey } from '../storage/recorded-answer.js';
import { decodeCursor, encodeCursor, orderParts } from './context-order.js';
import { newestItems, newestItemsPacked } from './context-page.js';
import { listContexts, SEARCH_ITEMS } from './context-reads.js';
import { contextJson, type ContextRow } from './context-row.js';
import { searchQuery } from './context-search.js';
import type { ContextAuthor, ContextPatch, ContextQuery, ContextStore, NewContext } from './context-store.js';
import type { contextWrites } from './context-writes.js';
import type { Context, ContextMatch, ContextSummary } from './context.js';
import { KeptAnswers } from './kept-answers.js';
import { ListedContexts } from './listed-contexts.js';
import { PackedContext } from './packed-context.js';
import { StoredContext } from './stored-context.js';
import { WrittenAnswer, type WrittenForms } from './written-answer.js';

type Writes = typeof contextWrites;

const FIND_CONTEXT = 'SELECT * FROM context WHERE tenant = ? AND id = ? AND (expires_at IS NULL OR expires_at > ?)';
/** Enough to know a kept answer again. */
const FIND_VERSION = 'SELECT row, version FROM context WHERE tenant = ? AND id = ? AND (expires_at IS NULL OR expires_at > ?)';

type ContextVersion = Pick<ContextRow, 'row' | 'version'>;

@Injectable()
export class SqlContextStore implements ContextStore {
  private readonly texts = new KeptAnswers<string>();
  private readonly packed = new KeptAnswers<PackedContext>();

  constructor(
    @Inject(Database) private readonly db: Database,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async create(author: ContextAuthor, context: NewContext): Promise<WrittenAnswer<Context>> {
    return answer(author, await this.db.write<Writes, 'context.create'>('context.create', { ...context, ...change(author, context.id) }));
  }

  async update(author: ContextAuthor, id: string, patch: ContextPatch): Promise<WrittenAnswer<ContextSummary>> {
    return answer(author, await this.db.write<Writes, 'context.update'>('context.update', { ...patch, ...change(author, id) }));
  }

  async delete(author: ContextAuthor, id: string, version?: number): Promise<WrittenAnswer<{ readonly deleted: true }>> {
    return answer(author, await this.db.write<Writes, 'context.delete'>('context.delete', { version, ...change(author, id) }));
  }

  async get(tenant: string, id: string, limit: number, before?: number): Promise<Context> {
    return this.stored(tenant, id, limit, before).toJSON();
  }

  stored(tenant: string, id: string, limit: number, before = Number.MAX_SAFE_INTEGER): StoredContext {
    const keyOf = ({ row, version }: ContextVersion): string => `${row} ${version} ${limit} ${before}`;
    const read = <T extends string | PackedContext>(kept: KeptAnswers<T>, make: (context: ContextRow) => T): T =>
      kept.find(keyOf(this.find(FIND_VERSION, tenant, id))) ??
      this.db.snapshot(() => {
        const context = this.find(FIND_CONTEXT, tenant, id) as ContextRow;
        return kept.keep(keyOf(context), make(context));
      });
    return new StoredContext(
      () => read(this.texts, (context) => contextJson(context, { items: newestItems(this.db, context, limit, before) })),
      () => read(this.packed, (context) => new PackedContext(context.packed, newestItemsPacked(this.db, context, limit, before))),
    );
  }

  /** @throws Failure not_found */
  private find(sql: string, tenant: string, id: string): ContextVersion {
    const context = this.db.prepare(sql).get(tenant, id, this.clock.now()) as unknown as ContextVersion | undefined;
    if (context === undefined) throw Failure.notFound(`context ${id}`);
    return context;
  }

  async list(tenant: string, { agent, namePrefix, order, limit, cursor }: ContextQuery): Promise<ListedContexts> {
    const parts = orderParts(order);
    const after = cursor === undefined ? undefined : decodeCursor(parts, cursor);
    const sql = listContexts(parts, { agent: agent !== undefined, namePrefix: namePrefix !== undefined, cursor: after !== undefined });
    const rows = await this.db.query<ContextRow & { candidates: number }>(sql, [
      ...[tenant, this.clock.now()],
      ...(agent === undefined ? [] : [agent]),
      ...(namePrefix === undefined ? [] : [namePrefix, namePrefix]),
      ...(after === undefined ? [] : [after.value, after.row]),
      limit + 1,
    ]);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const hasMore = last !== undefined && last.candidates > page.length;
    return new ListedContexts(page, hasMore ? encodeCursor(parts, { value: last[parts.column], row: last.row }) : undefined);
  }

  async search(tenant: string, query: string, limit: number): Promise<readonly ContextMatch[]> {
    const found = await this.db.query<Omit<ContextMatch, 'score'> & { rank: number }>(SEARCH_ITEMS, [
      ...[searchQuery(tenant, query), tenant, this.clock.now(), limit],
    ]);
    // FTS5 ranks below zero, the best lowest, by how rare words are over all tenants: only how matches compare is told.
    const best = found[0]?.rank ?? -1;
    return found.map(({ rank, ...match }) => ({ ...match, score: best === 0 ? 1 : rank / best }));
  }

  sweep(): Promise<boolean> {
    return this.db.write<Writes, 'context.sweep'>('context.sweep', undefined);
  }
}

const change = ({ tenant, agent, once }: ContextAuthor, id: string) => ({ tenant, agent, id, ...(once && { once: claimKey(once) }) });

/** What the program has encoded, once it is committed, and with it the record of a claim. */
function answer<T>({ once }: ContextAuthor, written: WrittenForms): WrittenAnswer<T> {
  if (once) once.recorded = true;
  return new WrittenAnswer<T>(written);
}
