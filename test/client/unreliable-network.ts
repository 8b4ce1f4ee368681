// What lies between a client and the server, and can fail: cut, or fall silent without a word. Keeps what the server sent.
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

import { eventually } from '../support/deadline.js';

export class UnreliableNetwork {
  /** All bytes from the server, of all connections. */
  readonly fromServer: Buffer[] = [];
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private isSilent = false;
  private isDeaf = false;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async to(targetPort: number): Promise<UnreliableNetwork> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const network = new UnreliableNetwork(server, (server.address() as { port: number }).port);
    server.on('connection', (socket) => network.join(socket, connect(targetPort, '127.0.0.1')));
    return network;
  }

  get wsUrl(): string {
    return `ws://127.0.0.1:${this.port}/ws`;
  }

  /** Connections that were made so far. */
  connections = 0;

  /** Breaks all connections, as a lost network does once it is noticed. */
  cut(): void {
    for (const pair of this.pairs) for (const socket of pair) socket.resetAndDestroy();
  }

  /** Breaks all connections once the server has said something more, which does not arrive any more. */
  async cutBeforeNextAnswer(): Promise<void> {
    const before = this.fromServer.length;
    this.isDeaf = true;
    await eventually('an answer of the server', () => (this.fromServer.length > before ? true : undefined), undefined, 1);
    this.cut();
    this.isDeaf = false;
  }

  /** From here on nothing arrives on the connections that there are, and neither side hears of it. */
  fallSilent(): void {
    for (const pair of this.pairs) for (const socket of pair) socket.pause();
    this.isSilent = true;
  }

  /** New connections work again; the old ones stay silent. */
  recover(): void {
    this.isSilent = false;
  }

  /** Whether the server has sent these bytes. */
  hasHeard(text: string): boolean {
    return Buffer.concat(this.fromServer).includes(text);
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(client: Socket, server: Socket): void {
    this.connections++;
    const pair = [client, server] as const;
    this.pairs.add(pair);
    const forget = (): void => void this.pairs.delete(pair);
    client.on('data', (data) => server.write(data));
    server.on('data', (data) => {
      this.fromServer.push(data);
      if (!this.isDeaf) client.write(data);
    });
    for (const [socket, other] of [pair, [server, client]] as const) {
      socket.on('error', () => undefined); // what follows it is `close`
      socket.on('close', () => {
        forget();
        if (!this.isSilent) other.destroy();
      });
    }
    if (this.isSilent) for (const socket of pair) socket.pause();
  }
}
