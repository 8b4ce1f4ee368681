// All connections of this server: who is there, and what happens to many at once.
import { Inject, Injectable } from '@nestjs/common';

import { Config } from '../config/config.js';
import type { Connection } from './connection.js';
import { ConnectionState } from './connection-state.js';

@Injectable()
export class ConnectionRegistry {
  private readonly connections = new Set<Connection>();
  /** Upgrades that are being authenticated: they count, or a burst would pass the limit together. */
  private reserved = 0;

  constructor(@Inject(Config) private readonly config: Config) {}

  get size(): number {
    return this.connections.size;
  }

  /** Takes a place. @returns false where the server is full */
  reserve(): boolean {
    if (this.connections.size + this.reserved >= this.config.websocket.maxConnections) return false;
    this.reserved++;
    return true;
  }

  /** Gives a reserved place back, or turns it into a connection with `add`. */
  release(): void {
    this.reserved--;
  }

  add(connection: Connection): void {
    this.connections.add(connection);
  }

  /** Its socket is gone. */
  remove(connection: Connection): void {
    this.connections.delete(connection);
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.connections.values();
  }

  /** The open connection that has this session; ones that it had before may not have closed yet. */
  findSession(id: string): Connection | undefined {
    for (const connection of this.connections) if (connection.id === id && connection.isOpen) return connection;
    return undefined;
  }

  /** Connections by state, in the order of `STATE_NAMES`. */
  countByState(): number[] {
    const counts = [0, 0, 0, 0];
    for (const { state } of this.connections) counts[state] = (counts[state] ?? 0) + 1;
    return counts;
  }

  /** Tells all initialized connections of a tenant (of every tenant where `null`). */
  notifyTenant(tenant: string | null, method: string, params: object): void {
    for (const connection of this.connections) {
      if (connection.state !== ConnectionState.CONNECTED) continue;
      if (tenant === null || connection.identity?.principal.tenant === tenant) connection.notify(method, params);
    }
  }

  /** Closes the connections that this credential opened. */
  closeCredential(id: string, code: number, reason: string): void {
    for (const connection of this.connections) if (connection.identity?.credential.id === id) connection.close(code, reason);
  }
}
