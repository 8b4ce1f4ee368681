import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { CallerSessions } from './caller-sessions.js';
import type { McpPeer } from './mcp-peer.js';

let opened: string[];
let closed: string[];
let sessions: CallerSessions;

beforeEach(() => {
  vi.useFakeTimers();
  opened = [];
  closed = [];
  sessions = new CallerSessions({
    connect: async (token, onClosed) => {
      if (token === 'bad') throw new Error('refused');
      opened.push(token);
      return {
        token,
        close: async () => {
          closed.push(token);
          onClosed();
        },
      } as unknown as McpPeer;
    },
    maxSessions: 2,
    idleMs: 1_000,
  });
});
afterEach(async () => {
  await sessions.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const tokenOf = (token: string): Promise<unknown> => sessions.use(token, async (peer) => (peer as unknown as { token: string }).token);

it('opens one session for each token, and keeps it for the next call', async () => {
  expect(await Promise.all(['a', 'a', 'b'].map(tokenOf))).toEqual(['a', 'a', 'b']);
  expect(opened).toEqual(['a', 'b']);
});

it('closes a session that nobody uses for a while', async () => {
  await tokenOf('a');
  await vi.advanceTimersByTimeAsync(999);
  await tokenOf('a');
  await vi.advanceTimersByTimeAsync(999);
  expect(closed).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect([closed, sessions.size]).toEqual([['a'], 0]);
});

it('has so many at most: the one used longest ago goes first', async () => {
  for (const token of ['a', 'b', 'a', 'c']) await tokenOf(token);
  await vi.advanceTimersByTimeAsync(0);
  expect([closed, sessions.size]).toEqual([['b'], 2]);
});

it('keeps none that could not be opened', async () => {
  await expect(tokenOf('bad')).rejects.toThrow('refused');
  expect(sessions.size).toBe(0);
});
