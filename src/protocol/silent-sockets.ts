// TCP connections on which nothing is asked for now: few at a time, in all and of one address. Whoever opens many and says nothing,
// or a byte a second, loses the oldest of them to the next that comes. Those that have become WebSockets are counted elsewhere:
// strangers.ts until they have shown a credential, connection-registry.ts from then on.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import { Inject, Injectable } from '@nestjs/common';
import { normalizeIp } from '@nestjs/throttler';

import { ClientAddress } from '../auth/client-address.js';
import { Config } from '../config/config.js';

/** A socket younger than this is not ended for its silence: many may come at once, and the rest is the system's backlog. */
const GRACE_MS = 250;

interface SilentSocket {
  readonly socket: Socket;
  readonly address: string;
  readonly since: number;
}

@Injectable()
export class SilentSockets {
  /** Of all addresses and of each, the oldest first. */
  private readonly all = new Map<string, SilentSocket>();
  private readonly byAddress = new Map<string, Map<string, SilentSocket>>();
  private readonly most: number;
  private readonly mostOfAddress: number;
  /** One function for all sockets. */
  private readonly closed: (this: Socket) => void;

  constructor(
    @Inject(Config) { websocket: { security } }: Config,
    private readonly addresses: ClientAddress,
  ) {
    const leave = (name: string): void => this.leave(name);
    this.closed = function (this: Socket) {
      leave(nameOf(this));
    };
    this.most = security.maxUnauthenticated;
    this.mostOfAddress = security.maxUnauthenticatedPerIp;
  }

  get size(): number {
    return this.all.size;
  }

  watch(http: Server): void {
    const { closed } = this;
    http.on('connection', (socket: Socket) => {
      this.enter(socket);
      socket.on('close', closed);
    });
    http.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      this.leave(nameOf(socket));
      response.once('close', () => {
        if (!socket.destroyed) this.enter(socket);
      });
    });
    // One that is refused after this is not among them any more either; a WebSocket is not to remember that it was.
    http.on('upgrade', ({ socket }: IncomingMessage) => {
      this.leave(nameOf(socket));
      socket.off('close', closed);
    });
  }

  private enter(socket: Socket): void {
    const peer = socket.remoteAddress;
    // What waits on a proxy's connections are the proxy's own requests.
    if (peer === undefined || this.addresses.isProxy(peer)) return;
    const address = normalizeIp(peer);
    const ofAddress = this.byAddress.get(address) ?? new Map<string, SilentSocket>();
    const now = performance.now();
    if (ofAddress.size >= this.mostOfAddress) endOldest(ofAddress, now);
    if (this.all.size >= this.most) endOldest(this.all, now);
    const name = nameOf(socket);
    const silent = { socket, address, since: now };
    ofAddress.set(name, silent);
    this.byAddress.set(address, ofAddress);
    this.all.set(name, silent);
  }

  private leave(name: string): void {
    const silent = this.all.get(name);
    if (silent === undefined) return;
    this.all.delete(name);
    const ofAddress = this.byAddress.get(silent.address);
    ofAddress?.delete(name);
    if (ofAddress?.size === 0) this.byAddress.delete(silent.address);
  }
}

/** The same for a TCP connection and for the TLS on it. */
const nameOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

/** Its `close` takes it away. */
function endOldest(sockets: ReadonlyMap<string, SilentSocket>, now: number): void {
  for (const { socket, since } of sockets.values()) {
    if (socket.destroyed) continue;
    if (now - since >= GRACE_MS) socket.destroy();
    return;
  }
}
