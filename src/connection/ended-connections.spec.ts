import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Config } from '../config/config.js';
import type { Connection } from './connection.js';
import { ConnectionRegistry } from './connection-registry.js';
import { EndedConnections } from './ended-connections.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const registry = new ConnectionRegistry({} as Config);

describe('connections that end together', () => {
  let nowMs = 0;
  const told: number[] = [];
  const connection = (name: number, costMs: number): Connection =>
    ({
      ended: () => {
        nowMs += costMs;
        told.push(name);
      },
    }) as Connection;

  beforeEach(() => {
    told.length = nowMs = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  });
  afterEach(() => vi.restoreAllMocks());

  it('are told of in the turns that follow, a few in each, in their order', async () => {
    const ended = new EndedConnections(registry);
    for (let name = 0; name < 7; name++) ended.add(connection(name, 2));
    expect(told).toEqual([]);
    await turn();
    expect(told).toEqual([0, 1, 2]);
    await turn();
    expect(told).toEqual([0, 1, 2, 3, 4, 5]);
    await turn();
    expect(told).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('are all told of, also where telling one takes longer than a turn may', async () => {
    const ended = new EndedConnections(registry);
    for (let name = 0; name < 3; name++) ended.add(connection(name, 60));
    await turn();
    expect(told).toEqual([0]);
    await turn();
    await turn();
    expect(told).toEqual([0, 1, 2]);
  });
});
