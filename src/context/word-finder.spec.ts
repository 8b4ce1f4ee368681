import { describe, expect, it } from 'vitest';

import { WordFinder } from './word-finder.js';

const placeOf = (text: string, ...stems: string[]) => text.slice(new WordFinder(stems).bestPlace(text));
const rank = (text: string, ...stems: string[]) => new WordFinder(stems).rank(text);

describe('the best place', () => {
  it.each([
    ['a needle here', 'needl', 'needle here'],
    ['many HAPPY ends', 'happi', 'HAPPY ends'],
    ['he is filing it', 'file', 'filing it'],
    ['ABC Le Déploiement', 'deploiement', 'Déploiement'],
    ['İ ÉCHEC', 'echec', 'ÉCHEC'],
    ['das 漢字 x', '漢字', '漢字 x'],
    ['이 한국 말', '한국', '한국 말'],
    ['bei Straße', 'strass', 'bei Straße'],
    ['subneedle needle', 'needl', 'needle'],
    ['a + b (b)', 'b', 'b (b)'],
  ])('in %j of %j is %j', (text, stem, expected) => {
    expect(placeOf(text, stem)).toBe(expected);
  });

  it('is where most of the words are near one another', () => {
    const far = ' lorem'.repeat(50);
    expect(placeOf(`one${far} two${far} two three one.`, 'on', 'two', 'three')).toBe('two three one.');
  });

  it('is the start where there is none, or no word', () => {
    expect(placeOf('nothing', 'needl')).toBe('nothing');
    expect(placeOf('nothing')).toBe('nothing');
  });
});

it('ranks what has the words more often, all of them and is shorter higher', () => {
  const [often, once, long, other] = ['cat cat', 'cat dog', `cat${' x'.repeat(500)}`, 'bird'].map((text) => rank(text, 'cat'));
  expect(often).toBeGreaterThan(once!);
  expect(once).toBeGreaterThan(long!);
  expect(once).toBeGreaterThan(other!);
  expect(other).toBeGreaterThan(0);
  expect(rank('cat dog', 'cat', 'dog')).toBeGreaterThan(rank('cat cat', 'cat', 'dog'));
  expect(rank('anything')).toBeGreaterThan(0);
});
