// Who sits between a client and the server, reads both, and sends the client something else than the server said: WebSocket message
// by message, not bytes of TCP (unreliable-network.ts).
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

import { WebSocket, WebSocketServer } from 'ws';

/** @returns what the client gets in its place */
export type Tamper = (message: Buffer, isBinary: boolean) => readonly Buffer[];

export class TamperingRelay {
  /** Connections that were made so far. */
  connections = 0;
  /** Messages that were tampered with so far. */
  tampered = 0;
  private tamper: Tamper | undefined;

  private constructor(
    private readonly server: WebSocketServer,
    private readonly targetUrl: string,
  ) {
    server.on('connection', (client, request) => this.join(client, request));
  }

  static async to(targetUrl: string): Promise<TamperingRelay> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    return new TamperingRelay(server, targetUrl);
  }

  get wsUrl(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}/ws`;
  }

  /** The next message of the server is tampered with, and none after it. */
  tamperWithNext(tamper: Tamper): void {
    this.tamper = tamper;
  }

  async close(): Promise<void> {
    for (const client of this.server.clients) client.terminate();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(client: WebSocket, { headers }: IncomingMessage): void {
    this.connections++;
    const { authorization = '' } = headers;
    const target = new WebSocket(this.targetUrl, client.protocol === '' ? [] : [client.protocol], { headers: { authorization } });
    const opened = once(target, 'open');
    opened.catch(() => client.terminate());
    client.on(
      'message',
      (data: Buffer, isBinary) => void opened.then(() => target.send(data, { binary: isBinary })).catch(() => undefined),
    );
    target.on('message', (data: Buffer, isBinary) => {
      for (const message of this.taken(data, isBinary)) client.send(message, { binary: isBinary });
    });
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      socket.on('error', () => undefined); // what follows it is `close`
      socket.on('close', () => other.terminate());
    }
  }

  private taken(data: Buffer, isBinary: boolean): readonly Buffer[] {
    const { tamper } = this;
    if (tamper === undefined) return [data];
    this.tamper = undefined;
    this.tampered++;
    return tamper(data, isBinary);
  }
}
