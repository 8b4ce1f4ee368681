// What looks for secrets in all that servers write: that it finds each, wherever it is, and gives none away.
import { randomBytes } from 'node:crypto';

import { expect, it } from 'vitest';

import { SecretFinder, SHORTEST_SECRET } from './secret-finder.js';

const secretOf = (length: number): string => randomBytes(length).toString('base64url').slice(0, length);

function finderOf(secrets: Readonly<Record<string, string>>): SecretFinder {
  const finder = new SecretFinder();
  for (const [kind, secret] of Object.entries(secrets)) finder.add(kind, secret);
  return finder;
}

it('finds each of many secrets at the start, in the middle and at the end of a text, and nothing where there is none', () => {
  const secrets = Array.from({ length: 100 }, (_, i) => secretOf(SHORTEST_SECRET + (i % 40)));
  const finder = finderOf(Object.fromEntries(secrets.map((secret, i) => [`secret ${i}`, secret])));
  const noise = (): string => `{"msg":"${randomBytes(50).toString('base64')}"}\n`;
  for (const [i, secret] of secrets.entries()) {
    const kinds = (text: string): string[] => finder.find(text).map(({ kind }) => kind);
    const expected = [`secret ${i}`];
    expect(kinds(secret)).toEqual(expected);
    expect(kinds(secret + noise())).toEqual(expected);
    expect(kinds(noise() + secret + noise())).toEqual(expected);
    expect(kinds(noise() + secret)).toEqual(expected);
    expect(kinds(secret.slice(1) + noise())).toEqual([]);
    expect(kinds(secret.slice(0, -1))).toEqual([]);
  }
});

it('tells secrets with the same beginning from each other', () => {
  const beginning = secretOf(SHORTEST_SECRET);
  const finder = finderOf({ one: `${beginning}-one`, other: `${beginning}-other` });
  expect(finder.find(`${beginning}-none ${beginning}-other`).map(({ kind }) => kind)).toEqual(['other']);
  expect(finder.find(`${beginning}-other ${beginning}-one`).map(({ kind }) => kind)).toEqual(['other', 'one']);
});

it('shows what is around a secret, but neither it nor another one beside it', () => {
  const [key, ticket] = [secretOf(40), secretOf(20)];
  const leaks = finderOf({ key, ticket }).find(`{"level":30,"key":"${key}","ticket":"${ticket}","pid":1} {"again":"${key}"}`);
  expect(leaks).toEqual([
    { kind: 'key', excerpt: '{"level":30,"key":"[key]","ticket":"' },
    { kind: 'ticket', excerpt: '","ticket":"[ticket]","pid":1} {"again":"' },
  ]);
});

it('refuses a secret that is too short to be looked for', () => {
  const finder = finderOf({});
  expect(() => finder.add('password', 'x'.repeat(SHORTEST_SECRET - 1))).toThrow('a secret of 15 characters');
  expect(finder.size).toBe(0);
});
