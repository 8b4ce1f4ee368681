// The guide is what users were promised: each of its sentences has a test, or this fails.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { describe, expect, it } from 'vitest';

import { sentencesOf } from './guide-sentences.js';
import { testExists } from './named-test.js';
import { REQUIREMENTS } from './requirements.js';

const GUIDE = readFileSync(resolve(import.meta.dirname, '../../docs/guide.md'), 'utf8');

/** Of the guide as it was given, from the sentence under its title on. */
const AS_GIVEN = '77d27ba3cef977456eb0c8134b914dca6663ab6246ef6dbf4f097e7d92c50533';

const keyOf = ({ section, sentence }: { section: string; sentence: string }): string => `${section} | ${sentence}`;

it('the guide stands as it was given, below a note', () => {
  const text = GUIDE.replace(/^# .*\n\n(> .*\n|>\n)+\n/, '');
  expect(text.startsWith('This guide provides')).toBe(true);
  expect(createHash('sha256').update(text).digest('hex')).toBe(AS_GIVEN);
});

describe('the requirements', () => {
  const promised = sentencesOf(GUIDE).map(keyOf);

  it('has a test for every sentence of the guide', () => {
    const shown = new Set(REQUIREMENTS.filter(({ tests }) => tests.length > 0).map(keyOf));
    expect(promised.filter((sentence) => !shown.has(sentence))).toEqual([]);
  });

  it('holds nothing that the guide does not say', () => {
    expect(REQUIREMENTS.map(keyOf).filter((sentence) => !promised.includes(sentence))).toEqual([]);
  });

  it('names no test that does not exist', () => {
    const named = new Set(REQUIREMENTS.flatMap(({ tests }) => tests));
    expect([...named].filter((test) => !testExists(test))).toEqual([]);
  });
});

describe('sentencesOf', () => {
  const of = (...lines: string[]) => sentencesOf(['# Guide', '## Part', ...lines].join('\n')).map(({ sentence }) => sentence);

  it('takes paragraphs apart into sentences, but for those that lead to a list', () => {
    expect(of('One is `this`. Two', 'is **that**! It offers:', '', '- **Speed**: much', '1. First')).toEqual([
      'One is this.',
      'Two is that!',
      'Speed: much',
      'First',
    ]);
  });

  it('takes settings, constants and commands apart', () => {
    expect(of('```yaml', 'a:', '  b: 1  # one', '  c:', '    - "x"', '```')).toEqual(['a.b: 1', 'a.c: ["x"]']);
    expect(of('```go', 'const (', '    A = iota', '    B // second', ')', '```')).toEqual(['A', 'B']);
    expect(of('```bash', '# why', 'curl http://x/y', '```')).toEqual(['$ curl http://x/y']);
  });

  it('keeps an example in one piece', () => {
    expect(of('```python', 'import json', 'x()', '```')).toEqual(['python: import json']);
  });

  it('knows what section a sentence stands in', () => {
    expect(sentencesOf('# G\n## A\n### B\nOne.\n## C\nTwo.')).toEqual([
      { section: 'A > B', sentence: 'One.' },
      { section: 'C', sentence: 'Two.' },
    ]);
  });
});

describe('testExists', () => {
  const file = 'test/requirements/requirements.spec.ts';

  it('finds a test by its title', () => {
    expect(testExists(`${file} > finds a test by its title`)).toBe(true);
  });

  it('does not find what is no test', () => {
    expect(testExists(`${file} > finds a test by its`)).toBe(false);
    expect(testExists(`${file} > testExists`)).toBe(false);
    expect(testExists('test/none.spec.ts > finds a test by its title')).toBe(false);
  });
});
