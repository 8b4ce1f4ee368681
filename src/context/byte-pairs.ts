// How many tokens of o200k_base a word is: byte pair encoding as tiktoken does it. Not how a text is split into words:
// token-count.ts. The package that the vocabulary is of does the same, but takes several times as long, and moves what it remembers
// within a Map at each use: V8's look-ups pass all that was moved, so that one word over and over took a minute a megabyte.
import vocabulary from 'gpt-tokenizer/bpeRanks/o200k_base';

/** Code units of UTF-16 that a word may have: merging takes time with the square of its bytes. */
export const MAX_WORD_LENGTH = 256;
const MAX_WORD_BYTES = 3 * MAX_WORD_LENGTH;

/** No pair: a token ends here. */
const NONE = 0x7fffffff;
const NOT_ASCII = /[^\0-\x7f]/;

/** The order in which pairs are merged, by their bytes: each byte a letter of Latin-1. */
const ranks = new Map<string, number>();
vocabulary.forEach((token, rank) => ranks.set(typeof token === 'string' ? bytesOf(token) : String.fromCharCode(...token), rank));

// Of the word that is being merged: where each part starts, and the rank of the pair that it is with the next.
const starts = new Uint16Array(MAX_WORD_BYTES + 1);
const pairs = new Int32Array(MAX_WORD_BYTES);

/** @param word of at most MAX_WORD_LENGTH, and well-formed */
export function tokensOfWord(word: string): number {
  const bytes = bytesOf(word);
  return ranks.has(bytes) ? 1 : merge(bytes);
}

function bytesOf(text: string): string {
  return NOT_ASCII.test(text) ? Buffer.from(text).toString('latin1') : text;
}

/** Merges the pair of the lowest rank, the first of them, until no two neighbours are a token together. @returns the parts left */
function merge(bytes: string): number {
  const rankOf = (part: number, end: number): number => ranks.get(bytes.slice(starts[part], starts[end])) ?? NONE;
  let parts = bytes.length;
  for (let i = 0; i <= parts; i++) starts[i] = i;
  for (let i = 0; i < parts; i++) pairs[i] = i + 1 < parts ? rankOf(i, i + 2) : NONE;
  for (;;) {
    let lowest = NONE;
    let at = 0;
    for (let i = 0; i < parts; i++) {
      const rank = pairs[i] as number;
      if (rank < lowest) {
        lowest = rank;
        at = i;
      }
    }
    if (lowest === NONE) return parts;
    starts.copyWithin(at + 1, at + 2, parts + 1);
    pairs.copyWithin(at + 1, at + 2, parts);
    parts--;
    pairs[at] = at + 1 < parts ? rankOf(at, at + 2) : NONE;
    if (at > 0) pairs[at - 1] = rankOf(at - 1, at + 1);
  }
}
