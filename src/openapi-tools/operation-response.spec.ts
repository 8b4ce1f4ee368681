import { describe, expect, it } from 'vitest';

import { ANSWER_BOUNDS } from '../validation/census/bounds.js';
import { readResponse } from './operation-response.js';

const json = (text: string): Response => new Response(text, { headers: { 'content-type': 'application/json' } });
const named = (count: number): string => JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`name-${i}`, i])));

describe('JSON', () => {
  it('is a structured result, and text', async () => {
    const output = await readResponse('a', json('{"a": 1}'), String);
    expect(output).toEqual({ content: [{ type: 'text', text: '{"a":1}' }], structured: { a: 1 } });
  });

  it.each([
    ['more names than are looked through', named(ANSWER_BOUNDS.names + 1)],
    ['more values', `[${'1,'.repeat(ANSWER_BOUNDS.values)}1]`],
    ['more depth', '['.repeat(100) + ']'.repeat(100)],
  ])('of %s is passed on as text, to the letter', async (_, text) => {
    expect(await readResponse('a', json(text), String)).toEqual({ content: [{ type: 'text', text }] });
  });

  it('of as many names is a structured result', async () => {
    expect(await readResponse('a', json(named(ANSWER_BOUNDS.names)), String)).toMatchObject({ structured: { 'name-0': 0 } });
  });
});
