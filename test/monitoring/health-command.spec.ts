// What the image's HEALTHCHECK runs: it asks the server that the same settings start, with TLS as well as without.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { startServer } from '../support/start-server.js';
import { selfSigned } from '../security/support/certificate.js';

const ROOT = resolve(import.meta.dirname, '../..');
const COMMAND = 'dist/cli/health.js';

const folder = mkdtempSync(join(tmpdir(), 'mcpw-health-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function probe(env: Record<string, string>): Promise<{ code: number; said: string }> {
  return new Promise((done) =>
    execFile(process.execPath, [join(ROOT, COMMAND)], { env }, (error, stdout, stderr) =>
      done({ code: typeof error?.code === 'number' ? error.code : 0, said: stdout + stderr }),
    ),
  );
}

describe('the health command', () => {
  it('finds a server ready on every interface, and says why not once it has ended', async () => {
    const server = await startServer({ env: { HOST: '0.0.0.0' } });
    const env = { HOST: '0.0.0.0', PORT: String(server.process.port) };
    expect(await probe(env)).toEqual({ code: 0, said: '' });
    await server.stop();
    expect(await probe(env)).toMatchObject({ code: 1, said: expect.stringContaining('does not answer') });
  });

  it('speaks TLS where the server does, whatever name its certificate is for', async () => {
    const { cert, key } = selfSigned('mcpw.example');
    const tls = { MCPW_TLS_CERT: join(folder, 'tls.crt'), MCPW_TLS_KEY: join(folder, 'tls.key') };
    writeFileSync(tls.MCPW_TLS_CERT, cert);
    writeFileSync(tls.MCPW_TLS_KEY, key);
    const server = await startServer({ env: tls, ready: false });
    await server.printed(/"msg":"listening"/, 30_000);
    const env = { PORT: String(server.process.port), ...tls };
    expect(await probe(env)).toEqual({ code: 0, said: '' });
    expect((await probe({ PORT: env.PORT })).code).toBe(1);
    await server.stop();
  });

  it('fails where the server answers that it is not ready', async () => {
    const server = createServer((_, response) => response.writeHead(503).end());
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    expect(await probe({ PORT: String(port) })).toMatchObject({ code: 1, said: expect.stringContaining('answers 503') });
    server.close();
  });

  it('fails where the settings are wrong, in the words of the start', async () => {
    expect(await probe({ PORT: 'none' })).toMatchObject({ code: 1, said: expect.stringMatching(/^PORT: /) });
  });

  it('is what the image runs', () => {
    expect(readFileSync(join(ROOT, 'docker/Dockerfile'), 'utf8')).toMatch(new RegExp(`\\n  CMD \\["node", "${COMMAND}"\\]\\n`));
  });
});
