// A client of `/mcp` for tests: sends anything, in either era, and hides nothing. Not an SDK.
import type { TestServer } from '../../support/start-server.js';
import { plantToken } from '../../support/planted-secrets.js';
import { EventReader } from './event-reader.js';

export const MODERN = '2026-07-28';
export const LEGACY = '2025-11-25';

const META = 'io.modelcontextprotocol/';
const NAMED_BY: Readonly<Record<string, string>> = { 'tools/call': 'name', 'prompts/get': 'name', 'resources/read': 'uri' };

type Headers = Readonly<Record<string, string>>;
type Params = Readonly<Record<string, unknown>>;

export interface Reply {
  readonly status: number;
  readonly headers: globalThis.Headers;
  readonly text: string;
  /** Where it is JSON. */
  readonly body: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- each test knows the shape it asked for
}

export interface McpHttpOptions {
  /** The admin key unless given; `null` sends none. */
  readonly key?: string | null;
  readonly headers?: Headers;
}

/** `_meta` of the newer era. */
export const envelope = (capabilities: object = {}, more: object = {}): object => ({
  [`${META}protocolVersion`]: MODERN,
  [`${META}clientInfo`]: { name: 'test', version: '1.0.0' },
  [`${META}clientCapabilities`]: capabilities,
  ...more,
});

export const LOG_LEVEL = `${META}logLevel`;
export const SUBSCRIPTION_ID = `${META}subscriptionId`;

let lastId = 0;

export class McpHttp {
  readonly url: string;
  private readonly own: Record<string, string>;

  constructor(server: TestServer, { key = server.adminKey, headers = {} }: McpHttpOptions = {}) {
    this.url = `${server.url}/mcp`;
    this.own = { accept: 'application/json, text/event-stream', ...(key !== null && { authorization: `Bearer ${key}` }), ...headers };
  }

  /** A POST of what is given: text as it is, anything else as JSON. */
  async post(body: unknown, headers: Headers = {}, signal?: AbortSignal): Promise<Response> {
    return fetch(this.url, {
      method: 'POST',
      headers: { ...this.own, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
      ...(signal !== undefined && { signal }),
    });
  }

  async send(body: unknown, headers: Headers = {}): Promise<Reply> {
    return replyOf(await this.post(body, headers));
  }

  async get(headers: Headers): Promise<Response> {
    return fetch(this.url, { headers: { ...this.own, accept: 'text/event-stream', ...headers } });
  }

  async method(method: string, headers: Headers = {}): Promise<Reply> {
    return replyOf(await fetch(this.url, { method, headers: { ...this.own, ...headers } }));
  }

  /** A request of the newer era. */
  async modern(method: string, params: Params = {}, capabilities: object = {}, meta: object = {}): Promise<Reply> {
    return replyOf(await this.modernResponse(method, params, capabilities, meta));
  }

  async modernResponse(
    method: string,
    params: Params = {},
    capabilities: object = {},
    meta: object = {},
    signal?: AbortSignal,
  ): Promise<Response> {
    const { body, headers } = modernRequest(method, params, capabilities, meta);
    return this.post(body, headers, signal);
  }

  /** Opens a session of the older era. */
  async open(capabilities: object = {}, version = LEGACY): Promise<McpHttpSession> {
    const initialize = { protocolVersion: version, capabilities, clientInfo: { name: 'test', version: '1.0.0' } };
    const reply = await this.send({ jsonrpc: '2.0', id: ++lastId, method: 'initialize', params: initialize });
    const id = reply.headers.get('mcp-session-id');
    if (reply.status !== 200 || id === null) throw new Error(`no session: ${reply.status} ${reply.text}`);
    plantToken('the id of a session of MCP', id);
    return new McpHttpSession(this, id, reply.body.result.protocolVersion as string, reply.body.result);
  }
}

export class McpHttpSession {
  readonly headers: Headers;

  constructor(
    readonly http: McpHttp,
    readonly id: string,
    readonly version: string,
    /** What `initialize` answered. */
    readonly welcome: any, // eslint-disable-line @typescript-eslint/no-explicit-any -- as Reply
  ) {
    this.headers = { 'mcp-session-id': id, 'mcp-protocol-version': version };
  }

  async request(method: string, params: Params = {}): Promise<Reply> {
    return replyOf(await this.response(method, params));
  }

  async response(method: string, params: Params = {}, id: string | number = ++lastId): Promise<Response> {
    return this.http.post({ jsonrpc: '2.0', id, method, params }, this.headers);
  }

  async notify(method: string, params: Params = {}): Promise<Reply> {
    return this.http.send({ jsonrpc: '2.0', method, params }, this.headers);
  }

  /** Answers a request of the server's. */
  async answer(id: string | number, result: object): Promise<Reply> {
    return this.http.send({ jsonrpc: '2.0', id, result }, this.headers);
  }

  /** The stream for what belongs to no call, or a lost one. */
  async stream(lastEventId?: string): Promise<EventReader> {
    return new EventReader(await this.http.get({ ...this.headers, ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) }));
  }

  async end(): Promise<Reply> {
    return this.http.method('DELETE', this.headers);
  }
}

export function modernRequest(method: string, params: Params, capabilities: object, meta: object): { body: object; headers: Headers } {
  const name = params[NAMED_BY[method] ?? ''];
  return {
    body: { jsonrpc: '2.0', id: ++lastId, method, params: { ...params, _meta: envelope(capabilities, meta) } },
    headers: {
      'mcp-protocol-version': MODERN,
      'mcp-method': method,
      ...(typeof name === 'string' && { 'mcp-name': name }),
    },
  };
}

async function replyOf(response: Response): Promise<Reply> {
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true && text !== '';
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
}
