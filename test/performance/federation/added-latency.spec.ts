import { expect, it } from 'vitest';

import { addedLatency } from './added-latency.js';

/** The target at the median, ms. */
const TARGET_MS = 1;

it.each(['stdio', 'http'] as const)('federation adds little to a call over %s', async (kind) => {
  const { added } = await addedLatency(kind, { rounds: 5, callsPerRound: 200 });
  expect(added).toBeLessThan(50 * TARGET_MS);
});
