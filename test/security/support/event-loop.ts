// For how long the server's event loop was held at most while something was done to it.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { eventually } from '../../support/deadline.js';
import { spied } from '../../support/socket-spy.js';
import type { TestServer } from '../../support/start-server.js';

/** What the server promises, whoever does what (SECURITY.md). */
export const LONGEST_HOLD_MS = 50;
const ATTEMPTS = 8;

/** `nodeArgs` of a server whose event loop is watched. */
export const WATCHED = ['--import', pathToFileURL(resolve(import.meta.dirname, 'hold-probe.mjs')).href];

/**
 * The longest hold during the attack. A machine that has other things to do is slower, and what runs for the first time is not compiled
 * yet: so the attack is played again where it took long, and the shortest of the longest counts.
 */
export async function longestHold(server: TestServer, attack: () => Promise<unknown>): Promise<number> {
  let shortest = Infinity;
  for (let attempt = 0; attempt < ATTEMPTS && shortest > LONGEST_HOLD_MS; attempt++) {
    await recentHold(server);
    await attack();
    shortest = Math.min(shortest, await recentHold(server));
  }
  return shortest;
}

/** Since it was last asked for. */
async function recentHold(server: TestServer): Promise<number> {
  await server.rest('GET', '/health/live', undefined, null);
  const asked = spied(server, 'hold').length;
  server.process.signal('SIGUSR2');
  return eventually('what the probe has seen', () => spied(server, 'hold')[asked]?.cpuMs as number | undefined, 20_000, 2);
}
