// Every setting there is, a row each: the one source of the checks, of `.env.example` and of `config.example.yaml`.
// To add a key: a row here and its member in config.ts (the compiler asks for the other of the two).
import type { Config } from './config.js';
import type { Setting, ValuePath } from './setting.js';
import { readMcpServers } from './mcp-server.js';
import { readOpenApiSources } from './openapi-source.js';
import { hostCheck, jwksUrlCheck, networkCheck, originCheck, publicKeyCheck, publicUrlCheck } from './setting-checks.js';

/** Longest time that a Node timer takes. */
const LONGEST_TIMER = '24d';

// A table: a row says what a setting is, then what it does.
// prettier-ignore
export const SETTINGS = [
  { path: 'server.host', kind: 'string', to: 'host', default: '127.0.0.1', names: ['HOST'], check: hostCheck,
    doc: 'Address to listen on. The default is reached from this machine only; 0.0.0.0 and :: are reached from anywhere.' },
  { path: 'server.port', kind: 'integer', to: 'port', default: '8080', min: '0', max: '65535', names: ['PORT'],
    doc: 'Port to listen on; 0 takes any free one.' },
  { path: 'data_dir', kind: 'string', to: 'dataDir', default: './data',
    doc: 'Folder of the database and the audit log, made if it is not there. Only its owner may look into it.' },
  { path: 'tls.cert', kind: 'string', to: 'tls.cert', example: '/etc/mcpw/tls.crt',
    doc: 'File with the certificate and those between it and the root, PEM. With it the server speaks HTTPS and WSS; SIGHUP reads it anew.' },
  { path: 'tls.key', kind: 'string', to: 'tls.key', example: '/etc/mcpw/tls.key',
    doc: 'File with the key of tls.cert, PEM, without a password.' },
  { path: 'http.cors_origins', kind: 'list', to: 'http.corsOrigins', default: '', check: originCheck, example: 'https://console.example.com',
    doc: 'Origins whose web pages may use the REST routes. Empty: only pages of this server itself.' },

  { path: 'websocket.enabled', kind: 'boolean', to: 'websocket.enabled', default: 'true', names: ['WEBSOCKET_ENABLED'],
    doc: 'Whether agents may connect. When false, /ws answers 503 and the rest of the server works.' },
  { path: 'websocket.max_connections', kind: 'integer', to: 'websocket.maxConnections', default: '1000', min: '1', max: '1000000',
    names: ['WEBSOCKET_MAX_CONNECTIONS'],
    doc: 'Connections at the same time; the next one is refused with 503.' },
  { path: 'websocket.read_buffer_size', kind: 'size', to: 'websocket.readBufferBytes', default: '4096', min: '256', max: '64MB',
    doc: 'Bytes received and not yet handled at which a connection is no longer read, until they are.' },
  { path: 'websocket.write_buffer_size', kind: 'size', to: 'websocket.writeBufferBytes', default: '4096', min: '256', max: '64MB',
    doc: 'Size of the pooled buffers in which the outgoing messages of one moment are gathered before they are written.' },
  { path: 'websocket.ping_interval', kind: 'duration', to: 'websocket.pingIntervalMs', default: '30s', min: '10ms', max: '1d',
    doc: 'Time between two pings of a connection.' },
  { path: 'websocket.pong_timeout', kind: 'duration', to: 'websocket.pongTimeoutMs', default: '60s', min: '10ms', max: '1d',
    doc: 'How long a ping may stay unanswered before the connection is closed with 4508.' },
  { path: 'websocket.initialize_timeout', kind: 'duration', to: 'websocket.initializeTimeoutMs', default: '5s', min: '10ms', max: '1h',
    doc: 'How long a connection may take to send initialize before it is closed with 4408.' },
  { path: 'websocket.max_message_size', kind: 'size', to: 'websocket.maxMessageBytes', default: '1MB', min: '1KB', max: '256MB',
    doc: 'Largest message; a larger one closes the connection with 1009.' },
  { path: 'websocket.max_in_flight', kind: 'integer', to: 'websocket.maxInFlight', default: '64', min: '1', max: '10000',
    doc: 'Requests of one connection that run at the same time; beyond that it is no longer read.' },
  { path: 'websocket.max_batch', kind: 'integer', to: 'websocket.maxBatch', default: '100', min: '1', max: '100',
    doc: 'Messages in one batch. The protocol allows 100 at most.' },
  { path: 'websocket.send_queue_size', kind: 'size', to: 'websocket.sendQueueBytes', default: '8MB', min: '4KB', max: '1GB',
    doc: 'Unsent bytes of one connection past which it is closed with 4513.' },
  { path: 'websocket.send_queue_age', kind: 'duration', to: 'websocket.sendQueueAgeMs', default: '10s', min: '10ms', max: '1h',
    doc: 'Age of the oldest unsent message past which the connection is closed with 4513.' },
  { path: 'websocket.request_timeout', kind: 'duration', to: 'websocket.requestTimeoutMs', default: '60s', min: '10ms', max: '1d',
    doc: 'Longest time that a request may take before it is answered with 4014.' },
  { path: 'websocket.drain_timeout', kind: 'duration', to: 'websocket.drainTimeoutMs', default: '30s', min: '0', max: '1h',
    doc: 'How long a shutdown waits for requests in flight.' },
  { path: 'websocket.drain_spread', kind: 'duration', to: 'websocket.drainSpreadMs', default: '5s', min: '0', max: '1h',
    doc: 'Time over which a shutdown spreads the closing of connections, so that they do not all come back at once.' },

  { path: 'websocket.security.require_auth', kind: 'boolean', to: 'websocket.security.requireAuth', default: 'true',
    names: ['WEBSOCKET_AUTH_REQUIRED'],
    doc:
      'Whether a connection needs a credential. When false, callers without one are the principal "anonymous" of the tenant ' +
      '"default".' },
  { path: 'websocket.security.allow_anonymous_remote', kind: 'boolean', to: 'websocket.security.allowAnonymousRemote', default: 'false',
    doc: 'Allows require_auth: false on a host that other machines reach.' },
  { path: 'websocket.security.hmac_signatures', kind: 'boolean', to: 'websocket.security.hmacSignatures', default: 'false',
    doc:
      'Whether every message must be signed: an initialize without security is then refused, and so are MCP clients, whose ' +
      'protocol has no signatures.' },
  { path: 'websocket.security.anti_replay', kind: 'boolean', to: 'websocket.security.antiReplay', default: 'true',
    doc: 'Whether message ids, sequence numbers, timestamps and nonces that were seen before are refused.' },
  { path: 'websocket.security.allowed_origins', kind: 'list', to: 'websocket.security.allowedOrigins', default: '', check: originCheck,
    example: 'https://app.example.com',
    doc:
      'Origins whose web pages may connect. Empty: only pages of this server itself. "*": any page, which lets any site that ' +
      'a user visits try this server. Agents, which send no Origin, always may.' },
  { path: 'websocket.security.max_frame_size', kind: 'size', to: 'websocket.security.maxFrameBytes',
    default: { times: 1, of: 'websocket.max_message_size' }, min: '1KB', max: '256MB',
    doc: 'Largest WebSocket frame; a message may consist of several.' },
  { path: 'websocket.security.trusted_proxies', kind: 'list', to: 'websocket.security.trustedProxies', default: '', check: networkCheck,
    example: '10.0.0.0/8,127.0.0.1',
    doc: 'Addresses and networks of reverse proxies whose X-Forwarded-For is believed. Empty: none is.' },
  { path: 'websocket.security.max_unauthenticated', kind: 'integer', to: 'websocket.security.maxUnauthenticated', default: '256', min: '1',
    max: '1000000',
    doc: 'Connections at the same time that have not shown a credential yet. They have five seconds.' },
  { path: 'websocket.security.max_unauthenticated_per_ip', kind: 'integer', to: 'websocket.security.maxUnauthenticatedPerIp', default: '32',
    min: '1', max: '1000000',
    doc: 'The same for one IP address that is not a trusted proxy.' },

  { path: 'websocket.rate_limit.enabled', kind: 'boolean', to: 'websocket.rateLimit.enabled', default: 'true',
    doc: 'Whether messages are limited at all.' },
  { path: 'websocket.rate_limit.rate', kind: 'number', to: 'websocket.rateLimit.rate', default: '16.67', min: '0.001', max: '10000000',
    scaled: { name: 'WEBSOCKET_RATE_LIMIT', divisor: 60, unit: 'messages a minute' },
    doc: 'Messages a second of one connection, on average. How many may come at once is burst, which this does not change.' },
  { path: 'websocket.rate_limit.burst', kind: 'integer', to: 'websocket.rateLimit.burst', default: '100', min: '1', max: '10000000',
    doc: 'Messages of one connection at once.' },
  { path: 'websocket.rate_limit.per_ip', kind: 'boolean', to: 'websocket.rateLimit.perIp', default: 'true',
    doc: 'Whether all connections of one IP address are limited together as well.' },
  { path: 'websocket.rate_limit.per_user', kind: 'boolean', to: 'websocket.rateLimit.perUser', default: 'true',
    doc: 'Whether all connections of one principal are limited together as well.' },
  { path: 'websocket.rate_limit.per_tenant', kind: 'boolean', to: 'websocket.rateLimit.perTenant', default: 'true',
    doc: 'Whether all connections of one tenant are limited together as well.' },
  { path: 'websocket.rate_limit.ip_rate', kind: 'number', to: 'websocket.rateLimit.ipRate',
    default: { times: 10, of: 'websocket.rate_limit.rate' }, min: '0.001', max: '1000000000',
    doc: 'Messages a second of one IP address, on average.' },
  { path: 'websocket.rate_limit.ip_burst', kind: 'integer', to: 'websocket.rateLimit.ipBurst',
    default: { times: 10, of: 'websocket.rate_limit.burst' }, min: '1', max: '1000000000',
    doc: 'Messages of one IP address at once.' },
  { path: 'websocket.rate_limit.user_rate', kind: 'number', to: 'websocket.rateLimit.userRate',
    default: { times: 10, of: 'websocket.rate_limit.rate' }, min: '0.001', max: '1000000000',
    doc: 'Messages a second of one principal, on average.' },
  { path: 'websocket.rate_limit.user_burst', kind: 'integer', to: 'websocket.rateLimit.userBurst',
    default: { times: 10, of: 'websocket.rate_limit.burst' }, min: '1', max: '1000000000',
    doc: 'Messages of one principal at once.' },
  { path: 'websocket.rate_limit.tenant_rate', kind: 'number', to: 'websocket.rateLimit.tenantRate',
    default: { times: 100, of: 'websocket.rate_limit.rate' }, min: '0.001', max: '1000000000',
    doc: 'Messages a second of one tenant, on average.' },
  { path: 'websocket.rate_limit.tenant_burst', kind: 'integer', to: 'websocket.rateLimit.tenantBurst',
    default: { times: 100, of: 'websocket.rate_limit.burst' }, min: '1', max: '1000000000',
    doc: 'Messages of one tenant at once.' },
  { path: 'websocket.rate_limit.handshakes_per_minute', kind: 'integer', to: 'websocket.rateLimit.handshakesPerMinute', default: '600',
    min: '1', max: '10000000',
    doc: 'Handshakes and HTTP requests of one IP address in a minute; beyond that they are refused with 429.' },

  { path: 'websocket.batching.enabled', kind: 'boolean', to: 'websocket.batching.enabled', default: 'true',
    doc: 'Whether messages to clients that can take batches are sent in batches.' },
  { path: 'websocket.batching.max_messages', kind: 'integer', to: 'websocket.batching.maxMessages', default: '100', min: '1', max: '100',
    doc: 'Messages in one outgoing batch.' },
  { path: 'websocket.batching.max_size', kind: 'size', to: 'websocket.batching.maxBytes', default: '64KB', min: '1KB', max: '16MB',
    doc: 'Size past which a message joins no batch and a batch is sent.' },
  { path: 'websocket.batching.flush_interval', kind: 'duration', to: 'websocket.batching.flushIntervalMs', default: '0', min: '0',
    max: '1s',
    doc: 'How long messages wait for others to share a batch with. 0: only those of the same moment do.' },

  { path: 'websocket.compression.enabled', kind: 'boolean', to: 'websocket.compression.enabled', default: 'true',
    doc: 'Whether payloads of binary frames are compressed for clients that ask for it.' },
  { path: 'websocket.compression.threshold', kind: 'size', to: 'websocket.compression.thresholdBytes', default: '1024', min: '64',
    max: '256MB',
    doc: 'Smallest payload that is compressed.' },

  { path: 'auth.admin_key', kind: 'secret', to: 'auth.adminKey', minLength: 32, names: ['MCPW_ADMIN_KEY'],
    doc: "The administrator's API key, at least 32 characters. Unset: the first start makes one and prints it once." },
  { path: 'auth.ticket_ttl', kind: 'duration', to: 'auth.ticketTtlMs', default: '30s', min: '1s', max: '10m',
    doc: 'How long a ticket for connecting is good.' },
  { path: 'auth.jwt.secret', kind: 'secret', to: 'auth.jwt.secret', minLength: 32,
    doc: 'Secret of HS256 tokens, at least 32 bytes.' },
  { path: 'auth.jwt.public_key', kind: 'string', to: 'auth.jwt.publicKey', check: publicKeyCheck, example: '-----BEGIN PUBLIC KEY-----…',
    doc: 'Public key of RS256, ES256 or EdDSA tokens, as PEM or JWK.' },
  { path: 'auth.jwt.jwks_url', kind: 'string', to: 'auth.jwt.jwksUrl', check: jwksUrlCheck,
    example: 'https://login.example.com/.well-known/jwks.json',
    doc: 'Where the public keys of tokens are got.' },
  { path: 'auth.jwt.issuer', kind: 'string', to: 'auth.jwt.issuer', example: 'https://login.example.com',
    doc: 'The iss that tokens must have. Unset: any.' },
  { path: 'auth.jwt.audience', kind: 'string', to: 'auth.jwt.audience', example: 'mcpw',
    doc: 'The aud that tokens must have. Unset: any.' },
  { path: 'auth.jwt.tenant_claim', kind: 'string', to: 'auth.jwt.tenantClaim', default: 'tenant',
    doc: 'Claim that holds the tenant; a token without it is refused.' },
  { path: 'auth.jwt.scopes_claim', kind: 'string', to: 'auth.jwt.scopesClaim', example: 'permissions',
    doc: 'Claim that holds the scopes. Unset: scopes (a list) or scope (words).' },

  { path: 'contexts.max_tokens', kind: 'integer', to: 'contexts.maxTokens', default: '200000', min: '1', max: '100000000',
    doc: 'Tokens that a context may hold, and those it holds at most where its creator names no number.' },
  { path: 'contexts.sweep_interval', kind: 'duration', to: 'contexts.sweepIntervalMs', default: '30s', min: '10ms', max: '1d',
    doc: 'Time between two removals of expired contexts.' },

  { path: 'events.retention', kind: 'duration', to: 'events.retentionMs', default: '7d', min: '1s', max: '3650d',
    doc: 'How long events are kept in the log.' },
  { path: 'events.retention_count', kind: 'integer', to: 'events.retentionCount', default: '1000000', min: '1', max: '1000000000',
    doc: 'Events of one tenant that are kept in the log; the oldest go first.' },
  { path: 'events.sweep_interval', kind: 'duration', to: 'events.sweepIntervalMs', default: '1m', min: '10ms', max: '1d',
    doc: 'Time between two removals of old events.' },

  { path: 'tools.timeout', kind: 'duration', to: 'tools.timeoutMs', default: '30s', min: '10ms', max: '1d',
    doc: 'Longest time that a tool may take; a tool may ask for less.' },

  { path: 'mcpServers', kind: 'map', to: 'mcpServers', check: (map) => readMcpServers(map).problems,
    doc:
      'Other MCP servers whose tools are offered here, in the shape that MCP clients use: name, then command, args, env, cwd, or url, ' +
      'headers; see docs/upstreams.md. Unset: a file server on the folder workspace of data_dir. {} is none.' },
  { path: 'openapi', kind: 'map', to: 'openapi', check: (map) => readOpenApiSources(map).problems,
    doc:
      'OpenAPI documents whose operations are offered as tools: name, then document (a file or URL), baseUrl, auth; see ' +
      'docs/upstreams.md.' },
  { path: 'federation.allowed_hosts', kind: 'list', to: 'federation.allowedHosts', default: '', check: hostCheck, example: 'tools.internal',
    doc:
      'Hosts that an administrator may name as MCP servers over REST although they are private, loopback or link-local addresses. ' +
      'Hosts that mcpServers itself names need no entry.' },

  { path: 'mcp.enabled', kind: 'boolean', to: 'mcp.enabled', default: 'true',
    doc:
      'Whether MCP clients are served, at /mcp and on /ws with the subprotocol mcp. They never are where ' +
      'websocket.security.hmac_signatures is true.' },
  { path: 'mcp.tool_mode', kind: 'enum', to: 'mcp.toolMode', default: 'list', values: ['list', 'search'],
    doc:
      'What MCP clients are shown. list: all tools. search: three tools that find, describe and call the others, for when all ' +
      "would fill a model's context." },
  { path: 'mcp.allowed_hosts', kind: 'list', to: 'mcp.allowedHosts', default: '', check: hostCheck, example: 'mcp.example.com',
    doc:
      'Host names by which /mcp may be reached, so that a web page cannot reach it by a name of its own (DNS rebinding). Empty: ' +
      'localhost and its addresses where the server listens on loopback, else any name.' },
  { path: 'mcp.public_url', kind: 'string', to: 'mcp.publicUrl', check: publicUrlCheck, example: 'https://mcp.example.com',
    doc: 'Where clients reach this server, for OAuth. Unset: http and the host that the client names.' },
  { path: 'mcp.authorization_servers', kind: 'list', to: 'mcp.authorizationServers', default: '', check: publicUrlCheck,
    example: 'https://login.example.com',
    doc: 'Issuers to which MCP clients without a token are sent (RFC 9728). Empty: auth.jwt.issuer where it is a URL, else none.' },
  { path: 'mcp.state_secret', kind: 'secret', to: 'mcp.stateSecret', minLength: 32,
    doc:
      'Signs what MCP clients are given to hand back with an answer of their user, at least 32 characters. ' +
      'Unset: made anew at each start.' },
  { path: 'mcp.max_sessions', kind: 'integer', to: 'mcp.maxSessions', default: '10000', min: '1', max: '1000000',
    doc: 'MCP sessions of /mcp at the same time; the next one is refused with 503. Clients of revision 2026-07-28 have none.' },
  { path: 'mcp.max_sessions_per_user', kind: 'integer', to: 'mcp.maxSessionsPerUser', default: '1000', min: '1', max: '1000000',
    doc: 'MCP sessions of one principal; the next one ends the one that was idle longest.' },
  { path: 'mcp.session_timeout', kind: 'duration', to: 'mcp.sessionTimeoutMs', default: '30m', min: '100ms', max: '7d',
    doc: 'How long an MCP session may be idle before it ends.' },
  { path: 'mcp.max_streams', kind: 'integer', to: 'mcp.maxStreams', default: '1000', min: '1', max: '1000000',
    doc: 'Event streams of /mcp that are open at the same time.' },
  { path: 'mcp.input_timeout', kind: 'duration', to: 'mcp.inputTimeoutMs', default: '5m', min: '100ms', max: '1d',
    doc: "How long a call waits for the answer of its client's user or model." },

  { path: 'modules', kind: 'list', to: 'modules', default: '', example: './billing/billing.module.js',
    doc: 'Files of modules of your own, from the working directory; the default export of each is a Nest module.' },

  { path: 'sessions.resume_window', kind: 'duration', to: 'sessions.resumeWindowMs', default: '10m', min: '0', max: LONGEST_TIMER,
    doc: 'How long a session can be resumed after its connection ended.' },
  { path: 'sessions.idempotency_window', kind: 'duration', to: 'sessions.idempotencyWindowMs', default: '10m', min: '1s',
    max: LONGEST_TIMER,
    doc: 'How long the answer to an idempotency key is kept.' },

  { path: 'storage.busy_timeout', kind: 'duration', to: 'storage.busyTimeoutMs', default: '5s', min: '0', max: '1m',
    doc: 'How long a write waits for a database that another process holds.' },

  { path: 'audit.enabled', kind: 'boolean', to: 'audit.enabled', default: 'true',
    doc: 'Whether authentications, refusals, changes of keys and executions of tools are recorded, in the folder audit of data_dir.' },
  { path: 'audit.retention', kind: 'duration', to: 'audit.retentionMs', default: '90d', min: '1h', max: '3650d',
    doc: 'How long files of the audit log are kept after their last record.' },
  { path: 'audit.max_size', kind: 'size', to: 'audit.maxBytes', default: '1GB', min: '1MB', max: '1024GB',
    doc: 'Size of all files of the audit log together; the oldest go first.' },

  { path: 'logging.level', kind: 'enum', to: 'logging.level', default: 'info',
    values: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    doc: 'The least serious log lines that are written.' },
  { path: 'logging.websocket.verbose', kind: 'boolean', to: 'logging.websocket.verbose', default: 'false',
    doc:
      'Whether a line is logged for every message at level debug: its session, method, outcome and time, never its content.' },
] as const satisfies readonly Setting[];

/** Members of `Config` that no row sets: there must be none. */
type Unset = Exclude<ValuePath<Config>, (typeof SETTINGS)[number]['to']>;
const complete: [Unset] extends [never] ? true : Unset = true;
void complete;
