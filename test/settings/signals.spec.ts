// Signals that come while the server starts; those that come later are with sessions (test/protocol) and transport (test/security).
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { within } from '../support/deadline.js';
import { ServerProcess } from '../support/server-process.js';

const HELD_START = resolve(import.meta.dirname, '../support/fixtures/held-start.js');

/** A server whose start is held. */
async function starting(): Promise<ServerProcess> {
  const server = await ServerProcess.start({ ready: false, config: { modules: [HELD_START] } });
  onTestFinished(async () => {
    await server.kill();
    server.discard();
  });
  await server.printed(/the start is held/);
  return server;
}

it.each(['SIGTERM', 'SIGINT'] as const)('%s ends the start at once, with 0', async (signal) => {
  const server = await starting();
  server.signal(signal);
  expect(await within('end of the server', server.exited)).toEqual({ code: 0, signal: null });
});

it('SIGHUP does not end the start: what it asks for is done after it', async () => {
  const server = await starting();
  server.signal('SIGHUP');
  writeFileSync(join(server.dataDir, 'go'), '');
  await server.printed(/SIGHUP: there is no certificate to read anew/, 30_000);
  await server.printed(/"msg":"listening"/);
});
