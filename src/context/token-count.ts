// How many tokens a text is, by o200k_base, in time that grows with the text's length alone.
// Not where it is counted: token-counter.ts.
import { countTokens, setMergeCacheSize } from 'gpt-tokenizer/encoding/o200k_base';

// The tokenizer's time grows with the square of a run of letters, of signs or of spaces: 16,000 letters took 60 ms, a
// million would take minutes. Runs of this length are cut, which words are not; a cut counts one token too many at most.
const LONG_RUN = /[\p{L}\p{M}]{256}|[^\s\p{L}\p{N}]{256}|\s{256}/gu;

// Names of special tokens in a text are text.
const AS_TEXT = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };

// Pieces of text kept with their tokens: enough for common words, little beside the vocabulary.
setMergeCacheSize(20_000);

/** At least 1: an item without text is an item. */
export function tokenCount(text: string): number {
  let tokens = 0;
  let start = 0;
  if (text.length >= 256) {
    for (const { 0: run, index } of text.matchAll(LONG_RUN)) {
      const end = index + run.length;
      tokens += countTokens(text.slice(start, end), AS_TEXT);
      start = end;
    }
  }
  return Math.max(1, tokens + countTokens(start === 0 ? text : text.slice(start), AS_TEXT));
}
