// Whose rate limits a request falls under. What stands for a connection is the TCP connection that it came by; where a proxy
// carries the requests of many by one, each principal's are limited apart.
import type { Socket } from 'node:net';

import { Injectable } from '@nestjs/common';

import type { Principal } from '../../extension/principal.js';
import type { LimitedPeer } from '../../protocol/rate-limiter.js';

/** Principals of one connection that are kept apart; past this all begin anew. */
const KEPT_PEERS = 64;

@Injectable()
export class HttpPeers {
  private readonly bySocket = new WeakMap<Socket, Map<string, LimitedPeer>>();

  of(socket: Socket, principal: Principal, address: string): LimitedPeer {
    let peers = this.bySocket.get(socket);
    if (peers === undefined) this.bySocket.set(socket, (peers = new Map<string, LimitedPeer>()));
    const key = `${principal.id} ${address}`;
    const known = peers.get(key);
    if (known !== undefined) return known;
    if (peers.size >= KEPT_PEERS) peers.clear();
    const peer = { address, identity: { principal } };
    peers.set(key, peer);
    return peer;
  }
}
