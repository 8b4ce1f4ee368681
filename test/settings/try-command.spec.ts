// `npm run try` on a running server: which key it takes.
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';

import { expect, it } from 'vitest';

import { createKey } from '../support/keys.js';
import { startServer } from '../support/start-server.js';

const COMMAND = resolve(import.meta.dirname, '../../dist/cli/try.js');

async function tryWith(env: Record<string, string>, ...args: string[]): Promise<string> {
  return new Promise((done) =>
    execFile(process.execPath, [COMMAND, ...args, 'initialize'], { env }, (_, stdout, stderr) => done(stdout + stderr)),
  );
}

it('takes the key of MCPW_KEY, which no list of processes shows, before the admin key, and that of --key before both', async () => {
  const server = await startServer();
  const [one, two] = [await createKey(server, { tenant: 'one' }), await createKey(server, { tenant: 'two' })];
  const env = { PORT: String(server.process.port), MCPW_ADMIN_KEY: server.adminKey };
  expect(await tryWith(env)).toContain('as key:admin of default');
  expect(await tryWith({ ...env, MCPW_KEY: one.key })).toContain(`as key:${one.id} of one`);
  expect(await tryWith({ ...env, MCPW_KEY: one.key }, '--key', two.key)).toContain(`as key:${two.id} of two`);
});
