import { describe, expect, it } from 'vitest';

import { startServer } from '../../support/start-server.js';
import { fuzz } from './fuzz.js';

const UNLIMITED = 10_000_000;

describe('broken input', () => {
  // Always the same messages: a run that fails fails again. `make fuzz` tries new ones.
  it.each([1, 2])('ends neither the server nor the service to others (seed %i)', async (seed) => {
    const server = await startServer({
      config: {
        websocket: { rate_limit: { rate: UNLIMITED, burst: UNLIMITED, handshakes_per_minute: UNLIMITED } },
        logging: { level: 'error' },
      },
    });
    const { sent } = await fuzz(server.process, { seconds: 5, seed });
    expect(sent).toBeGreaterThan(500);
    expect((await server.stop()).code).toBe(0);
  });
});
