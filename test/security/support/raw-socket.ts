// A TCP connection to the server on which a test writes what it likes, and when.
import { connect, type Socket } from 'node:net';

import { within } from '../../support/deadline.js';
import type { TestServer } from '../../support/start-server.js';

export class RawSocket {
  /** All that came so far. */
  received = Buffer.alloc(0);
  readonly closed: Promise<void>;
  isClosed = false;

  private constructor(readonly socket: Socket) {
    socket.on('data', (data) => (this.received = Buffer.concat([this.received, data])));
    socket.on('error', () => undefined); // what follows it is `close`
    this.closed = new Promise((resolve) =>
      socket.once('close', () => {
        this.isClosed = true;
        resolve();
      }),
    );
  }

  static async open(server: TestServer, localAddress?: string): Promise<RawSocket> {
    const { port } = new URL(server.url);
    const socket = connect({
      port: Number(port),
      host: '127.0.0.1',
      noDelay: true,
      ...(localAddress === undefined ? {} : { localAddress }),
    });
    const raw = new RawSocket(socket);
    await within('TCP connection', new Promise((resolve) => socket.once('connect', resolve)));
    return raw;
  }

  /** A WebSocket by hand; resolves when the server has agreed. */
  async upgrade(headers: Readonly<Record<string, string>> = {}): Promise<void> {
    this.write(handshake(headers));
    await this.until((text) => text.includes('\r\n\r\n'));
    if (!this.text.startsWith('HTTP/1.1 101')) throw new Error(`refused: ${this.text}`);
  }

  get text(): string {
    return this.received.toString('latin1');
  }

  async until(holds: (text: string) => boolean): Promise<void> {
    await within(
      'data',
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (holds(this.text) || this.isClosed) resolve();
          else setTimeout(look, 5);
        };
        look();
      }),
    );
  }

  write(data: string | Uint8Array): void {
    this.socket.write(data);
  }

  end(): void {
    this.socket.destroy();
  }

  /** Writes, and breaks the connection off (RST) before an answer can come. */
  reset(data: string): void {
    this.socket.write(data, () => this.socket.resetAndDestroy());
  }
}

export function handshake(headers: Readonly<Record<string, string>> = {}): string {
  const lines = {
    Host: 'localhost',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  };
  return `GET /ws HTTP/1.1\r\n${Object.entries(lines)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`;
}

export const OPCODE = { CONTINUATION: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const;

interface FrameParts {
  readonly opcode?: number;
  readonly fin?: boolean;
  /** Length that the head tells, where it is not the payload's. */
  readonly declared?: number;
}

/** A masked WebSocket frame (RFC 6455 §5.2), with a mask of zeros. */
export function webSocketFrame(payload: string | Uint8Array, { opcode = OPCODE.TEXT, fin = true, declared = -1 }: FrameParts = {}): Buffer {
  const body = Buffer.from(payload as string);
  const length = declared < 0 ? body.length : declared;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = (fin ? 0x80 : 0) | opcode;
  if (length < 126) head[1] = 0x80 | length;
  else if (length < 65_536) {
    head[1] = 0x80 | 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 0x80 | 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, Buffer.alloc(4), body]);
}
