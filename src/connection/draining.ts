// A graceful end: no new connections, a word to those that are there, their requests finished, then closes spread over the
// drain window, so that a fleet of clients does not come back all at once.
import { Inject, Injectable, Logger } from '@nestjs/common';
import { CloseCode } from '@mcpw/protocol';

import { Config } from '../config/config.js';
import type { Connection } from './connection.js';
import { ConnectionRegistry } from './connection-registry.js';
import type { Readiness } from './readiness.js';

/** How often a connection that still has work is looked at again. */
const LOOK_MS = 20;
/** Peers are given this long to answer the close. */
const CLOSE_MS = 2000;

/** Has what goes on elsewhere come to its end, by the deadline (`Date.now()`) at the latest. */
export type Finish = (deadline: number) => Promise<void>;

@Injectable()
export class Draining implements Readiness {
  private readonly logger = new Logger('Draining');
  private state: 'starting' | 'ready' | 'draining' = 'starting';
  private readonly others = new Set<Finish>();

  constructor(
    @Inject(Config) private readonly config: Config,
    private readonly registry: ConnectionRegistry,
  ) {}

  get isDraining(): boolean {
    return this.state === 'draining';
  }

  isReady(): boolean {
    return this.state === 'ready';
  }

  get reason(): string | undefined {
    return this.state === 'ready' ? undefined : this.state;
  }

  started(): void {
    if (this.state === 'starting') this.state = 'ready';
  }

  /** For what is no connection of the registry. */
  onDrain(finish: Finish): void {
    this.others.add(finish);
  }

  /** Resolves when no connection is left, at the latest `drain_timeout` and the time of a closing handshake from now. */
  async drain(): Promise<void> {
    if (this.isDraining) return;
    this.state = 'draining';
    const { drainTimeoutMs, drainSpreadMs } = this.config.websocket;
    const spreadMs = Math.min(drainSpreadMs, drainTimeoutMs);
    this.logger.log(`draining ${this.registry.size} connections over ${spreadMs} ms`);
    const deadline = Date.now() + drainTimeoutMs;
    const ends = [...this.registry].map((connection) => this.end(connection, Math.random() * spreadMs, deadline));
    await Promise.all([...ends, ...[...this.others].map((finish) => finish(deadline))]);
    for (const connection of this.registry) connection.terminate();
  }

  private async end(connection: Connection, afterMs: number, deadline: number): Promise<void> {
    connection.notify('server.draining', { reconnect_in_ms: Math.ceil(afterMs + Math.random() * 1000) });
    const closed = new Promise<void>((resolve) => void connection.onceClosed(() => resolve()));
    const due = Date.now() + afterMs;
    while (connection.isOpen && Date.now() < deadline && (Date.now() < due || connection.isBusy)) {
      await Promise.race([closed, delay(connection.isBusy ? LOOK_MS : Math.max(1, due - Date.now()))]);
    }
    connection.close(CloseCode.DRAINING, 'the server is going away; come back and resume');
    await Promise.race([closed, delay(CLOSE_MS)]);
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
