// The server's settings as the rest of the code sees them: parsed, checked, immutable. Where they come from: load-config.ts.

export interface RateLimitConfig {
  readonly enabled: boolean;
  /** Tokens a second of a connection's bucket. */
  readonly rate: number;
  readonly burst: number;
  readonly perIp: boolean;
  readonly perUser: boolean;
  readonly perTenant: boolean;
  readonly ipRate: number;
  readonly ipBurst: number;
  readonly userRate: number;
  readonly userBurst: number;
  readonly tenantRate: number;
  readonly tenantBurst: number;
  /** Handshakes and REST requests of one IP address a minute. */
  readonly handshakesPerMinute: number;
}

export interface WebSocketConfig {
  readonly enabled: boolean;
  readonly maxConnections: number;
  /** Bytes received and not yet handled at which a connection's socket is no longer read. */
  readonly readBufferBytes: number;
  /** Size of the pooled buffers that outgoing messages of one tick are gathered in. */
  readonly writeBufferBytes: number;
  readonly pingIntervalMs: number;
  readonly pongTimeoutMs: number;
  readonly initializeTimeoutMs: number;
  readonly maxMessageBytes: number;
  readonly maxInFlight: number;
  readonly maxBatch: number;
  /** Unsent bytes of a connection past which it is closed with 4513. */
  readonly sendQueueBytes: number;
  readonly sendQueueAgeMs: number;
  readonly drainTimeoutMs: number;
  /** Over how long the closes of a drain are spread. */
  readonly drainSpreadMs: number;
  readonly requestTimeoutMs: number;
  readonly security: {
    readonly requireAuth: boolean;
    readonly hmacSignatures: boolean;
    readonly antiReplay: boolean;
    /** Whether `requireAuth: false` may stand on an address that others reach. */
    readonly allowAnonymousRemote: boolean;
    /** Empty: the server's own origin. `*`: any. */
    readonly allowedOrigins: readonly string[];
    readonly maxFrameBytes: number;
    readonly trustedProxies: readonly string[];
    /** Sockets that have not shown a credential, in all and of one IP address. */
    readonly maxUnauthenticated: number;
    readonly maxUnauthenticatedPerIp: number;
  };
  readonly rateLimit: RateLimitConfig;
  readonly batching: {
    readonly enabled: boolean;
    readonly maxMessages: number;
    readonly maxBytes: number;
    readonly flushIntervalMs: number;
  };
  readonly compression: { readonly enabled: boolean; readonly thresholdBytes: number };
}

export interface JwtConfig {
  readonly secret?: string;
  /** PEM (SPKI) or JWK text. */
  readonly publicKey?: string;
  readonly jwksUrl?: string;
  readonly issuer?: string;
  readonly audience?: string;
  readonly tenantClaim: string;
  readonly scopesClaim?: string;
}

export interface McpConfig {
  readonly enabled: boolean;
  /** `search`: the list of tools is three tools that find, describe and call the others. */
  readonly toolMode: 'list' | 'search';
  /** Names that `/mcp` is reached by. Empty: those of this machine where it listens on loopback alone, else any. */
  readonly allowedHosts: readonly string[];
  /** Where clients reach the server, for OAuth; unset: as they themselves say. */
  readonly publicUrl?: string;
  /** Issuers of tokens that clients are sent to. */
  readonly authorizationServers: readonly string[];
  /** Signs what clients are given to hand back; unset: made at start. */
  readonly stateSecret?: string;
  readonly maxSessions: number;
  readonly maxSessionsPerUser: number;
  readonly sessionTimeoutMs: number;
  readonly maxStreams: number;
  /** How long a call waits for what its client's user is asked. */
  readonly inputTimeoutMs: number;
}

export interface Config {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  /** Files with the certificate chain and its key, PEM. Both or none: without them the server speaks HTTP. */
  readonly tls: { readonly cert?: string; readonly key?: string };
  /** Origins whose web pages may use REST; empty: none. */
  readonly http: { readonly corsOrigins: readonly string[] };
  readonly websocket: WebSocketConfig;
  readonly auth: {
    readonly adminKey?: string;
    readonly jwt: JwtConfig;
    readonly ticketTtlMs: number;
  };
  readonly contexts: {
    readonly maxTokens: number;
    readonly sweepIntervalMs: number;
  };
  readonly events: {
    readonly retentionMs: number;
    readonly retentionCount: number;
    readonly sweepIntervalMs: number;
  };
  readonly tools: { readonly timeoutMs: number };
  /** As written, checked: `readMcpServers` of mcp-server.ts reads it. Undefined: nothing is said of other servers. */
  readonly mcpServers?: Readonly<Record<string, unknown>>;
  /** As written, checked: `readOpenApiSources` of openapi-source.ts reads it. */
  readonly openapi?: Readonly<Record<string, unknown>>;
  readonly federation: {
    /** Hosts that may be private, loopback or link-local although an administrator named them over REST. */
    readonly allowedHosts: readonly string[];
  };
  readonly mcp: McpConfig;
  /** Files of modules to load beside the server's own. */
  readonly modules: readonly string[];
  readonly sessions: { readonly resumeWindowMs: number; readonly idempotencyWindowMs: number };
  readonly storage: { readonly busyTimeoutMs: number };
  readonly audit: {
    readonly enabled: boolean;
    readonly retentionMs: number;
    /** Of all files together. */
    readonly maxBytes: number;
  };
  readonly logging: {
    readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
    readonly websocket: { readonly verbose: boolean };
  };
}
export const Config = Symbol('Config');
