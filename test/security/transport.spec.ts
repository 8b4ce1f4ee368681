// What the HTTP side says to browsers and to those on the way: helmet, no CORS unless configured, TLS by configuration.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

import { eventually, within } from '../support/deadline.js';
import { startServer, type TestServer } from '../support/start-server.js';
import { selfSigned } from './support/certificate.js';

const EVIL = 'https://evil.example';

describe('plain HTTP', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });

  it.each(['/health/live', '/api/docs', '/api/v1/keys', '/no/such/page'])(
    '%s says to browsers what they may not do with it',
    async (path) => {
      const { headers } = await server.rest('GET', path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe-eval');
      expect(headers.get('x-powered-by')).toBeNull();
    },
  );

  it.each(['GET', 'POST', 'OPTIONS'])('%s of another origin’s page is not answered for that page', async (method) => {
    for (const path of ['/api/v1/keys', '/api/v1/websocket/tickets', '/mcp']) {
      const { headers } = await server.rest(method, path, method === 'POST' ? {} : undefined, server.adminKey, {
        origin: EVIL,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      });
      for (const name of ['access-control-allow-origin', 'access-control-allow-credentials', 'access-control-allow-headers'])
        expect(headers.get(name), `${path} ${name}`).toBeNull();
    }
  });

  it('a page that has its own name point here (DNS rebinding) may not connect where no credential is asked for', async () => {
    const open = await startServer({ config: { websocket: { security: { require_auth: false } } } });
    const { port } = new URL(open.url);
    for (const host of ['evil.example', `localhost.evil.example:${port}`, `127.0.0.1.evil.example:${port}`]) {
      const attempt = open.connect({ anonymous: true, origin: `http://${host}`, headers: { host } });
      await expect(attempt, host).rejects.toMatchObject({ status: 403 });
    }
    await open.connect({ anonymous: true, origin: open.url });
  });

  it('keys, tickets and records are not for caches', async () => {
    for (const [method, path] of [
      ['GET', '/api/v1/keys'],
      ['GET', '/api/v1/audit'],
      ['GET', '/api/v1/websocket/stats'],
      ['POST', '/api/v1/websocket/tickets'],
    ] as const)
      expect((await server.rest(method, path)).headers.get('cache-control'), path).toBe('no-store');
  });
});

describe('TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcpw-tls-'));
  const files = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
  afterAll(() => rmSync(folder, { recursive: true }));

  function issue(name: string): void {
    const { cert, key } = selfSigned(name);
    writeFileSync(files.cert, cert);
    writeFileSync(files.key, key);
  }

  /** Whose certificate it is, and what came with it. */
  async function visit(server: TestServer): Promise<{ name: string; status: number; hsts: string | undefined; protocol: string }> {
    return new Promise((resolve, reject) => {
      get(`${server.url.replace('http:', 'https:')}/health/live`, { rejectUnauthorized: false, agent: false }, (response) => {
        const socket = response.socket as TLSSocket;
        response.resume();
        resolve({
          name: String(socket.getPeerCertificate().subject.CN),
          status: response.statusCode ?? 0,
          hsts: response.headers['strict-transport-security'],
          protocol: socket.getProtocol() ?? '',
        });
      }).on('error', reject);
    });
  }

  it('is spoken where there is a certificate, over /ws as well, and a new certificate is taken at SIGHUP while connections stay', async () => {
    issue('first.example');
    const server = await startServer({ config: { tls: files }, ready: false });
    await server.printed(/"msg":"listening"/, 30_000);
    expect(await visit(server)).toMatchObject({
      name: 'first.example',
      status: 200,
      hsts: expect.stringMatching(/max-age=\d{8}/) as string,
    });
    expect((await visit(server)).protocol).toMatch(/TLSv1\.[23]/);
    const socket = new WebSocket(server.wsUrl.replace('ws:', 'wss:'), {
      headers: { authorization: `Bearer ${server.adminKey}` },
      rejectUnauthorized: false,
    });
    await within('upgrade', new Promise((resolve) => socket.once('open', resolve)));
    const answer = (): Promise<string> =>
      within('answer', new Promise((resolve) => socket.once('message', (data: Buffer) => resolve(data.toString()))));
    const first = answer();
    socket.send(JSON.stringify({ id: '1', type: 0, method: 'initialize', params: { name: 'x', version: '1' } }));
    expect(await first).toContain('"session_id"');

    issue('second.example');
    expect((await visit(server)).name).toBe('first.example');
    server.process.signal('SIGHUP');
    await server.printed(/read anew/);
    await eventually('the new certificate', async () => ((await visit(server)).name === 'second.example' ? true : undefined));
    const second = answer();
    socket.send(JSON.stringify({ id: '2', type: 0, method: 'tool.list', params: {} }));
    expect(await second).toContain('"tools"');

    writeFileSync(files.cert, 'nonsense');
    server.process.signal('SIGHUP');
    await server.printed(/the certificate stays the old one/);
    expect((await visit(server)).name).toBe('second.example');
    await expect(fetch(`${server.url}/health/live`)).rejects.toThrow();
    socket.terminate();
    await server.stop();
  }, 60_000);

  it('stops the start where certificate and key do not belong together', async () => {
    issue('third.example');
    const other = join(folder, 'other.key');
    writeFileSync(other, selfSigned('other.example').key);
    const server = await startServer({ config: { tls: { cert: files.cert, key: other } }, ready: false });
    expect((await server.process.exited).code).not.toBe(0);
    expect(server.output).toMatch(/tls\.cert .* and tls\.key .* do not serve/);
  });
});
