// The words around a place of a text, as a search shows them. Bounded in words and characters, whatever the text is.
import { WORD } from './word.js';

const MAX_WORDS = 24;
/** Of them, so many before the place where there is more after it than can be shown. */
const WORDS_BEFORE = 8;
/** Characters that are looked at to each side. */
const REACH = 200;
const CUT = '…';
const HALF_A_PAIR = /[\ud800-\udbff]$/;

/**
 * @param at where a word begins, or 0
 * @returns at most 24 words and 400 characters, with `…` where the text goes on
 */
export function snippetOf(text: string, at: number): string {
  const from = Math.max(0, at - REACH);
  const to = Math.min(text.length, at + REACH);
  // A word that the reach cuts is none, but for the one that is to be shown.
  const before = [...text.slice(from, at).matchAll(WORD)].map(({ index }) => from + index).filter((start) => start > from || from === 0);
  const after = [...text.slice(at, to).matchAll(WORD)]
    .map(({ 0: word, index }) => at + index + word.length)
    .filter((end, i) => end < to || to === text.length || i === 0);
  const wordsBefore = Math.min(before.length, Math.max(WORDS_BEFORE, MAX_WORDS - after.length));
  const wordsAfter = Math.min(after.length, MAX_WORDS - wordsBefore);
  const isFromStart = from === 0 && wordsBefore === before.length;
  const isToEnd = to === text.length && wordsAfter === after.length;
  const start = isFromStart ? 0 : (before[before.length - wordsBefore] ?? at);
  const end = isToEnd ? text.length : (after[wordsAfter - 1] ?? to);
  return `${isFromStart ? '' : CUT}${text.slice(start, end).replace(HALF_A_PAIR, '')}${isToEnd ? '' : CUT}`;
}
