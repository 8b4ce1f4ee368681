// Connections whose sockets are gone, let go a few in each turn of the event loop: a thousand that end together (a proxy that
// restarts, a network that fails) hold up nobody else. Not what is done for each: that is `Connection.ended`.
import { Injectable } from '@nestjs/common';

import type { Connection } from './connection.js';
import { ConnectionRegistry } from './connection-registry.js';

/** For how long the event loop is taken at once. */
const SLICE_MS = 5;

@Injectable()
export class EndedConnections {
  private waiting: Connection[] = [];
  private isScheduled = false;

  constructor(private readonly registry: ConnectionRegistry) {}

  /** The connection has ended, as it will be told in a turn that follows. */
  add(connection: Connection): void {
    this.waiting.push(connection);
    this.schedule();
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => this.tellSome());
  }

  private tellSome(): void {
    this.isScheduled = false;
    const stopAtMs = performance.now() + SLICE_MS;
    let told = 0;
    try {
      do this.end(this.waiting[told++] as Connection);
      while (told < this.waiting.length && performance.now() < stopAtMs);
    } finally {
      this.waiting.splice(0, told);
      if (this.waiting.length > 0) this.schedule();
    }
  }

  private end(connection: Connection): void {
    this.registry.remove(connection);
    connection.ended();
  }
}
