import { expect, it } from 'vitest';

import { KeptAnswers } from './kept-answers.js';

const KIB_256 = 262_144;

it('keeps 8 MiB, and forgets what was not asked for the longest', () => {
  const answers = new KeptAnswers<Uint8Array>();
  for (let i = 0; i < 32; i++) answers.keep(`k${i}`, new Uint8Array(KIB_256));
  const first = answers.find('k0');
  expect(first?.length).toBe(KIB_256);
  expect(answers.keep('k32', new Uint8Array(KIB_256)).length).toBe(KIB_256);
  expect(answers.size).toBe(32 * KIB_256);
  expect(answers.find('k0')).toBe(first);
  expect(answers.find('k1')).toBeUndefined();
});

it('keeps nothing very large', () => {
  const answers = new KeptAnswers<string>();
  expect(answers.keep('a', 'x'.repeat(KIB_256 + 1)).length).toBe(KIB_256 + 1);
  expect(answers.find('a')).toBeUndefined();
  expect(answers.size).toBe(0);
});
