import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { McpPeer } from './mcp-peer.js';
import { UpstreamLink } from './upstream-link.js';

class FakePeer {
  pings = 0;
  answers = true;
  isClosed = false;

  constructor(private readonly onClosed: () => void) {}

  async ping(): Promise<void> {
    this.pings++;
    if (!this.answers) throw new Error('no answer');
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.onClosed();
  }
}

describe('a link to an upstream', () => {
  let peers: FakePeer[];
  let failures: number;
  let downs: string[];
  let link: UpstreamLink;

  beforeEach(() => {
    vi.useFakeTimers();
    peers = [];
    failures = 0;
    downs = [];
    link = new UpstreamLink({
      connect: async (onClosed) => {
        if (failures-- > 0) throw new Error('refused');
        const peer = new FakePeer(onClosed);
        peers.push(peer);
        return peer as unknown as McpPeer;
      },
      clock: { now: () => Date.now() },
      random: () => 1,
      onConnected: () => undefined,
      onDown: (error) => void downs.push((error as Error).message),
    });
  });
  afterEach(async () => {
    await link.stop();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('tries again after pauses that grow, and says how long', async () => {
    failures = 3;
    await link.start();
    expect([link.state, link.retryAfterMs()]).toEqual(['waiting', 250]);
    await vi.advanceTimersByTimeAsync(250);
    expect(link.retryAfterMs()).toBe(500);
    await vi.advanceTimersByTimeAsync(500);
    expect(link.retryAfterMs()).toBe(1_000);
    await vi.advanceTimersByTimeAsync(1_000);
    expect([link.state, link.connects, downs.length]).toEqual(['connected', 1, 3]);
  });

  it('tries at once when it is told to', async () => {
    failures = 1;
    await link.start();
    await link.hurry();
    expect(link.state).toBe('connected');
  });

  it('comes back when the session ends', async () => {
    await link.start();
    await peers[0]?.close();
    expect([link.state, link.peer]).toEqual(['waiting', undefined]);
    await vi.advanceTimersByTimeAsync(250);
    expect([link.state, peers.length]).toEqual(['connected', 2]);
  });

  it('sees that nobody answers any more, by itself and when it is told to look', async () => {
    await link.start();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(peers[0]?.pings).toBe(1);
    (peers[0] as FakePeer).answers = false;
    await link.suspect(link.peer as McpPeer);
    expect([link.state, peers[0]?.isClosed, downs]).toEqual(['waiting', true, ['it does not answer']]);
  });

  it('closes what comes after it was stopped', async () => {
    const starting = link.start();
    await link.stop();
    await starting;
    expect([link.state, peers[0]?.isClosed, link.peer]).toEqual(['closed', true, undefined]);
  });
});
