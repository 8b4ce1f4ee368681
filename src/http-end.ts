// The end of the HTTP side. Node's `server.close()` waits for every connection that is not between two requests, and no longer looks who
// is late: one on which nothing was ever sent (browsers and fetch open such ahead of need), or half a request, would hold it for ever.
import type { IncomingMessage, Server } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import type { Socket } from 'node:net';

/** What is left of requests under way when all other work is done. */
const REQUESTS_MS = 5_000;

export class HttpEnd {
  /** Connections on which no request has come yet, each with the way to stop waiting for its end. */
  private readonly silent = new Map<Socket, () => void>();

  constructor(
    private readonly server: Server | SecureServer,
    isSecure: boolean,
  ) {
    server.on(isSecure ? 'secureConnection' : 'connection', (socket: Socket) => {
      const forget = (): void => void this.silent.delete(socket);
      this.silent.set(socket, () => socket.off('close', forget));
      socket.once('close', forget);
    });
    const heard = ({ socket }: IncomingMessage): void => {
      this.silent.get(socket)?.();
      this.silent.delete(socket);
    };
    server.on('request', heard);
    server.on('upgrade', heard);
  }

  /** @param close ends the server; it does not wait for anybody's connection longer than 5 s */
  async during(close: () => Promise<void>): Promise<void> {
    for (const socket of [...this.silent.keys()]) socket.destroy();
    const late = setTimeout(() => this.server.closeAllConnections(), REQUESTS_MS);
    try {
      await close();
    } finally {
      clearTimeout(late);
    }
  }
}
