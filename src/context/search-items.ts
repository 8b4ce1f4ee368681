// The search of items, within bounds whatever is stored and asked. FTS5 says which items have all the words; phrases, ranks and
// snippets are made here, item by item: its own take time that rises with the square of how often a word occurs (snippet), count
// what is everybody's (bm25) or look through all items without a stop (phrases).
import { Failure } from '../extension/failure.js';
import type { ReadContext } from '../storage/read-program.js';
import type { ContextSearch } from './context-search.js';
import type { ContextMatch, Role } from './context.js';
import { snippetOf } from './snippet.js';
import { WordFinder } from './word-finder.js';

export interface SearchItems extends ContextSearch {
  readonly tenant: string;
  readonly limit: number;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** Of the newest matches so many are ranked, or so many bytes of them where they are large. */
const RANKED_ITEMS = 1_000;
/** With phrases fewer, for each candidate's text is read. */
const RANKED_WITH_PHRASES = 200;
const RANKED_BYTES = 16 * 1024 * 1024;
/** Characters of an item that are looked at for its rank, and of all that are shown, together, for their snippets. */
const RANKED_CHARACTERS = 2_048;
const SNIPPET_CHARACTERS = 2 * 1024 * 1024;
/** Items whose texts are looked through for phrases together. */
const GROUP_ITEMS = 64;
const GROUP_BYTES = 65_536;
/** Occurrences in the index of all words together that begin as the query's do: they are gathered before a row is seen. */
const MAX_PREFIX_HITS = 2_000_000;

const INSTEAD = 'search for rarer words';

/** Newest first. Whether an item is live is a column, so that every row is one at which time can be up. */
const MATCHING = `
  SELECT i.row AS row, i.bytes AS bytes, c.tenant = ? AND (c.expires_at IS NULL OR c.expires_at > ?)
    AND (i.position >= c.evicted_before OR (i.is_system = 1 AND i.position >= c.replaced_before)) AS is_live
  FROM context_search
  CROSS JOIN context_item i ON i.row = context_search.rowid
  CROSS JOIN context c ON c.row = i.context
  WHERE context_search MATCH ? ORDER BY context_search.rowid DESC`;
const TEXT = `SELECT json ->> '$.content' AS text FROM context_item WHERE row = ?`;
const TEXT_START = `SELECT substr(json ->> '$.content', 1, ?) AS text FROM context_item WHERE row = ?`;
const SHOWN = `
  SELECT c.id AS context_id, i.json ->> '$.id' AS item_id, i.json ->> '$.role' AS role, substr(i.json ->> '$.content', 1, ?) AS text
  FROM context_item i JOIN context c ON c.row = i.context WHERE i.row = ?`;

/** Texts to be taken to words as the index takes them, and to be looked for phrases in. */
const SCRATCH = [
  `CREATE VIRTUAL TABLE IF NOT EXISTS temp.scratch USING fts5 (text, content = '', tokenize = 'porter unicode61 remove_diacritics 2')`,
  'CREATE VIRTUAL TABLE IF NOT EXISTS temp.scratch_word USING fts5vocab (temp, scratch, instance)',
  'CREATE VIRTUAL TABLE IF NOT EXISTS temp.index_word USING fts5vocab (main, context_search, row)',
] as const;
const ADD_SCRATCH = 'INSERT INTO temp.scratch (rowid, text) VALUES (?, ?)';
const CLEAR_SCRATCH = `INSERT INTO temp.scratch (scratch) VALUES ('delete-all')`;

const WORDS_OF_PREFIX = 'SELECT cnt FROM temp.index_word WHERE term >= ? AND term <= ?';

interface Candidate {
  readonly row: number;
  readonly bytes: number;
  readonly is_live: 0 | 1;
}

interface Shown {
  readonly context_id: string;
  readonly item_id: string;
  readonly role: Role;
  readonly text: string;
}

/** A program of the reader thread. @throws Failure timed_out */
export function searchItems(reader: ReadContext, search: SearchItems): ContextMatch[] {
  for (const sql of SCRATCH) reader.prepare(sql).run();
  const stems = stemsOf(reader, search);
  checkPrefixes(reader, stems);
  const finder = new WordFinder(stems.map(({ stem }) => stem));
  const ranked = newestMatches(reader, search)
    .map((row) => ({ row, rank: rankOf(reader, row, finder) }))
    .sort((a, b) => b.rank - a.rank)
    .slice(0, search.limit);
  const best = ranked[0]?.rank ?? 1;
  const characters = Math.floor(SNIPPET_CHARACTERS / Math.max(1, ranked.length));
  return ranked.map(({ row, rank }) => {
    reader.checkTime(INSTEAD);
    const { text, ...match } = reader.prepare(SHOWN).get(characters, row) as unknown as Shown;
    return { ...match, snippet: snippetOf(text, finder.bestPlace(text)), score: rank / best };
  });
}

interface Stem {
  readonly stem: string;
  readonly isPrefix: boolean;
}

/** The words as the index has them: without case, accents and ending. */
function stemsOf(reader: ReadContext, { words }: SearchItems): Stem[] {
  reader.prepare(CLEAR_SCRATCH).run();
  words.forEach(({ word }, i) => reader.prepare(ADD_SCRATCH).run(i, word));
  const stems = reader.prepare('SELECT doc, term FROM temp.scratch_word').all() as { doc: number; term: string }[];
  return stems.map(({ doc, term }) => ({ stem: term, isPrefix: words[doc]?.isPrefix === true }));
}

function checkPrefixes(reader: ReadContext, stems: readonly Stem[]): void {
  let hits = 0;
  for (const { stem } of stems.filter(({ isPrefix }) => isPrefix)) {
    for (const { cnt } of reader.prepare(WORDS_OF_PREFIX).iterate(stem, `${stem}\u{10ffff}`) as Iterable<{ cnt: number }>) {
      reader.checkTime(INSTEAD);
      if ((hits += cnt) > MAX_PREFIX_HITS) throw new Failure('timed_out', `too much begins with ${stem}: give more letters before "*"`);
    }
  }
}

/** Rows of live items that match: the newest, no more than are ranked. */
function newestMatches(reader: ReadContext, search: SearchItems): number[] {
  const { allWords, phrases, tenant, now, limit } = search;
  const rows: number[] = [];
  let used = 0;
  const most = phrases === undefined ? RANKED_ITEMS : RANKED_WITH_PHRASES;
  const candidates = liveItems(reader.prepare(MATCHING).iterate(tenant, now, allWords) as Iterable<Candidate>, reader);
  for (const { row, bytes } of phrases === undefined ? candidates : havingPhrases(reader, candidates, phrases)) {
    rows.push(row);
    used += bytes;
    if (rows.length === most || (used > RANKED_BYTES && rows.length >= limit)) break;
  }
  return rows;
}

function* liveItems(candidates: Iterable<Candidate>, reader: ReadContext): Iterable<Candidate> {
  for (const candidate of candidates) {
    reader.checkTime(INSTEAD);
    if (candidate.is_live === 1) yield candidate;
  }
}

/** Those of them in which the words also follow one another. Looked at together, for 1 KB took 45 µs so, and 135 by itself. */
function* havingPhrases(reader: ReadContext, candidates: Iterable<Candidate>, phrases: string): Iterable<Candidate> {
  let group: Candidate[] = [];
  let bytes = 0;
  for (const candidate of candidates) {
    group.push(candidate);
    bytes += candidate.bytes;
    if (group.length < GROUP_ITEMS && bytes < GROUP_BYTES) continue;
    yield* phrasesOf(reader, group, phrases);
    group = [];
    bytes = 0;
  }
  yield* phrasesOf(reader, group, phrases);
}

function phrasesOf(reader: ReadContext, group: readonly Candidate[], phrases: string): Candidate[] {
  reader.prepare(CLEAR_SCRATCH).run();
  for (const { row } of group) {
    reader.checkTime(INSTEAD);
    const { text } = reader.prepare(TEXT).get(row) as { text: string };
    reader.prepare(ADD_SCRATCH).run(row, text);
  }
  const found = reader.prepare('SELECT rowid AS row FROM temp.scratch WHERE scratch MATCH ?').all(phrases) as { row: number }[];
  const rows = new Set(found.map(({ row }) => row));
  return group.filter(({ row }) => rows.has(row));
}

function rankOf(reader: ReadContext, row: number, finder: WordFinder): number {
  reader.checkTime(INSTEAD);
  const { text } = reader.prepare(TEXT_START).get(RANKED_CHARACTERS, row) as { text: string };
  return finder.rank(text);
}
