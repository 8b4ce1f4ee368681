// Contexts in the embedded database: changes by the writer thread's programs, reads here or on the reader threads.
import { Inject, Injectable } from '@nestjs/common';

import { Clock } from '../extension/clock.js';
import { Failure } from '../extension/failure.js';
import { Database } from '../storage/database.js';
import { claimKey } from '../storage/recorded-answer.js';
import { decodeCursor, encodeCursor, orderParts } from './context-order.js';
import { newestItems, newestItemsPacked } from './context-page.js';
import { FEW, listContexts, type Shortcut, shortcuts } from './context-list.js';
import type { contextReads } from './context-reads.js';
import { CONTEXT_COLUMNS, contextJson, contextOf, type ContextRow } from './context-row.js';
import { contextSearch } from './context-search.js';
import type { ContextAuthor, ContextPatch, ContextQuery, ContextReader, ContextStore, NewContext } from './context-store.js';
import type { contextWrites } from './context-writes.js';
import { ceilingOf, type Context, type ContextMatch, type ContextSummary, type Truncation } from './context.js';
import { KeptPages, type PageForms, type PageKey } from './kept-pages.js';
import { ListedContexts } from './listed-contexts.js';
import { PackedContext } from './packed-context.js';
import { type PageReader, StoredContext } from './stored-context.js';
import { WrittenAnswer, type WrittenForms } from './written-answer.js';

type Writes = typeof contextWrites;

const LIVE = 'FROM context WHERE tenant = ? AND id = ? AND (expires_at IS NULL OR expires_at > ?)';
/** Of a context what a page of it is made of, in either encoding. */
const FIND: Readonly<Record<keyof PageForms, string>> = {
  text: `SELECT ${CONTEXT_COLUMNS} ${LIVE}`,
  packed: `SELECT row, evicted_before, replaced_before, expires_at, packed ${LIVE}`,
};
const FIND_CEILING = `SELECT max_tokens, truncation ${LIVE}`;
type PackedColumns = readonly [row: number, evictedBefore: number, replacedBefore: number, expiresAt: number | null, packed: Uint8Array];

@Injectable()
export class SqlContextStore implements ContextStore, PageReader {
  private readonly pages = new KeptPages();
  private readonly make: Readonly<{
    [F in keyof PageForms]: (columns: unknown, key: PageKey) => { page: PageForms[F]; expiresAt: number | null };
  }> = {
    text: (columns, { limit, before }) => {
      const context = contextOf(columns);
      return { page: contextJson(context, { items: newestItems(this.db, context, limit, before) }), expiresAt: context.expires_at };
    },
    packed: (columns, { limit, before }) => {
      const [row, evicted_before, replaced_before, expiresAt, packed] = columns as PackedColumns;
      const items = newestItemsPacked(this.db, { row, evicted_before, replaced_before }, limit, before);
      return { page: new PackedContext(packed, items), expiresAt };
    },
  };

  constructor(
    @Inject(Database) private readonly db: Database,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async create(author: ContextAuthor, context: NewContext): Promise<WrittenAnswer<Context>> {
    const written = this.db.write<Writes, 'context.create'>('context.create', { ...context, ...change(author, context.id) });
    return answer(author, await this.changed(author.tenant, context.id, written));
  }

  async update(author: ContextAuthor, id: string, patch: ContextPatch): Promise<WrittenAnswer<ContextSummary>> {
    const written = this.db.write<Writes, 'context.update'>('context.update', { ...patch, ...change(author, id) });
    return answer(author, await this.changed(author.tenant, id, written));
  }

  async delete(author: ContextAuthor, id: string, version?: number): Promise<WrittenAnswer<{ readonly deleted: true }>> {
    const written = this.db.write<Writes, 'context.delete'>('context.delete', { version, ...change(author, id) });
    return answer(author, await this.changed(author.tenant, id, written));
  }

  /** Also where the change failed: one whose writer was lost may have been made. */
  private async changed<T>(tenant: string, id: string, written: Promise<T>): Promise<T> {
    try {
      return await written;
    } finally {
      this.pages.forget(tenant, id);
    }
  }

  async get(tenant: string, id: string, limit: number, before?: number): Promise<Context> {
    return this.stored(tenant, id, limit, before).toJSON();
  }

  stored(tenant: string, id: string, limit: number, before = Number.MAX_SAFE_INTEGER): StoredContext {
    return new StoredContext(this, tenant, id, { limit, before });
  }

  read<F extends keyof PageForms>(tenant: string, id: string, key: PageKey, form: F): PageForms[F] {
    const now = this.clock.now();
    return (
      this.pages.find(tenant, id, key, form, now) ??
      this.db.snapshot(() => {
        const columns = this.db.prepareRows(FIND[form]).get(tenant, id, now);
        if (columns === undefined) throw Failure.notFound(`context ${id}`);
        const { page, expiresAt } = this.make[form](columns, key);
        return this.pages.keep([tenant, id, expiresAt], key, form, page);
      })
    );
  }

  ceiling(tenant: string, id: string): number {
    const columns = this.db.prepareRows(FIND_CEILING).get(tenant, id, this.clock.now());
    if (columns === undefined) return Infinity;
    const [maxTokens, truncation] = columns as unknown as [number, Truncation];
    return ceilingOf(maxTokens, truncation);
  }

  async list({ tenant, signal }: ContextReader, { agent, namePrefix, order, limit, cursor }: ContextQuery): Promise<ListedContexts> {
    const parts = orderParts(order);
    const after = cursor === undefined ? undefined : decodeCursor(parts, cursor);
    const reader = { tenant, signal };
    const filters = { agent, namePrefix };
    let by: Shortcut['index'] | undefined;
    for (const { index, count } of shortcuts(parts, tenant, filters)) {
      const [fitting] = await this.db.query<{ count: number }>(count.sql, count.params, reader);
      if ((fitting?.count ?? 0) <= FEW) by = index;
    }
    const { sql, params } = listContexts(parts, { tenant, now: this.clock.now(), filters, limit, after, by });
    const rows = await this.db.query<ContextRow & { candidates: number }>(sql, params, reader);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const hasMore = last !== undefined && last.candidates > page.length;
    return new ListedContexts(page, hasMore ? encodeCursor(parts, { value: last[parts.column], row: last.row }) : undefined);
  }

  async search({ tenant, signal }: ContextReader, query: string, limit: number): Promise<readonly ContextMatch[]> {
    const args = { tenant, ...contextSearch(tenant, query), limit, now: this.clock.now() };
    return this.db.read<typeof contextReads, 'context.search'>('context.search', args, { tenant, signal });
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
