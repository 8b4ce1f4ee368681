import { expect, it } from 'vitest';

import { soak } from './soak.js';

it('upstreams that are killed at random fail calls by name, come back, and leave nothing behind', { timeout: 150_000 }, async () => {
  const report = await soak({ seconds: 12, atLeastKills: 6, callers: 8, seed: 7 });
  expect(report.unexpected).toEqual([]);
  expect(report.outcomes['completed']).toBeGreaterThan(100);
  expect(report.outcomes['4016']).toBeGreaterThan(0);
  expect(report.kills).toBeGreaterThanOrEqual(6);
  expect(report.recovered).toEqual(['stdio', 'http', 'sessions', 'ws']);
  expect(report.left).toEqual([]);
});
