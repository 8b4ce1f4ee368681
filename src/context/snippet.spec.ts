import { expect, it } from 'vitest';

import { snippetOf } from './snippet.js';

const words = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `w${from + i}`).join(' ');
const shown = (text: string, word: string) => snippetOf(text, text.indexOf(word));

it('is the whole text where that is short', () => {
  expect(snippetOf('', 0)).toBe('');
  expect(snippetOf('One, two!\n', 0)).toBe('One, two!\n');
  expect(shown(`(${words(24)}.)`, 'w20')).toBe(`(${words(24)}.)`);
});

it('is 24 words around the place, and says on which side the text goes on', () => {
  const text = `${words(100)}.`;
  expect(shown(text, 'w0')).toBe(`${words(24)}…`);
  expect(shown(text, 'w5 ')).toBe(`${words(24)}…`);
  expect(shown(text, 'w50')).toBe(`…${words(24, 42)}…`);
  expect(shown(text, 'w99')).toBe(`…${words(24, 76)}.`);
  expect(snippetOf(text, 0)).toBe(`${words(24)}…`);
});

it('is bounded whatever the words are', () => {
  const long = 'x'.repeat(100_000);
  expect(snippetOf(long, 0)).toBe(`${'x'.repeat(200)}…`);
  expect(shown(`${long} needle ${long}`, 'needle')).toBe('…needle…');
  expect(snippetOf('-'.repeat(100_000), 0).length).toBeLessThan(402);
  expect(snippetOf('漢'.repeat(100_000), 0)).toBe(`${'漢'.repeat(200)}…`);
  expect(snippetOf(`!${'😀'.repeat(100_000)}`, 0)).toBe(`!${'😀'.repeat(99)}…`);
});
