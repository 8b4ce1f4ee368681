import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { leastCpuMs } from '../../extension/testing/cpu-ms.js';
import { LinearPattern } from './linear-pattern.js';

const free = (): void => undefined;
const matches = (source: string, text: string): boolean | undefined => LinearPattern.compile(source)?.test(text, free);

describe('an expression', () => {
  it.each([
    ['^[a-z]+$', ['abc', 'z'], ['', 'aB', 'abc\n', '1']],
    ['^\\d{4}-\\d{2}-\\d{2}$', ['2026-01-31'], ['2026-1-31', '2026-01-311']],
    ['b', ['abc', 'b'], ['ac', '']],
    ['', ['', 'x'], []],
    ['^$', [''], ['x']],
    ['a|bc|', ['', 'zz'], []],
    ['^(?:a|bc)$', ['a', 'bc'], ['b', 'abc', '']],
    ['^(?<year>\\d+)(x)?$', ['1', '12x'], ['x', '1xx']],
    ['^a{2,3}$', ['aa', 'aaa'], ['a', 'aaaa']],
    ['^a{2,}?$', ['aa', 'aaaaa'], ['a']],
    ['^a{0}b{1}?$', ['b'], ['', 'a', 'ab']],
    ['\\bword\\b', ['a word.', 'word'], ['words', 'sword', 'word_']],
    ['^\\Bx', [], ['x', 'xx']],
    ['^[^\\w\\-]$', ['!', '😀', 'é'], ['a', '-', '_']],
    ['^.$', ['a', '😀', ' '], ['\n', '\r', '\u2028', 'ab']],
    ['^\\u0041\\x42\\u{1F600}\\n\\/$', ['AB😀\n/'], ['AB']],
    ['^\\uD83D\\uDE00$', ['😀'], ['\ud83d']],
    ['^\\p{Lu}\\P{L}$', ['É1', 'A!'], ['éa', 'AA']],
    ['^[\\s\\S]$', ['\n', '\u00a0'], ['']],
    ['^\\s$', ['\u00a0', '\v', '\ufeff'], ['a']],
    ['^[^\\<\\>]+$', ['hi 😀', 'a'], ['<', 'a>']],
    ['^\\_x{,2}]$', ['_x{,2}]'], ['_x', '_xx']],
    ['^(a*)*$', ['', 'aaaa'], ['b', 'aab']],
    ['^(?:(a?)|b)+$', ['', 'ab'], ['c']],
    ['^[]$', [], ['', 'a']],
    ['^[^]$', ['a', '\n'], ['']],
  ])('%s', (source, good, bad) => {
    for (const text of good) expect(matches(source, text), JSON.stringify(text)).toBe(true);
    for (const text of bad) expect(matches(source, text), JSON.stringify(text)).toBe(false);
  });

  it.each([
    '(',
    'a**',
    '[b-a]',
    '(?P<n>a)',
    '(?=a)',
    '(?!a)b',
    '(?<=a)b',
    '(?<!a)b',
    '(a)\\1',
    '(?<n>a)\\k<n>',
    '(?i:a)',
    '\\01',
    'a'.repeat(1001),
    'a{2001}',
    '(?:(?:a{50}){50}){50}',
  ])('is left alone where it is none, or not linear, or too large: %s', (source) => {
    expect(LinearPattern.compile(source)).toBeUndefined();
  });

  it('matches what the native engine matches', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\w', '\\W', '\\b', '\\B', '^', '$', 'é', '\\u{1F600}', '[^b😀]', '\\d');
    const { source } = fc.letrec<{ source: string; part: string; quantified: string }>((tie) => ({
      source: fc.array(tie('quantified'), { maxLength: 3 }).map((parts) => parts.join('')),
      quantified: fc
        .tuple(tie('part'), fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,2}', '{0,1}?', '{2,}', '*?'))
        .map(([part, quantifier]) => (/^(\^|\$|\\[bB])$/.test(part) ? part : part + quantifier)),
      part: fc.oneof(
        { maxDepth: 3, depthSize: 'small' },
        atom,
        tie('source').map((inner) => `(?:${inner})`),
        fc.tuple(tie('source'), tie('source')).map(([a, b]) => `(${a}|${b})`),
      ),
    }));
    // No surrogate pairs: V8 takes the middle of one for a place where \B may hold.
    const text = fc.array(fc.constantFrom('a', 'b', ' ', 'é', '1', '\n'), { maxLength: 4 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(source, fc.array(text, { minLength: 1, maxLength: 5 }), (pattern, texts) => {
        // The native engine backtracks: what is long may take it years.
        fc.pre(pattern.length < 30);
        const native = new RegExp(pattern, 'u');
        for (const each of texts) expect(matches(pattern, each), `${pattern} on ${JSON.stringify(each)}`).toBe(native.test(each));
      }),
      { numRuns: 3000 },
    );
  });
});

describe('an expression made to be slow', () => {
  it.each(['^(a+)+$', '^(a|a)*$', '(x+x+)+y', '^(([a-z])+.)+[A-Z]([a-z])+$', '(.*a){20}', '^(?:a?){30}a{30}$', '[ab]*a[ab]{300}c'])(
    '%s takes steps in proportion to the text',
    (source) => {
      const stepsFor = (length: number): number => {
        let steps = 0;
        LinearPattern.compile(source)?.test(`${'a'.repeat(length)}!`, (more) => (steps += more));
        return steps;
      };
      const [few, many] = [stepsFor(2000), stepsFor(4000)];
      expect(few).toBeGreaterThan(0);
      expect(many).toBeLessThan(few * 2.2);
    },
  );

  it.each([
    ['nothing, many times', '(?:(?:(?:(?:){2000}){2000}){2000}){2000}'],
    ['open groups', `${'('.repeat(500)}${')'.repeat(500)}`],
    ['loops in loops', `${'(?:'.repeat(200)}a${')*'.repeat(200)}`],
    ['many choices', 'a|'.repeat(500)],
  ])('is read in no time: %s', (_, source) => {
    expect(leastCpuMs(() => LinearPattern.compile(source)?.test('a'.repeat(100), free), 200)).toBeLessThan(200);
  });

  it('ends when its steps are used up', () => {
    let left = 1000;
    const spend = (steps: number): void => {
      if ((left -= steps) < 0) throw new Error('used up');
    };
    expect(() => LinearPattern.compile('[ab]*a[ab]{300}c')?.test('a'.repeat(1_000_000), spend)).toThrow('used up');
  });
});
