// MCP over a WebSocket: JSON-RPC text messages under the subprotocol `mcp`.
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';
import { WebSocket } from 'ws';

import type { AddressGuard } from '../egress/address-guard.js';
import { answersLast } from './answers-last.js';
import { readMessage } from './read-message.js';

export interface WebSocketOptions {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly guard: AddressGuard;
  readonly connectTimeoutMs: number;
  readonly maxMessageBytes: number;
}

const SUBPROTOCOL = 'mcp';
const PING_INTERVAL_MS = 30_000;
const CLOSE_MS = 1_000;
/** Bytes that the other side has not read yet, past which it is sent nothing more. */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;

export class WebSocketTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  private socket: WebSocket | undefined;
  private pinging: NodeJS.Timeout | undefined;
  private isAlive = true;

  constructor(private readonly options: WebSocketOptions) {}

  async start(): Promise<void> {
    const { url, headers, guard, connectTimeoutMs, maxMessageBytes } = this.options;
    guard.refuseLiteral(url.hostname);
    const socket = new WebSocket(url, [SUBPROTOCOL], {
      headers: { ...headers },
      lookup: guard.lookup,
      handshakeTimeout: connectTimeoutMs,
      maxPayload: maxMessageBytes,
      perMessageDeflate: false,
      followRedirects: false,
    });
    this.socket = socket;
    socket.on('message', (data, isBinary) => this.receive(data as Buffer, isBinary));
    socket.on('error', (error) => this.onerror?.(error));
    socket.on('pong', () => (this.isAlive = true));
    await new Promise<void>((resolve, reject) =>
      socket
        .once('open', resolve)
        .once('error', reject)
        .once('close', () => reject(new Error('closed'))),
    );
    this.pinging = setInterval(() => this.ping(), PING_INTERVAL_MS).unref();
    socket.once('close', () => this.closed());
    if (socket.readyState !== WebSocket.OPEN) this.closed();
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const { socket } = this;
    if (socket?.readyState !== WebSocket.OPEN) throw new Error('the connection has ended');
    if (socket.bufferedAmount > MAX_UNREAD_BYTES) throw new Error('the other side does not read what it is sent');
    socket.send(JSON.stringify(message));
  }

  async close(): Promise<void> {
    const { socket } = this;
    if (socket === undefined || socket.readyState === WebSocket.CLOSED) return this.closed();
    const closing = new Promise((resolve) => socket.once('close', resolve));
    socket.close(1000);
    const timer = setTimeout(() => socket.terminate(), CLOSE_MS);
    await closing;
    clearTimeout(timer);
    this.closed();
  }

  private receive(data: Buffer, isBinary: boolean): void {
    try {
      if (isBinary) throw new Error('a binary message');
      answersLast(readMessage(data.toString('utf8')), (message) => this.onmessage?.(message));
    } catch (error) {
      this.onerror?.(error as Error);
    }
  }

  private ping(): void {
    if (!this.isAlive) return this.socket?.terminate();
    this.isAlive = false;
    this.socket?.ping();
  }

  private closed(): void {
    if (this.pinging === undefined) return;
    clearInterval(this.pinging);
    this.pinging = undefined;
    this.onclose?.();
  }
}
