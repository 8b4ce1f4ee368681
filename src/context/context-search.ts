// The full-text index of items: what is put in, what is taken out, and how a caller's words become a query of it. Not how it is
// asked: search-items.ts.
// A query never has FTS5's own syntax in it but what is written here.
import { Failure } from '../extension/failure.js';
import type { WriteContext } from '../storage/write-program.js';
import { WORD } from './word.js';

const MAX_WORDS = 32;

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

/** What is searched for, in parts that are cheap to look for by themselves. FTS5's syntax, but for the words. */
export interface ContextSearch {
  /** Every word, for the index: an item that matches has them all. */
  readonly allWords: string;
  /** Words that must follow one another, for the text of an item that has them all; undefined where there are none. */
  readonly phrases: string | undefined;
  /** Each once. */
  readonly words: readonly SearchedWord[];
}

export interface SearchedWord {
  readonly word: string;
  /** Whether it stands for all words that begin so. */
  readonly isPrefix: boolean;
}

/**
 * Every word must occur; `"some words"` must occur in this order; `word*` stands for all words that begin so. Case, accents
 * and all that is neither letter nor digit do not matter.
 * @throws Failure invalid_params when nothing can be searched for, or there is too much
 */
export function contextSearch(tenant: string, query: string): ContextSearch {
  const terms = [...query.matchAll(/"([^"]*)"|([^\s"]+)/g)].map(([, phrase, word]) => wordsOf(phrase ?? word ?? ''));
  const all = terms.flat();
  if (all.length === 0) throw Failure.invalidParams([{ path: '/query', message: 'has no word to search for' }]);
  if (all.length > MAX_WORDS) throw Failure.invalidParams([{ path: '/query', message: `has ${all.length} words, more than ${MAX_WORDS}` }]);
  const words = new Map(all.map((word) => [phraseOf([word]), word]));
  const phrases = new Set(terms.filter(({ length }) => length > 1).map(phraseOf));
  return {
    allWords: `owner : "${ownerWord(tenant)}" AND content : (${[...words.keys()].join(' AND ')})`,
    phrases: phrases.size === 0 ? undefined : [...phrases].join(' AND '),
    words: [...words.values()],
  };
}

function wordsOf(text: string): SearchedWord[] {
  const words = text.toLowerCase().match(WORD) ?? [];
  return words.map((word, i) => ({ word, isPrefix: i === words.length - 1 && text.endsWith('*') }));
}

const phraseOf = (words: readonly SearchedWord[]): string =>
  `"${words.map(({ word }) => word).join(' ')}"${words.at(-1)?.isPrefix === true ? ' *' : ''}`;
