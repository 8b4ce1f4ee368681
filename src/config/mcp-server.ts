// Other MCP servers whose tools are offered here: the map `mcpServers`, in the shape that MCP clients use for theirs, and what
// this server adds to it. Not how they are reached: federation/.
import { MapReader, isFreeMap, type FreeMap } from './map-reader.js';
import { readTenants } from './tenant-list.js';

export interface McpServerLimits {
  /** Longest time of one call. Unset: `tools.timeout`. */
  readonly timeoutMs?: number | undefined;
  /** How long a call may be silent: no answer and no progress. Unset: as long as it may take. */
  readonly idleTimeoutMs?: number | undefined;
  readonly connectTimeoutMs: number;
  /** Largest message taken from it. */
  readonly maxMessageBytes: number;
  readonly maxTools: number;
}

interface Common {
  /** Tenants that see it; undefined: all. */
  readonly tenants?: readonly string[] | undefined;
  /** Patterns (`*`) of the tools that are offered, by the names they have there. Undefined: all. */
  readonly allowTools?: readonly string[] | undefined;
  readonly denyTools: readonly string[];
  /** Whether the server is not ready while this one is not connected. */
  readonly required: boolean;
  readonly limits: McpServerLimits;
}

/** A program that this server starts, spoken to by its standard input and output. */
export interface StdioServer extends Common {
  readonly type: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
}

/** Streamable HTTP, or JSON-RPC over a WebSocket with the subprotocol `mcp`. */
export interface RemoteServer extends Common {
  readonly type: 'http' | 'ws';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether a caller's own JWT goes on as `Authorization`, on a connection of its own. */
  readonly forwardCallerToken: boolean;
}

export type McpServer = StdioServer | RemoteServer;

/** Other names that clients have for the same. */
const TYPES: Readonly<Record<string, McpServer['type']>> = {
  stdio: 'stdio',
  http: 'http',
  'streamable-http': 'http',
  streamableHttp: 'http',
  ws: 'ws',
  websocket: 'ws',
};
const SERVER_NAME = /^[^\p{C}]{1,64}$/u;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]{0,8192}$/;
/** Those that the transport sets itself. */
const OWN_HEADERS = /^(content-type|content-length|accept|host|connection|upgrade|transfer-encoding|mcp-.*|sec-websocket-.*)$/i;

/** @returns servers by name, without those that are `disabled` or wrong */
export function readMcpServers(map: FreeMap): { readonly servers: ReadonlyMap<string, McpServer>; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const servers = new Map<string, McpServer>();
  for (const [name, value] of Object.entries(map)) {
    if (!SERVER_NAME.test(name)) problems.push(`mcpServers has a name that is not 1 to 64 printable characters`);
    else if (!isFreeMap(value)) problems.push(`mcpServers.${name} is not a map`);
    else {
      const before = problems.length;
      const server = readServer(new MapReader(value, `mcpServers.${name}`, problems));
      if (server !== undefined && problems.length === before) servers.set(name, server);
    }
  }
  return { servers, problems };
}

function readServer(reader: MapReader): McpServer | undefined {
  const isDisabled = reader.boolean('disabled') === true;
  const type = typeOf(reader);
  if (type === undefined) return undefined;
  const server = type === 'stdio' ? readStdio(reader) : readRemote(reader, type);
  reader.end();
  return isDisabled ? undefined : server;
}

function typeOf(reader: MapReader): McpServer['type'] | undefined {
  const given = reader.string('type') ?? (reader.has('command') ? 'stdio' : 'http');
  const type = Object.hasOwn(TYPES, given) ? TYPES[given] : undefined;
  if (type !== undefined) return type;
  return reader.wrong('type', `is ${JSON.stringify(given)}; accepted: ${Object.keys(TYPES).join(', ')}`);
}

function readStdio(reader: MapReader): StdioServer | undefined {
  const command = reader.string('command');
  const args = reader.strings('args') ?? [];
  const env = reader.texts('env') ?? {};
  const cwd = reader.string('cwd');
  const common = readCommon(reader);
  if (command === undefined) return reader.has('command') ? undefined : reader.wrong('command', 'is missing');
  return { type: 'stdio', command, args, env, cwd, ...common };
}

function readRemote(reader: MapReader, type: 'http' | 'ws'): RemoteServer | undefined {
  const schemes = type === 'http' ? ['http:', 'https:'] : ['ws:', 'wss:'];
  const url = reader.string('url', {
    test: (text) => isReference(text) || isUrl(text, schemes),
    form: `a URL that begins with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}, without a name and password in it`,
  });
  const headers = readHeaders(reader);
  const forwardCallerToken = reader.boolean('forwardCallerToken') ?? false;
  const common = readCommon(reader);
  if (url === undefined) return reader.has('url') ? undefined : reader.wrong('url', 'is missing');
  return { type, url, headers, forwardCallerToken, ...common };
}

export function readHeaders(reader: MapReader): Readonly<Record<string, string>> {
  const headers = reader.texts('headers') ?? {};
  for (const [name, value] of Object.entries(headers)) {
    if (!HEADER_NAME.test(name)) reader.wrong('headers', 'has a name that no header can have');
    else if (OWN_HEADERS.test(name)) reader.wrong(`headers.${name}`, 'is set by the server itself');
    else if (!HEADER_VALUE.test(value)) reader.wrong(`headers.${name}`, 'has characters that no header can have, or more than 8192');
  }
  return headers;
}

function readCommon(reader: MapReader): Common {
  return {
    tenants: readTenants(reader),
    allowTools: reader.strings('allowTools'),
    denyTools: reader.strings('denyTools') ?? [],
    required: reader.boolean('required') ?? false,
    limits: {
      timeoutMs: reader.duration('timeout', '10ms', '1d'),
      idleTimeoutMs: reader.duration('idleTimeout', '10ms', '1d'),
      connectTimeoutMs: reader.duration('connectTimeout', '100ms', '10m') ?? 30_000,
      maxMessageBytes: reader.size('maxMessageSize', '1KB', '64MB') ?? 4 * 1024 * 1024,
      maxTools: reader.integer('maxTools', 1, 10_000) ?? 1_000,
    },
  };
}

/** A text that is known only once the environment's values stand in it. */
const isReference = (text: string): boolean => text.includes('${env:');

export function isUrl(text: string, schemes: readonly string[]): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && schemes.includes(url.protocol) && url.username === '' && url.password === '';
}
