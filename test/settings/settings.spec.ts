// What settings do beyond the guide's own keys (test/guide/settings.spec.ts, rate-limits.spec.ts, tuning.spec.ts), and how wrong
// ones end the start. Shown elsewhere: max_connections, max_message_size, max_frame_size, require_auth and handshakes_per_minute
// with connecting and messages, send_queue_* with keep-alive, retention with events, max_tokens and sweeps with contexts,
// tools.timeout with tools, busy_timeout with faults, drain_spread with sessions; all under test/protocol and test/faults.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { signJwt } from '../support/jwt.js';
import { createKey } from '../support/keys.js';
import { ServerProcess, type ServerOptions } from '../support/server-process.js';
import { sharedServer, startServer, type TestServer } from '../support/start-server.js';

const SLOW_SERVER = resolve(import.meta.dirname, '../support/fixtures/slow-server.js');

const folder = mkdtempSync(join(tmpdir(), 'mcpw-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a server says whose start is to fail. */
async function failedStart(options: ServerOptions): Promise<string> {
  const server = await ServerProcess.start({ ...options, ready: false });
  try {
    const { code } = await server.exited;
    expect(code).toBe(1);
    return server.output;
  } finally {
    server.discard();
  }
}

/** A YAML file as written. */
function yaml(name: string, text: string): Record<string, string> {
  const file = join(folder, name);
  writeFileSync(file, text);
  return { MCPW_CONFIG: file };
}

const ISSUER_SECRET = 'a-secret-of-the-issuer-0123456789abcdef';
/** Settings that do not meet: a server of all of them shows each, beside one of the defaults. */
const SEVERAL = {
  websocket: { max_batch: 3, compression: { threshold: '2KB' }, security: { anti_replay: false, max_unauthenticated_per_ip: 2 } },
  auth: { ticket_ttl: '1s', jwt: { secret: ISSUER_SECRET, tenant_claim: 'org', scopes_claim: 'permissions' } },
  sessions: { resume_window: '1s', idempotency_window: '1s' },
  http: { cors_origins: ['https://app.example.com'] },
};
const serverOfSeveral = (): Promise<TestServer> => sharedServer({ config: SEVERAL });
const serverOfDefaults = (): Promise<TestServer> => sharedServer({});

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

describe('a start with wrong settings fails', () => {
  it('with every problem listed at once, each with its place', async () => {
    const env = {
      ...yaml(
        'many.yaml',
        'websocket:\n  max_conections: 5\n  ping_interval: soon\n  security:\n    allowed_origins: ["example.com"]\nloging:\n  level: loud\n',
      ),
      MCPW_WEBSOCKET_MAX_MESSAGE_SIZE: '1 parsec',
      WEBSOCKET_RATE_LIMIT: 'many',
      WEBSOCKET_ENABELD: 'true',
    };
    const said = await failedStart({ env });
    for (const problem of [
      /many\.yaml:2: .*max_conections.*did you mean websocket\.max_connections/,
      /many\.yaml:3: .*ping_interval.*a duration such as/,
      /many\.yaml:5: .*allowed_origins.*an origin/,
      /many\.yaml:6: .*loging.*did you mean logging/,
      /MCPW_WEBSOCKET_MAX_MESSAGE_SIZE: .*a size such as/,
      /WEBSOCKET_RATE_LIMIT: .*messages a minute/,
      /WEBSOCKET_ENABELD: .*did you mean WEBSOCKET_ENABLED/,
    ])
      expect(said).toMatch(problem);
    expect(said).not.toContain('    at ');
  });

  it.each([
    ['a file that is not there', { MCPW_CONFIG: '/nowhere/mcpw.yaml' }, /MCPW_CONFIG: .*cannot be read/],
    ['a file that is not YAML', yaml('broken.yaml', 'websocket: [1\n'), /broken\.yaml/],
    ['a key twice', yaml('twice.yaml', 'websocket:\n  enabled: true\n  enabled: false\n'), /twice\.yaml:3/],
    ['a list for a section', yaml('list.yaml', 'websocket: [1]\n'), /list\.yaml:1: .*websocket/],
    ['a short admin key', { MCPW_ADMIN_KEY: 'short' }, /MCPW_ADMIN_KEY: .*32/],
    ['a port that is none', { PORT: '70000' }, /PORT: .*65535/],
    [
      'two names that say different things',
      { WEBSOCKET_MAX_CONNECTIONS: '1', MCPW_WEBSOCKET_MAX_CONNECTIONS: '2' },
      /WEBSOCKET_MAX_CONNECTIONS: .*says something else/,
    ],
    [
      'frames larger than messages',
      yaml('frame.yaml', 'websocket:\n  max_message_size: 1MB\n  security: {max_frame_size: 2MB}\n'),
      /frame\.yaml:3: .*max_frame_size/,
    ],
    ['a spread longer than the drain', { MCPW_WEBSOCKET_DRAIN_SPREAD: '2m' }, /drain_spread/],
    [
      'anonymous callers where others reach it',
      { HOST: '0.0.0.0', WEBSOCKET_AUTH_REQUIRED: 'false' },
      /require_auth.*allow_anonymous_remote/,
    ],
    ['an issuer without a key', { MCPW_AUTH_JWT_ISSUER: 'https://x.example' }, /auth\.jwt\.issuer/],
    ['a secret and a public key', { MCPW_AUTH_JWT_SECRET: 's'.repeat(32), MCPW_AUTH_JWT_JWKS_URL: 'https://x.example' }, /set one/],
  ])('for %s', async (_, env: Record<string, string>, problem) => {
    expect(await failedStart({ env })).toMatch(problem);
  });

  it.each([
    ['path: /agents', /websocket\.path.*\/ws/],
    ['tcp_nodelay: false', /tcp_nodelay.*TCP_NODELAY/],
    ['workers: 4', /workers.*one event loop/],
    ['connection_pool_size: 10', /connection_pool_size.*not pooled/],
    ['compression: {per_message_deflate: true}', /per_message_deflate/],
  ])('for websocket.%s, which cannot mean anything here, with the reason', async (setting, reason) => {
    expect(await failedStart({ env: yaml('refused.yaml', `websocket:\n  ${setting}\n`) })).toMatch(reason);
  });

  it('for a port that another program has, and for a data folder that another server has or that cannot be made', async () => {
    const { port, dataDir } = (await serverOfDefaults()).process;
    const said = [
      await failedStart({ env: { PORT: String(port) } }),
      await failedStart({ dataDir }),
      await failedStart({ env: { MCPW_DATA_DIR: '/proc/nowhere' } }),
    ];
    expect(said[0]).toMatch(/does not start: cannot listen on 127\.0\.0\.1:\d+: another program does; set PORT/);
    expect(said[1]).toMatch(/does not start: the data folder .* is in use by another server/);
    expect(said[2]).toMatch(/does not start: the data folder \/proc\/nowhere cannot be made/);
    expect(said.join()).not.toContain('    at ');
  });

  it.each([
    ['that is not there', './nowhere.js', /cannot be loaded: Cannot find module/],
    ['that is a folder', '.', /cannot be loaded: Directory import/],
    ['that exports no module', resolve(import.meta.dirname, '../../dist/start-failure.js'), /has no Nest module as its default export/],
  ])('for a file of modules %s', async (_, file, problem) => {
    const said = await failedStart({ config: { modules: [file] } });
    expect(said).toMatch(problem);
    expect(said.startsWith(`The server does not start: modules: ${file} `)).toBe(true);
    expect(said).not.toContain('    at ');
  });

  it('and tells no secret', async () => {
    const said = await failedStart({ env: { MCPW_ADMIN_KEY: 'hush-hush', MCPW_AUTH_JWT_SECRET: 'mum-is-the-word' } });
    expect(said).not.toMatch(/hush-hush|mum-is-the-word/);
  });
});

describe('where a setting comes from', () => {
  it('the default, the YAML file over it, and the environment over both; an empty variable counts as none', async () => {
    const limitsOf = async (server: TestServer): Promise<unknown> => (await (await server.connect()).initialize()).limits;
    expect(await limitsOf(await serverOfDefaults())).toMatchObject({
      rate: 16.67,
      burst: 100,
      max_message_size: 1_048_576,
      max_in_flight: 64,
    });
    const config = { websocket: { max_message_size: '2MB', max_in_flight: 7, rate_limit: { rate: 5, burst: 50 } } };
    expect(await limitsOf(await startServer({ config, env: { MCPW_WEBSOCKET_MAX_IN_FLIGHT: '' } }))).toMatchObject({
      rate: 5,
      burst: 50,
      max_message_size: 2_097_152,
      max_in_flight: 7,
    });
    const env = { WEBSOCKET_RATE_LIMIT: '60', MCPW_WEBSOCKET_RATE_LIMIT_BURST: '9', MCPW_WEBSOCKET_MAX_MESSAGE_SIZE: '4096' };
    expect(await limitsOf(await startServer({ config, env }))).toMatchObject({
      rate: 1,
      burst: 9,
      max_message_size: 4096,
      max_in_flight: 7,
    });
  });

  it('the guide’s YAML is taken as printed', async () => {
    const config = {
      websocket: {
        enabled: true,
        max_connections: 1000,
        read_buffer_size: 4096,
        write_buffer_size: 4096,
        ping_interval: '30s',
        pong_timeout: '60s',
        max_message_size: 1_048_576,
        security: { require_auth: true, hmac_signatures: false, allowed_origins: ['*'], max_frame_size: 1_048_576 },
        rate_limit: { enabled: true, rate: 16.67, burst: 100, per_ip: true, per_user: true },
      },
      logging: { level: 'debug', websocket: { verbose: true } },
    };
    await (await startServer({ config })).client({ origin: 'https://any.example' });
  });
});

describe('settings of connections', () => {
  it('initialize_timeout: how long one with a credential may stay silent', async () => {
    const server = await startServer({ config: { websocket: { initialize_timeout: '300ms' } } });
    const [silent, quick] = [await server.connect(), await server.client()];
    expect(await silent.closed).toMatchObject({ code: 4408, reason: expect.stringContaining('300') });
    expect(quick.isOpen).toBe(true);
  });

  it('request_timeout: a request that takes longer is 4014', async () => {
    const server = await startServer({ main: SLOW_SERVER, config: { websocket: { request_timeout: '300ms' } } });
    const client = await server.client();
    expect((await client.request('test.slow', { ms: 20_000, value: 'late' })).error).toMatchObject({ code: 4014 });
    expect((await client.request('test.slow', { ms: 20_000, value: 'later' }, { timeout_ms: 60_000 })).error).toMatchObject({ code: 4014 });
    await server.printed(/slow late aborted/);
  });

  it('drain_timeout: a shutdown waits no longer for requests in flight', async () => {
    const server = await startServer({ main: SLOW_SERVER, config: { websocket: { drain_timeout: '500ms', drain_spread: '0' } } });
    const client = await server.client();
    client.begin('test.slow', { ms: 60_000, value: 'cut' });
    await client.settle();
    const begin = Date.now();
    const stopped = server.stop('SIGTERM');
    expect(await client.closed).toMatchObject({ code: 4503 });
    expect(await stopped).toMatchObject({ code: 0 });
    expect(Date.now() - begin).toBeLessThan(9000);
  });

  it('max_batch: a larger batch is 4000', async () => {
    const server = await serverOfSeveral();
    const client = await server.connect();
    expect((await client.initialize()).limits.max_batch).toBe(3);
    await client.batch([['tool.list'], ['tool.list'], ['tool.list']]);
    client.sendJson({ id: 'b', type: 6, params: { messages: [1, 2, 3, 4].map((n) => ({ id: `x${n}`, type: 4 })) } });
    expect((await client.nextOther()).error).toMatchObject({ code: 4000, message: expect.stringContaining('max_batch 3') });
  });

  it('anti_replay: false takes an id twice', async () => {
    const twice = async (server: TestServer, ts?: number): Promise<unknown> => {
      const client = await server.client();
      for (let i = 0; i < 2; i++) client.sendJson({ id: 'same', type: 0, method: 'tool.list', ts });
      return [(await client.nextOther()).error?.code, (await client.nextOther()).error?.code];
    };
    expect(await twice(await serverOfDefaults())).toEqual([undefined, 4010]);
    expect(await twice(await serverOfSeveral(), 1)).toEqual([undefined, undefined]);
  });

  it('trusted_proxies: whose X-Forwarded-For names the address that is limited', async () => {
    const scopes = async (trusted: string[]): Promise<unknown[]> => {
      const rateLimit = { rate: 0.01, burst: 100, per_user: false, per_tenant: false, ip_rate: 0.01, ip_burst: 1 };
      const server = await startServer({ config: { websocket: { rate_limit: rateLimit, security: { trusted_proxies: trusted } } } });
      const outcomes = [];
      for (const address of ['192.0.2.1', '192.0.2.2']) {
        const client = await server.connect({ headers: { 'x-forwarded-for': `203.0.113.9, ${address}` } });
        outcomes.push((await client.request('initialize', { name: 'x', version: '1' })).error?.data ?? 'in');
      }
      return outcomes;
    };
    expect(await scopes(['127.0.0.0/8'])).toEqual(['in', 'in']);
    expect(await scopes([])).toEqual(['in', expect.objectContaining({ scope: 'ip' })]);
  });

  it('compression.enabled and threshold: what is agreed in initialize', async () => {
    const agreed = async (server: TestServer): Promise<unknown> => {
      const answer = await (await server.connect()).initialize({ compression: ['unknown', 'gzip'] });
      return { compression: answer.compression, threshold: answer.limits.compression_threshold };
    };
    expect(await agreed(await serverOfSeveral())).toEqual({ compression: 'gzip', threshold: 2048 });
    expect(await agreed(await startServer({ config: { websocket: { compression: { enabled: false } } } }))).toMatchObject({
      compression: undefined,
    });
  });

  it('max_unauthenticated_per_ip: how many may be there without a credential', async () => {
    const server = await serverOfSeveral();
    await Promise.all([server.connect({ anonymous: true }), server.connect({ anonymous: true })]);
    await expect(server.connect({ anonymous: true })).rejects.toMatchObject({ status: expect.toBeOneOf([429, 503]) });
    await server.client();
  });
});

describe('settings of credentials and sessions', () => {
  it('auth.ticket_ttl: how long a ticket is good', async () => {
    const server = await serverOfSeveral();
    const { body } = await server.rest('POST', '/api/v1/websocket/tickets');
    await pause(1300);
    await expect(server.connect({ ticket: body.ticket })).rejects.toMatchObject({ status: 401 });
  });

  it('auth.jwt.tenant_claim and scopes_claim: where a token says tenant and scopes', async () => {
    const server = await serverOfSeveral();
    const client = await server.connect({
      jwt: await signJwt(ISSUER_SECRET, { sub: 'u', org: 'acme', permissions: ['tools:read'], tenant: 'x', scope: 'admin' }),
    });
    expect((await client.initialize()).principal).toMatchObject({ tenant: 'acme', scopes: ['tools:read'] });
    await expect(server.connect({ jwt: await signJwt(ISSUER_SECRET, { sub: 'u', tenant: 'acme' }) })).rejects.toMatchObject({
      status: 401,
    });
  });

  it('sessions.resume_window: how long after its connection a session can be resumed', async () => {
    const server = await serverOfSeveral();
    const { key } = await createKey(server);
    const resumed = async (afterMs: number): Promise<boolean> => {
      const first = await server.connect({ key });
      const { session_id, resume_token } = await first.initialize();
      await first.close();
      await pause(afterMs);
      return (await (await server.connect({ key })).initialize({ resume: { session_id, resume_token } })).resumed as boolean;
    };
    expect(await resumed(0)).toBe(true);
    expect(await resumed(1500)).toBe(false);
  });

  it('sessions.idempotency_window: how long an answer is kept', async () => {
    const server = await serverOfSeveral();
    const client = await server.client();
    const create = async (): Promise<string> => (await client.call('context.create', { name: 'x' }, { idempotency_key: 'k' })).id as string;
    const first = await create();
    expect(await create()).toBe(first);
    await pause(1300);
    expect(await create()).not.toBe(first);
  });

  it('MCPW_ADMIN_KEY sets the admin key; without it the first start makes one and shows it once', async () => {
    const server = await startServer({ adminKey: null });
    const [made] = await server.printed(/mcpw_\w+/);
    await server.client({ key: made });
    await server.restart();
    expect(server.output.split(made)).toHaveLength(3);
    await server.client({ key: made });
    expect(server.output.slice(server.output.lastIndexOf(made) + made.length)).not.toContain('mcpw_');
  });
});

describe('settings of HTTP', () => {
  it('http.cors_origins: which web pages may use it', async () => {
    const server = await serverOfSeveral();
    const allowed = (origin: string): Promise<string | undefined> =>
      new Promise((done, fail) =>
        request(`${server.url}/health/live`, { headers: { origin } }, (answer) =>
          done(answer.resume().headers['access-control-allow-origin']),
        )
          .on('error', fail)
          .end(),
      );
    expect(await allowed('https://app.example.com')).toBe('https://app.example.com');
    expect(await allowed('https://evil.example')).toBeUndefined();
  });
});
