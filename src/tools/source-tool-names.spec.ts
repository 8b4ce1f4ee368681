import { expect, it } from 'vitest';

import { toolNames } from './source-tool-names.js';
import { TOOL_NAME } from './tool-source.js';

it('keeps names that are fit, and makes others fit', () => {
  expect(toolNames('s', ['read_file', 'a.b-c', 'list files', 'grüße'])).toEqual(['s.read_file', 's.a.b-c', 's.list_files', 's.gr__e']);
});

it('gives two tools two names, whatever the order they come in', () => {
  const names = ['a b', 'a/b', 'a_b'];
  const made = toolNames('s', names);
  expect(made[2]).toBe('s.a_b');
  expect(made[0]).toMatch(/^s\.a_b-[0-9a-f]{8}$/);
  expect(new Set(made).size).toBe(3);
  expect(toolNames('s', names.toReversed()).toReversed()).toEqual(made);
});

it('makes names of every length fit', () => {
  const names = [`${'x'.repeat(200)}1`, `${'x'.repeat(200)}2`, 'y'.repeat(125), 'y'.repeat(126)];
  const made = toolNames('s', names);
  for (const name of made) expect(name).toMatch(TOOL_NAME);
  expect(new Set(made).size).toBe(4);
  expect(made[2]).toBe(`s.${'y'.repeat(125)}`);
});
