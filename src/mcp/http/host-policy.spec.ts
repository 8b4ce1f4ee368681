import type { IncomingMessage } from 'node:http';

import { validateHostHeader } from '@modelcontextprotocol/server';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { Config } from '../../config/config.js';
import { HostPolicy } from './host-policy.js';

vi.mock(import('@modelcontextprotocol/server'), async (importOriginal) => {
  const original = await importOriginal();
  return { ...original, validateHostHeader: vi.fn(original.validateHostHeader) };
});

const KEPT_HOSTS = 64;
const config = {
  host: '127.0.0.1',
  mcp: { allowedHosts: [] as string[], publicUrl: undefined },
  websocket: { security: { allowedOrigins: [] as string[], requireAuth: true } },
} as unknown as Config;
const looks = vi.mocked(validateHostHeader);

describe('names by which the server is reached', () => {
  let policy: HostPolicy;
  beforeEach(() => {
    policy = new HostPolicy(config);
    looks.mockClear();
  });
  const problemOf = (host: string) => policy.problemOf({ headers: { host } } as IncomingMessage);
  /** Whether the name is looked into, or known. */
  const isLookedInto = (host: string): boolean => {
    const before = looks.mock.calls.length;
    problemOf(host);
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
      expect(problemOf('evil.example')).toMatch(/not reached by that name/);
      expect(isLookedInto('evil.example')).toBe(true);
    }
    expect(problemOf('localhost')).toBeUndefined();
  });
});
