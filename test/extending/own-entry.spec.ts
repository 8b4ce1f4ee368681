// A team's own entry of the process does all that the shipped one does: the key is shown, signals are heeded, what is wrong is a sentence.
import { resolve } from 'node:path';

import { describe, expect, it } from 'vitest';

import { ServerProcess } from '../support/server-process.js';
import { startServer } from '../support/start-server.js';

const ENTRIES = [
  ['as it is shipped', resolve(import.meta.dirname, '../../dist/main.js')],
  ['with modules of a team’s own', resolve(import.meta.dirname, '../../dist/examples/billing/server.js')],
] as const;

describe.each(ENTRIES)('a server %s', (_, main) => {
  it('shows the admin key of its first start once, and says that it listens', async () => {
    const server = await startServer({ main, adminKey: null });
    const [, key = ''] = await server.printed(/The admin key, shown this once:\n\n {4}(mcpw_\w+)\n/);
    await server.printed(/"msg":"listening"/);
    expect((await server.rest('GET', '/api/v1/keys', undefined, key)).status).toBe(200);
    await server.restart();
    expect(server.output.match(/shown this once/g)).toHaveLength(1);
  });

  it('goes on after SIGHUP, and tells so as it tells all else', async () => {
    const server = await startServer({ main });
    server.process.signal('SIGHUP');
    const [line] = await server.printed(/^.*no certificate to read anew.*$/m);
    expect(JSON.parse(line)).toMatchObject({ level: 30, time: expect.any(Number), pid: server.process.pid });
    expect((await server.rest('GET', '/health/ready')).status).toBe(200);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends well at %s', async (signal) => {
    const server = await startServer({ main });
    expect(await server.stop(signal)).toEqual({ code: 0, signal: null });
  });

  it('ends at once at a second signal', async () => {
    const server = await startServer({ main, config: { websocket: { drain_timeout: '1h', drain_spread: '1h' } } });
    const clients = await Promise.all([server.client(), server.client(), server.client()]);
    server.process.signal('SIGTERM');
    await clients[0]?.next('server.draining');
    // A terminal and npm both pass one signal on: what comes within 200 ms is the same one.
    await new Promise((done) => setTimeout(done, 300));
    expect(await server.stop('SIGTERM')).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('that cannot start says why in a sentence', async () => {
    const server = await ServerProcess.start({ main, env: { MCPW_ADMIN_KEY: 'short' }, ready: false });
    expect(await server.exited).toEqual({ code: 1, signal: null });
    expect(server.output).toMatch(/^MCPW_ADMIN_KEY: .*32/);
    expect(server.output).not.toContain('    at ');
    server.discard();
  });
});

describe('modules that the settings name', () => {
  it('are part of a server as it is shipped', async () => {
    const file = resolve(import.meta.dirname, '../../dist/examples/billing/billing.module.js');
    const server = await startServer({ config: { modules: [file] } });
    const { methods } = await (await server.connect()).initialize();
    expect(methods).toMatchObject({ 'billing.charge': expect.any(Number) });
  });
});
