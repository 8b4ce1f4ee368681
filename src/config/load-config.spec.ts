import { inspect } from 'node:util';

import { describe, expect, it } from 'vitest';

import type { ConfigProblem } from './config-problem.js';
import { describeProblems } from './config-problem.js';
import type { Config } from './config.js';
import { clientKey, loadConfig } from './load-config.js';

const load = (env: Record<string, string> = {}, yaml?: string) =>
  loadConfig(yaml === undefined ? env : { ...env, MCPW_CONFIG: 'mcpw.yaml' }, (path) => {
    if (path !== 'mcpw.yaml' || yaml === undefined) throw new Error(`ENOENT: no such file, open '${path}'`);
    return yaml;
  });

function good(env: Record<string, string> = {}, yaml?: string): Config {
  const loaded = load(env, yaml);
  if ('problems' in loaded) throw new Error(describeProblems(loaded.problems));
  return loaded.config;
}

function bad(env: Record<string, string> = {}, yaml?: string): readonly ConfigProblem[] {
  const loaded = load(env, yaml);
  if ('config' in loaded) throw new Error('was accepted');
  return loaded.problems;
}

const ADMIN_KEY = 'k'.repeat(32);

it('lets the key of commands be, which the server has no use for', () => {
  good({ MCPW_KEY: 'mcpw_of_a_client' });
  expect(clientKey({ MCPW_KEY: ' mcpw_of_a_client ' })).toBe('mcpw_of_a_client');
  expect([clientKey({}), clientKey({ MCPW_KEY: '' })]).toEqual([undefined, undefined]);
});

describe('without any setting', () => {
  it('has the defaults of the guide', () => {
    const { websocket } = good();
    expect(websocket).toMatchObject({
      enabled: true,
      maxConnections: 1000,
      readBufferBytes: 4096,
      writeBufferBytes: 4096,
      pingIntervalMs: 30_000,
      pongTimeoutMs: 60_000,
      maxMessageBytes: 1_048_576,
      security: { requireAuth: true, hmacSignatures: false, maxFrameBytes: 1_048_576 },
      rateLimit: { enabled: true, rate: 16.67, burst: 100, perIp: true, perUser: true },
    });
  });

  it('lets only pages of the server itself connect', () => {
    expect(good().websocket.security.allowedOrigins).toEqual([]);
  });

  it('gives an IP and a user ten times the rate of a connection, and a tenant a hundred times', () => {
    const { rateLimit } = good({ MCPW_WEBSOCKET_RATE_LIMIT_RATE: '2', MCPW_WEBSOCKET_RATE_LIMIT_BURST: '3' }).websocket;
    expect(rateLimit).toMatchObject({ ipRate: 20, userRate: 20, tenantRate: 200, ipBurst: 30, userBurst: 30, tenantBurst: 300 });
  });

  it('leaves out what has no default', () => {
    expect('adminKey' in good().auth).toBe(false);
  });
});

describe('precedence', () => {
  const yaml = 'server: {port: 1001}\nwebsocket:\n  max_connections: 7\n  ping_interval: 5s\n';

  it('puts the file above the defaults, and the environment above the file', () => {
    const config = good({ PORT: '1002', WEBSOCKET_MAX_CONNECTIONS: '9' }, yaml);
    expect([config.port, config.websocket.maxConnections, config.websocket.pingIntervalMs]).toEqual([1002, 9, 5000]);
  });

  it('reads the YAML of the guide', () => {
    const config = good(
      {},
      `websocket:
  enabled: true
  max_connections: 1000
  read_buffer_size: 4096
  write_buffer_size: 4096
  ping_interval: 30s
  pong_timeout: 60s
  max_message_size: 1048576  # 1MB

  security:
    require_auth: true
    hmac_signatures: false
    allowed_origins:
      - "*"
    max_frame_size: 1048576

  rate_limit:
    enabled: true
    rate: 16.67  # 1000 per minute
    burst: 100
    per_ip: true
    per_user: true
logging:
  level: debug
  websocket:
    verbose: true
`,
    );
    expect(config.websocket.security.allowedOrigins).toEqual(['*']);
    expect(config.logging).toEqual({ level: 'debug', websocket: { verbose: true } });
  });
});

describe('the environment', () => {
  it('has a variable for every key', () => {
    const config = good({
      MCPW_WEBSOCKET_PING_INTERVAL: '1m',
      MCPW_WEBSOCKET_SECURITY_ALLOWED_ORIGINS: 'https://a.example, https://b.example:8443',
      MCPW_LOGGING_WEBSOCKET_VERBOSE: 'true',
    });
    expect(config.websocket.pingIntervalMs).toBe(60_000);
    expect(config.websocket.security.allowedOrigins).toEqual(['https://a.example', 'https://b.example:8443']);
    expect(config.logging.websocket.verbose).toBe(true);
  });

  it('has short names', () => {
    const config = good({
      HOST: '::1',
      PORT: '9',
      MCPW_DATA_DIR: '/var/lib/mcpw',
      MCPW_ADMIN_KEY: ADMIN_KEY,
      WEBSOCKET_ENABLED: 'false',
      WEBSOCKET_AUTH_REQUIRED: 'false',
      WEBSOCKET_RATE_LIMIT: '600',
    });
    expect(config).toMatchObject({
      host: '::1',
      port: 9,
      dataDir: '/var/lib/mcpw',
      auth: { adminKey: ADMIN_KEY },
      websocket: { enabled: false, security: { requireAuth: false }, rateLimit: { rate: 10 } },
    });
  });

  it('takes an empty variable as unset', () => {
    expect(good({ PORT: '', MCPW_ADMIN_KEY: '' }).port).toBe(8080);
  });

  it('accepts two names that say the same, and refuses two that do not', () => {
    expect(good({ PORT: '81', MCPW_SERVER_PORT: '81' }).port).toBe(81);
    expect(bad({ PORT: '81', MCPW_SERVER_PORT: '82' })).toEqual([
      { source: 'PORT', key: 'server.port', message: 'says something else than MCPW_SERVER_PORT does; set one of the two' },
    ]);
    expect(bad({ WEBSOCKET_RATE_LIMIT: '600', MCPW_WEBSOCKET_RATE_LIMIT_RATE: '11' })).toHaveLength(1);
  });

  it('refuses a variable that it does not know, and says which was meant', () => {
    expect(bad({ WEBSOCKET_MAX_CONECTIONS: '5', MCPW_NOTHING_LIKE_IT: '1', MCPW_PORT: '80' })).toEqual([
      { source: 'WEBSOCKET_MAX_CONECTIONS', message: 'is not a variable of this server; did you mean WEBSOCKET_MAX_CONNECTIONS?' },
      { source: 'MCPW_NOTHING_LIKE_IT', message: 'is not a variable of this server' },
      { source: 'MCPW_PORT', message: expect.stringContaining('MCPW_SERVER_PORT') as string },
    ]);
  });

  it('passes over what Kubernetes sets for a service of the same name', () => {
    const env = {
      MCPW_SERVICE_HOST: '10.0.0.1',
      MCPW_SERVICE_PORT: '80',
      MCPW_PORT: 'tcp://10.0.0.1:80',
      MCPW_PORT_80_TCP_ADDR: '10.0.0.1',
    };
    expect(good(env).port).toBe(8080);
  });

  it('counts WEBSOCKET_RATE_LIMIT in messages a minute', () => {
    expect(bad({ WEBSOCKET_RATE_LIMIT: '0' })[0]?.message).toBe(
      '"0" is not accepted; accepted: a number of messages a minute, from 0.06 to 600000000',
    );
  });
});

describe('a setting that is wrong', () => {
  it('is told with all the others, each with its place, what was found and what is accepted', () => {
    const yaml = 'websocket:\n  ping_interval: 30\n  max_conections: 5\n  rate_limit:\n    burst: 0\nlogging:\n  level: loud\n';
    expect(describeProblems(bad({ PORT: 'http', MCPW_ADMIN_KEY: 'short-secret' }, yaml)).split('\n')).toEqual([
      'mcpw.yaml:2: websocket.ping_interval: "30" is not accepted; accepted: a duration such as 500ms, 30s, 5m, 1h or 7d, from 10ms to 1d',
      'mcpw.yaml:3: websocket.max_conections: is not a setting; did you mean websocket.max_connections?',
      'mcpw.yaml:5: websocket.rate_limit.burst: "0" is not accepted; accepted: a whole number, from 1 to 10000000',
      'mcpw.yaml:7: logging.level: "loud" is not accepted; accepted: one of trace, debug, info, warn, error, fatal, silent',
      'PORT: server.port: "http" is not accepted; accepted: a whole number, from 0 to 65535',
      'MCPW_ADMIN_KEY: auth.admin_key: a value of 12 characters is not accepted; accepted: at least 32 bytes',
    ]);
  });

  it('is found when it is merely in the wrong section', () => {
    expect(bad({}, 'websocket:\n  require_auth: false\n')[0]?.message).toContain('did you mean websocket.security.require_auth?');
  });

  it('is refused with the reason where it cannot mean anything here', () => {
    expect(bad({}, 'websocket:\n  tcp_nodelay: true\n')).toEqual([
      {
        source: 'mcpw.yaml:2',
        key: 'websocket.tcp_nodelay',
        message: expect.stringMatching(/^cannot be set: Node sets TCP_NODELAY/) as string,
      },
    ]);
  });

  it('is a file that cannot be read', () => {
    const loaded = loadConfig({ MCPW_CONFIG: 'gone.yaml' }, () => {
      throw new Error('ENOENT');
    });
    expect(loaded).toEqual({ problems: [{ source: 'MCPW_CONFIG', message: 'names the file "gone.yaml", which cannot be read: ENOENT' }] });
  });
});

describe('settings that do not go together', () => {
  it.each([
    [
      'a frame larger than a message',
      'websocket: {max_message_size: 64KB, security: {max_frame_size: 65KB}}',
      'websocket.security.max_frame_size',
    ],
    [
      'anonymous callers from other machines',
      'server: {host: 0.0.0.0}\nwebsocket: {security: {require_auth: false}}',
      'websocket.security.require_auth',
    ],
    ['a secret and a key address', `auth: {jwt: {secret: ${ADMIN_KEY}, jwks_url: "https://x.example/k"}}`, 'auth.jwt.jwks_url'],
    ['an issuer without a key', 'auth: {jwt: {issuer: me}}', 'auth.jwt.issuer'],
    ['closes spread over more than the drain', 'websocket: {drain_timeout: 1s, drain_spread: 2s}', 'websocket.drain_spread'],
  ])('refuses %s', (_, yaml, key) => {
    expect(bad({}, yaml).map((problem) => problem.key)).toEqual([key]);
  });

  it.each([
    ['a smaller message alone', 'websocket: {max_message_size: 64KB}'],
    ['a larger message alone', 'websocket: {max_message_size: 8MB}'],
    ['anonymous callers of this machine', 'websocket: {security: {require_auth: false}}'],
    [
      'anonymous callers from anywhere, when asked for',
      'server: {host: "::"}\nwebsocket: {security: {require_auth: false, allow_anonymous_remote: true}}',
    ],
  ])('accepts %s', (_, yaml) => {
    expect(good({}, yaml).websocket.enabled).toBe(true);
  });
});

describe('what was loaded', () => {
  it('cannot be changed', () => {
    const config = good();
    expect(() => ((config.websocket.rateLimit as { rate: number }).rate = 1)).toThrow(TypeError);
  });

  it('shows no secret when it is logged', () => {
    const config = good({ MCPW_ADMIN_KEY: 'admin-'.repeat(6), MCPW_AUTH_JWT_SECRET: 'jwt-secret-'.repeat(4) });
    const logged = [
      JSON.stringify(config),
      inspect(config, { depth: null }),
      `${config.auth as unknown as string}`,
      inspect(config.auth.jwt),
      JSON.stringify({ c: config.auth.jwt }),
    ];
    for (const text of logged) expect(text).not.toMatch(/admin-admin|jwt-secret-jwt/);
    expect(JSON.stringify(config)).toContain('"adminKey":"[secret]"');
    expect(config.auth.adminKey).toBe('admin-'.repeat(6));
  });
});
