// The full-text index of items: what is put in, what is taken out, and how a caller's words become a query of it.
// A query never has FTS5's own syntax in it but what is written here.
import { Failure } from '../extension/failure.js';
import type { WriteContext } from '../storage/write-program.js';

const MAX_TERMS = 32;

/**
 * The tenant as a word of the index: every query asks for it too, so that a search meets only the tenant's own items.
 * Letters and digits alone, so that the tokenizer keeps it whole; the digit at its end keeps the stemmer off.
 */
const ownerWord = (tenant: string): string => `t${Buffer.from(tenant).toString('hex')}0`;

export function indexItem(tx: WriteContext, row: number | bigint, tenant: string, content: string): void {
  tx.beforeCommit(() => {
    tx.prepare('INSERT INTO context_search (rowid, owner, content) VALUES (?, ?, ?)').run(row, ownerWord(tenant), content);
  });
}

/** `content` must be what was indexed: the index does not keep the text, and finds its words to forget them. */
export function forgetItem(tx: WriteContext, row: number | bigint, tenant: string, content: string): void {
  tx.beforeCommit(() => {
    const forget = tx.prepare(`INSERT INTO context_search (context_search, rowid, owner, content) VALUES ('delete', ?, ?, ?)`);
    forget.run(row, ownerWord(tenant), content);
  });
}

/**
 * Every word must occur; `"some words"` must occur in this order; `word*` stands for all words that begin so. Case, accents
 * and all that is neither letter nor digit do not matter.
 * @returns a query in FTS5's syntax
 * @throws Failure invalid_params when nothing can be searched for, or there is too much
 */
export function searchQuery(tenant: string, query: string): string {
  const terms = [...query.matchAll(/"([^"]*)"|([^\s"]+)/g)]
    .map(([, phrase, word]) => termOf(phrase ?? word ?? ''))
    .filter((term) => term !== '');
  if (terms.length === 0) throw Failure.invalidParams([{ path: '/query', message: 'has no word to search for' }]);
  if (terms.length > MAX_TERMS)
    throw Failure.invalidParams([{ path: '/query', message: `has ${terms.length} words, more than ${MAX_TERMS}` }]);
  return `owner : "${ownerWord(tenant)}" AND content : (${terms.join(' AND ')})`;
}

function termOf(text: string): string {
  const words = text.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu);
  if (!words) return '';
  return `"${words.join(' ')}"${text.endsWith('*') ? ' *' : ''}`;
}
