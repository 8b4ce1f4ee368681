// Connections whose sockets are gone, let go for a slice of each turn of the event loop, and the rest in the turns that follow: a
// thousand that end together (a proxy that restarts, a network that fails) hold up nobody else. Not what is done for each: that is
// `Connection.ended`.
import { Injectable } from '@nestjs/common';

import type { Connection } from './connection.js';
import { ConnectionRegistry } from './connection-registry.js';

/** For how long the event loop is taken in one turn. */
const SLICE_MS = 5;

@Injectable()
export class EndedConnections {
  private waiting: Connection[] = [];
  /** Of the performance clock; 0 between two turns. */
  private turnEndsAt = 0;

  constructor(private readonly registry: ConnectionRegistry) {}

  /** The socket is gone: the connection is told at once, or in a turn that follows. */
  add(connection: Connection): void {
    if (this.waiting.length > 0 || !this.hasTime()) this.waiting.push(connection);
    else this.tell(connection);
  }

  private hasTime(): boolean {
    const now = performance.now();
    if (this.turnEndsAt === 0) this.beginTurn(now);
    return now < this.turnEndsAt;
  }

  private beginTurn(now: number): void {
    this.turnEndsAt = now + SLICE_MS;
    setImmediate(() => {
      this.turnEndsAt = 0;
      this.tellWaiting();
    });
  }

  private tellWaiting(): void {
    let told = 0;
    try {
      while (told < this.waiting.length && this.hasTime()) this.tell(this.waiting[told++] as Connection);
    } finally {
      this.waiting.splice(0, told);
    }
  }

  /** Its place is free, whatever its listeners do. */
  private tell(connection: Connection): void {
    this.registry.remove(connection);
    connection.ended();
  }
}
