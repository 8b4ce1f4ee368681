import { hash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { apiKeyIdOf, makeApiKey, parseApiKey } from './api-key-format.js';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

describe('a new key', () => {
  it('has the form that scanners look for, and its own id', () => {
    const { id, text } = makeApiKey();
    expect(text).toMatch(new RegExp(`^mcpw_${id}_[0-9A-Za-z]{49}$`));
    expect(id).toMatch(/^[0-9A-Za-z]{12}$/);
  });

  it('is read back as the id and the hash of the secret alone', () => {
    const { id, secretHash, text } = makeApiKey();
    expect(parseApiKey(text)).toEqual({ id, secretHash });
    expect(secretHash).toEqual(hash('sha256', text.slice(18, 61), 'buffer'));
  });

  it('keeps the id it is given, with another secret', () => {
    const first = makeApiKey();
    const second = makeApiKey(first.id);
    expect(second.id).toBe(first.id);
    expect(second.secretHash).not.toEqual(first.secretHash);
  });

  it('takes every character equally often: bytes past the last multiple of 62 are dropped', () => {
    const given = [255, 248, 0, 61, 62, 247];
    let at = 0;
    const { id } = makeApiKey(undefined, (size) => Buffer.from(Array.from({ length: size }, () => given[at++ % given.length] as number)));
    expect(id).toBe('0z0z0z0z0z0z');
  });

  it('does not repeat itself', () => {
    expect(new Set(Array.from({ length: 1_000 }, () => makeApiKey().text)).size).toBe(1_000);
  });
});

describe('a key typed wrongly is seen without a lookup', () => {
  const { text } = makeApiKey();

  it('for any one character', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: text.length - 1 }), fc.constantFrom(...BASE62), (at, character) => {
        const typed = text.slice(0, at) + character + text.slice(at + 1);
        expect(parseApiKey(typed) === undefined).toBe(typed !== text);
      }),
    );
  });

  it('for two neighbours swapped', () => {
    for (let at = 5; at < text.length - 1; at++) {
      const typed = text.slice(0, at) + text[at + 1] + text[at] + text.slice(at + 2);
      if (typed !== text) expect(parseApiKey(typed)).toBeUndefined();
    }
  });

  it.each(['', 'mcpw_', text.slice(1), text.slice(0, -1), `${text}0`, ` ${text}`, `${text}\n`, text.replace('mcpw', 'MCPW')])(
    'for %j',
    (typed) => {
      expect(parseApiKey(typed)).toBeUndefined();
    },
  );
});

it('names the id of anything that has the form, right or wrong', () => {
  const { id, text } = makeApiKey();
  expect(apiKeyIdOf(text)).toBe(id);
  expect(apiKeyIdOf(`${text.slice(0, -1)}_`)).toBeUndefined();
  expect(apiKeyIdOf(text.slice(0, -1) + (text.endsWith('0') ? '1' : '0'))).toBe(id);
});
