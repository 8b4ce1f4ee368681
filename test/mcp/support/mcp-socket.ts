// A client of `/ws` that speaks MCP, for tests: sends anything, in either era, and hides nothing. Not an SDK.
import { afterEach } from 'vitest';
import type { WebSocket } from 'ws';

import { eventually } from '../../support/deadline.js';
import { openSocket, type HandshakeOptions } from '../../support/handshake.js';
import type { TestServer } from '../../support/start-server.js';
import { envelope, LEGACY } from './mcp-http.js';

type Message = any; // eslint-disable-line @typescript-eslint/no-explicit-any -- each test knows the shape it waits for
type Params = Readonly<Record<string, unknown>>;

const open = new Set<McpSocket>();

afterEach(() => {
  for (const socket of open) socket.socket.terminate();
  open.clear();
});

export class McpSocket {
  /** All that came and that nobody has waited for, in order. */
  readonly received: Message[] = [];
  closed: { readonly code: number; readonly reason: string } | undefined;
  private lastId = 0;

  private constructor(readonly socket: WebSocket) {
    open.add(this);
    socket.on('message', (data, isBinary) => void this.received.push(isBinary ? data : JSON.parse((data as Buffer).toString())));
    socket.on('close', (code, reason) => (this.closed = { code, reason: reason.toString() }));
  }

  /** With the admin key unless another credential is given. */
  static async connect({ wsUrl, adminKey }: TestServer, options: HandshakeOptions = { key: adminKey }): Promise<McpSocket> {
    let connected: McpSocket | undefined;
    await openSocket(wsUrl, { subprotocols: ['mcp'], ...options }, (socket) => (connected = new McpSocket(socket)));
    return connected as McpSocket;
  }

  /** One that has begun a session of the older era. */
  static async open(server: TestServer, capabilities: object = {}, version = LEGACY, options?: HandshakeOptions): Promise<McpSocket> {
    const socket = await McpSocket.connect(server, options);
    const answer = await socket.request('initialize', {
      protocolVersion: version,
      capabilities,
      clientInfo: { name: 'test', version: '1.0.0' },
    });
    if (answer.result === undefined) throw new Error(`no session: ${JSON.stringify(answer)}`);
    socket.notify('notifications/initialized');
    return socket;
  }

  /** Text as it is, anything else as JSON. */
  send(message: unknown): void {
    this.socket.send(typeof message === 'string' || message instanceof Uint8Array ? message : JSON.stringify(message));
  }

  notify(method: string, params: Params = {}): void {
    this.send({ jsonrpc: '2.0', method, params });
  }

  /** @returns the id */
  ask(method: string, params: Params = {}, id: string | number = ++this.lastId): string | number {
    this.send({ jsonrpc: '2.0', id, method, params });
    return id;
  }

  async request(method: string, params: Params = {}): Promise<Message> {
    return this.answer(this.ask(method, params));
  }

  /** A request of the newer era. */
  async modern(method: string, params: Params = {}, capabilities: object = {}, meta: object = {}): Promise<Message> {
    return this.answer(this.askModern(method, params, capabilities, meta));
  }

  askModern(method: string, params: Params = {}, capabilities: object = {}, meta: object = {}): string | number {
    return this.ask(method, { ...params, _meta: envelope(capabilities, meta) });
  }

  async answer(id: string | number | null): Promise<Message> {
    return this.next(`answer to ${id}`, (message) => message.id === id && message.method === undefined);
  }

  async notification(method: string): Promise<Message> {
    return this.next(method, (message) => message.method === method);
  }

  /** The first that fits, which is taken out of what was received. */
  async next(what: string, fits: (message: Message) => boolean): Promise<Message> {
    const found = await eventually(what, () => {
      const index = this.received.findIndex(fits);
      if (index === -1 && this.closed !== undefined) throw new Error(`no ${what}: closed with ${this.closed.code} ${this.closed.reason}`);
      return index === -1 ? undefined : { message: this.received.splice(index, 1)[0] };
    });
    return found.message;
  }

  async end(): Promise<{ readonly code: number; readonly reason: string }> {
    return eventually('the end of the connection', () => this.closed);
  }
}
