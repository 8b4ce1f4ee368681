import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Connection } from './connection.js';
import type { ConnectionRegistry } from './connection-registry.js';
import { EndedConnections } from './ended-connections.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('connections that end together', () => {
  let nowMs = 0;
  const told: number[] = [];
  const removed = vi.fn<(connection: Connection) => void>();
  const registry = { remove: removed } as unknown as ConnectionRegistry;
  const connection = (name: number, costMs: number): Connection =>
    ({
      ended: () => {
        nowMs += costMs;
        told.push(name);
      },
    }) as Connection;

  beforeEach(() => {
    told.length = 0;
    removed.mockClear();
    nowMs = 1;
    vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  });
  afterEach(() => vi.restoreAllMocks());

  it('are told of for a slice of the turn, and the rest in the turns that follow, in their order', async () => {
    const ended = new EndedConnections(registry);
    for (let name = 0; name < 8; name++) ended.add(connection(name, 2));
    expect(told).toEqual([0, 1, 2]);
    await turn();
    expect(told).toEqual([0, 1, 2, 3, 4, 5]);
    ended.add(connection(8, 2));
    await turn();
    expect(told).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(removed).toHaveBeenCalledTimes(9);
  });

  it('are all told of, also where telling one takes longer than a turn may', async () => {
    const ended = new EndedConnections(registry);
    for (let name = 0; name < 3; name++) ended.add(connection(name, 60));
    expect(told).toEqual([0]);
    await turn();
    expect(told).toEqual([0, 1]);
    await turn();
    expect(told).toEqual([0, 1, 2]);
  });

  it('do not keep the others from being told when one throws', async () => {
    const ended = new EndedConnections(registry);
    ended.add(connection(0, 60));
    const broken = {
      ended: () => {
        throw new Error('a listener of its own');
      },
    } as unknown as Connection;
    ended.add(broken);
    ended.add(connection(1, 1));
    const thrown = new Promise((resolve) => process.once('uncaughtException', resolve));
    await turn();
    expect(await thrown).toMatchObject({ message: 'a listener of its own' });
    await turn();
    expect(told).toEqual([0, 1]);
    expect(removed).toHaveBeenCalledWith(broken);
  });
});
