// Pages of contexts as they were encoded, for those who ask for the same again: a context that many agents follow is read more
// often than it changes. Who changes a context forgets it here before the change is answered, and its time to live is looked at
// by each reader: so nothing is asked of the database for what is kept.
import type { PackedContext } from './packed-context.js';

/** Of all pages together, and of one. */
const MOST_BYTES = 8_388_608;
const MOST_BYTES_OF_ONE = 262_144;
/** What a page takes beside its bytes. */
const BYTES_OF_A_PAGE = 512;
/** Of one context: most who read it ask for the same. */
const MOST_PAGES = 8;

/** Which items a page has. */
export interface PageKey {
  readonly limit: number;
  /** Position that all items are before. */
  readonly before: number;
}

/** A page in the encodings that answers are made of. */
export interface PageForms {
  /** JSON text. */
  text: string;
  packed: PackedContext;
}

interface KeptContext {
  readonly expiresAt: number | null;
  readonly pages: { readonly key: PageKey; readonly forms: Partial<PageForms> }[];
  bytes: number;
}

export class KeptPages {
  /** By tenant and id, in the order of their last use. */
  private readonly contexts = new Map<string, KeptContext>();
  private bytes = 0;

  /** @param now milliseconds since the Unix epoch */
  find<F extends keyof PageForms>(tenant: string, id: string, key: PageKey, form: F, now: number): PageForms[F] | undefined {
    const name = nameOf(tenant, id);
    const context = this.contexts.get(name);
    if (context === undefined || (context.expiresAt !== null && context.expiresAt <= now)) return undefined;
    const kept = formsOf(context, key)?.[form];
    if (kept === undefined) return undefined;
    this.contexts.delete(name);
    this.contexts.set(name, context);
    return kept;
  }

  /** Keeps what was not found, unless it is very large. @returns the page */
  keep<F extends keyof PageForms>(
    [tenant, id, expiresAt]: readonly [tenant: string, id: string, expiresAt: number | null],
    key: PageKey,
    form: F,
    page: PageForms[F],
  ): PageForms[F] {
    if (page.length > MOST_BYTES_OF_ONE) return page;
    const name = nameOf(tenant, id);
    let context = this.contexts.get(name);
    if (context === undefined) this.contexts.set(name, (context = { expiresAt, pages: [], bytes: 0 }));
    const forms = formsOf(context, key);
    if (forms !== undefined) forms[form] = page;
    else if (context.pages.length < MOST_PAGES) context.pages.push({ key, forms: { [form]: page } });
    else return page;
    const bytes = page.length + BYTES_OF_A_PAGE;
    context.bytes += bytes;
    this.bytes += bytes;
    this.makeRoom();
    return page;
  }

  /** The context is not as it was any more, or not there. */
  forget(tenant: string, id: string): void {
    const name = nameOf(tenant, id);
    this.bytes -= this.contexts.get(name)?.bytes ?? 0;
    this.contexts.delete(name);
  }

  /** Bytes, or characters, that are kept now. */
  get size(): number {
    return this.bytes;
  }

  private makeRoom(): void {
    for (const [oldest, { bytes }] of this.contexts) {
      if (this.bytes <= MOST_BYTES) return;
      this.contexts.delete(oldest);
      this.bytes -= bytes;
    }
  }
}

/** No tenant's name has a line feed in it. */
const nameOf = (tenant: string, id: string): string => `${tenant}\n${id}`;

function formsOf({ pages }: KeptContext, { limit, before }: PageKey): Partial<PageForms> | undefined {
  for (const { key, forms } of pages) if (key.limit === limit && key.before === before) return forms;
  return undefined;
}
