import { validateHostHeader } from '@modelcontextprotocol/server';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { HostNames } from './host-names.js';

vi.mock(import('@modelcontextprotocol/server'), async (importOriginal) => {
  const original = await importOriginal();
  return { ...original, validateHostHeader: vi.fn(original.validateHostHeader) };
});

const KEPT_HOSTS = 64;
const looks = vi.mocked(validateHostHeader);

describe('names by which the server is reached', () => {
  let names: HostNames;
  beforeEach(() => {
    names = HostNames.ofLoopback('127.0.0.1');
    looks.mockClear();
  });
  /** Whether the name is looked into, or known. */
  const isLookedInto = (host: string): boolean => {
    const before = looks.mock.calls.length;
    names.has(host);
    return looks.mock.calls.length > before;
  };

  it('are known again, but no more of them than may be, whatever a client says', () => {
    expect([isLookedInto('localhost:1'), isLookedInto('localhost:1')]).toEqual([true, false]);
    for (let port = 2; port <= KEPT_HOSTS; port++) isLookedInto(`localhost:${port}`);
    expect(isLookedInto('localhost:1'), 'as many as it may').toBe(false);
    isLookedInto(`localhost:${KEPT_HOSTS + 1}`);
    expect(isLookedInto('localhost:1'), 'and one more').toBe(true);
  });

  it('are not known for having been refused', () => {
    for (let i = 0; i < 2; i++) {
      expect(names.has('evil.example')).toBe(false);
      expect(isLookedInto('evil.example')).toBe(true);
    }
    expect(names.has('localhost')).toBe(true);
  });

  it.each(['localhost', 'LOCALHOST:8080', '127.0.0.1:8080', '[::1]:8080', '[::1]'])('of a loopback address are %s', (host) => {
    expect(names.has(host)).toBe(true);
  });

  it.each(['mcp.example.com', 'localhost.example.com', '127.0.0.2', '10.0.0.1:8080', '', undefined])('of 127.0.0.1 are not %s', (host) => {
    expect(names.has(host)).toBe(false);
  });

  it('are those that are given, and no others, addresses of IPv6 in brackets', () => {
    const given = new HostNames(['MCP.example.com', '2001:db8::1']);
    expect(['mcp.example.com:443', '[2001:db8::1]', 'localhost'].map((host) => given.has(host))).toEqual([true, true, false]);
  });
});
