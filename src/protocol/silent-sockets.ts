// TCP connections on which nothing is asked for now: few at a time, in all and of one address. Whoever opens many and says nothing,
// or a byte a second, loses the oldest of them to the next that comes. Who has shown a credential may keep as many as there may be
// WebSockets: to end one while the next request is on its way would lose that. Those that have become WebSockets are counted
// elsewhere: strangers.ts until they have shown a credential, connection-registry.ts from then on.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import { Inject, Injectable } from '@nestjs/common';
import { normalizeIp } from '@nestjs/throttler';

import { ClientAddress } from '../auth/client-address.js';
import { KnownSockets } from '../auth/known-sockets.js';
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
  private readonly strangers: Group;
  private readonly known: Group;
  /** One function for all sockets. */
  private readonly closed: (this: Socket) => void;

  constructor(
    @Inject(Config) { websocket: { maxConnections, security } }: Config,
    private readonly addresses: ClientAddress,
    private readonly knownSockets: KnownSockets,
  ) {
    const leave = (name: string): void => this.leave(name);
    this.closed = function (this: Socket) {
      leave(nameOf(this));
    };
    this.strangers = new Group(security.maxUnauthenticated, security.maxUnauthenticatedPerIp);
    this.known = new Group(maxConnections, maxConnections);
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
    const group = this.knownSockets.has(socket) ? this.known : this.strangers;
    group.enter(nameOf(socket), { socket, address: normalizeIp(peer), since: performance.now() });
  }

  private leave(name: string): void {
    this.strangers.leave(name);
    this.known.leave(name);
  }
}

/** Of all addresses and of each, the oldest first. */
class Group {
  private readonly all = new Map<string, SilentSocket>();
  private readonly byAddress = new Map<string, Map<string, SilentSocket>>();

  constructor(
    private readonly most: number,
    private readonly mostOfAddress: number,
  ) {}

  enter(name: string, silent: SilentSocket): void {
    const ofAddress = this.byAddress.get(silent.address) ?? new Map<string, SilentSocket>();
    if (ofAddress.size >= this.mostOfAddress) endOldest(ofAddress, silent.since);
    if (this.all.size >= this.most) endOldest(this.all, silent.since);
    ofAddress.set(name, silent);
    this.byAddress.set(silent.address, ofAddress);
    this.all.set(name, silent);
  }

  leave(name: string): void {
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
