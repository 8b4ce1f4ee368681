import { describe, expect, it } from 'vitest';

import { leastCpuMs } from '../extension/testing/cpu-ms.js';
import { matchesGlob } from './glob.js';

describe('a pattern of tool names', () => {
  it.each([
    ['echo', 'echo', true],
    ['echo', 'echo2', false],
    ['*', '', true],
    ['*', 'github.create_issue', true],
    ['github.*', 'github.create_issue', true],
    ['github.*', 'githubXcreate', false],
    ['*_read', 'context_read', true],
    ['*_read', 'context_reader', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['', 'a', false],
    ['echo*', 'echo', true],
  ])('%s fits %s: %s', (pattern, text, fits) => {
    expect(matchesGlob(pattern, text)).toBe(fits);
  });

  it('takes no longer for a pattern made to make it slow', () => {
    const slow = () => expect(matchesGlob(`${'*a'.repeat(200)}b`, 'a'.repeat(128))).toBe(false);
    expect(leastCpuMs(slow, 50)).toBeLessThan(50);
  });
});
