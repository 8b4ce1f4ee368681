// The guide's "Configuration", "Environment Variables" and "Debug Mode": what each setting does. Those of limits and
// security stand with what they limit and secure.
import { describe, expect, it } from 'vitest';

import { eventually, within } from '../support/deadline.js';
import { spied, SPIED } from '../support/socket-spy.js';
import { sharedServer, startServer, type TestServer } from '../support/start-server.js';
import type { TestClient } from '../support/test-client.js';

/** Settings that do not meet, of one server for each of their values. */
const withBuffers = (size: { read: string; write: string }): Promise<TestServer> =>
  sharedServer({
    config: { websocket: { read_buffer_size: size.read, write_buffer_size: size.write, batching: { enabled: false } } },
    nodeArgs: SPIED,
  });
const SMALL = { read: '4096', write: '512' };
const LARGE = { read: '64KB', write: '64KB' };
const withPingsAndOrigins = (interval: string, origin: string): Promise<TestServer> =>
  sharedServer({ config: { websocket: { ping_interval: interval, security: { allowed_origins: [origin] } } } });

/** Asks for many small answers within one turn of the server. */
async function askAtOnce(client: TestClient, count: number): Promise<void> {
  const answers = Array.from({ length: count }, (_, i) => client.answerTo(`p${i}`));
  const pings = answers.map((_, i) => ({ id: `p${i}`, type: 4 }));
  client.sendJson({ id: 'batch', type: 6, params: { messages: pings } });
  await Promise.all(answers);
}

describe('websocket', () => {
  it.each([
    [SMALL, 4_096],
    [LARGE, 65_536],
  ])('read_buffer_size', async (size, bytes) => {
    const server = await withBuffers(size);
    const before = spied(server, 'upgrade').length;
    await server.client();
    expect(spied(server, 'upgrade').slice(before)).toMatchObject([{ readBufferBytes: bytes }]);
  });

  it('write_buffer_size', async () => {
    const largest = async (size: typeof SMALL): Promise<number> => {
      const server = await withBuffers(size);
      const client = await server.client();
      const before = spied(server, 'write').length;
      await askAtOnce(client, 90);
      return Math.max(
        ...spied(server, 'write')
          .slice(before)
          .map(({ bytes }) => bytes as number),
      );
    };
    expect(await largest(SMALL)).toBeLessThanOrEqual(512);
    // All ninety together.
    expect(await largest(LARGE)).toBeGreaterThan(90 * 50);
  });

  it('ping_interval', async () => {
    const client = await (await withPingsAndOrigins('100ms', '*')).client();
    let pings = 0;
    client.socket.on('ping', () => pings++);
    await eventually('three pings', () => (pings >= 3 ? pings : undefined));
    expect(client.isOpen).toBe(true);
    const { limits } = await (await (await withPingsAndOrigins('7s', 'https://app.example.com')).connect()).initialize();
    expect(limits.ping_interval_ms).toBe(7_000);
  });

  it('pong_timeout', async () => {
    const server = await startServer({ config: { websocket: { ping_interval: '100ms', pong_timeout: '200ms' } } });
    const [silent, alive] = [await server.client({ autoPong: false }), await server.client()];
    expect((await within('close', silent.closed)).code).toBe(4508);
    expect(alive.isOpen).toBe(true);
  });

  it('allowed_origins', async () => {
    const some = await withPingsAndOrigins('7s', 'https://app.example.com');
    await some.connect({ origin: 'https://app.example.com' });
    await some.connect();
    await expect(some.connect({ origin: 'https://evil.example.com' })).rejects.toMatchObject({
      status: 403,
      body: { error: { code: 4012 } },
    });
    const any = await withPingsAndOrigins('100ms', '*');
    await any.connect({ origin: 'https://evil.example.com' });
  });
});

describe('environment variables', () => {
  const closedAndLimited = { env: { WEBSOCKET_AUTH_REQUIRED: 'true', WEBSOCKET_RATE_LIMIT: '120' } };

  it('WEBSOCKET_MAX_CONNECTIONS', async () => {
    const server = await startServer({ env: { WEBSOCKET_MAX_CONNECTIONS: '2' } });
    await Promise.all([server.client(), server.client()]);
    await expect(server.connect()).rejects.toMatchObject({ status: 503 });
  });

  it('WEBSOCKET_AUTH_REQUIRED', async () => {
    const open = await startServer({ env: { WEBSOCKET_AUTH_REQUIRED: 'false' } });
    expect(await (await open.connect({ anonymous: true })).initialize()).toMatchObject({
      principal: { id: 'anonymous', tenant: 'default' },
    });
    const closed = await sharedServer(closedAndLimited);
    const client = await closed.connect({ anonymous: true });
    expect((await client.request('initialize', { name: 'nobody', version: '1' })).error?.code).toBe(4001);
  });

  it('WEBSOCKET_RATE_LIMIT', async () => {
    const server = await sharedServer(closedAndLimited);
    const { limits } = await (await server.connect()).initialize();
    expect(limits.rate).toBe(2);
  });

  it('HOST and PORT', async () => {
    const server = await startServer({ env: { HOST: '127.0.0.2' }, ready: false });
    const { port } = new URL(server.url);
    const ready = () =>
      fetch(`http://127.0.0.2:${port}/health/ready`).then(
        ({ status }) => (status === 200 ? true : undefined),
        () => undefined,
      );
    await eventually('readiness on the other address', ready, 30_000);
    // Where the server does not listen, or a firewall stands before it, a client finds nobody.
    await expect(server.connect()).rejects.toThrow('ECONNREFUSED');
  });
});

describe('logging', () => {
  const levels = (server: TestServer): number[] => [...server.output.matchAll(/^\{"level":(\d+)/gm)].map(([, level]) => Number(level));

  let quietDebug: Promise<TestServer> | undefined;
  const loggedQuietly = (): Promise<TestServer> => (quietDebug ??= logged({ level: 'debug', websocket: { verbose: false } }));

  async function logged(logging: Record<string, unknown>): Promise<TestServer> {
    const server = await startServer({ config: { logging } });
    const client = await server.client({}, { name: 'secret-agent' });
    await client.call('tool.execute', { name: 'echo', arguments: { word: 'confidential' } });
    await client.request('context.get', { context_id: 'none' });
    await client.close();
    await server.stop();
    return server;
  }

  it('logging.level', async () => {
    const [debug, error] = [await loggedQuietly(), await logged({ level: 'error' })];
    expect(Math.min(...levels(debug))).toBeLessThanOrEqual(30);
    expect(levels(error).filter((level) => level < 50)).toEqual([]);
  });

  it('logging.websocket.verbose', async () => {
    const [verbose, quiet] = [await logged({ level: 'debug', websocket: { verbose: true } }), await loggedQuietly()];
    expect(verbose.output).toMatch(/"session":"[\w-]{22}","method":"tool\.execute","outcome":"ok","ms":[\d.]+,"msg":"message"/);
    expect(verbose.output).toMatch(/"method":"context\.get","outcome":"not_found","ms":[\d.]+,"msg":"message"/);
    expect(quiet.output).not.toMatch(/"method":"(tool\.execute|context\.get)"/);
    for (const { output, adminKey } of [verbose, quiet]) {
      expect(output).not.toContain(adminKey);
      expect(output).not.toContain('confidential');
    }
  });
});
