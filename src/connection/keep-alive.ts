// One timer for all connections: asks the silent for a sign of life, and ends those that gave none, never initialized, whose
// credential has expired, whose queue stands still, or whose calls have run out of time.
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CloseCode } from '@mcpw/protocol';

import { Config } from '../config/config.js';
import { Clock } from '../extension/clock.js';
import { Failure } from '../extension/failure.js';
import type { Connection } from './connection.js';
import { ConnectionRegistry } from './connection-registry.js';
import { ConnectionState } from './connection-state.js';

/** PROTOCOL.md §1: a connection without a credential has this long for `initialize`. */
const UNAUTHENTICATED_MS = 5000;
const LARGEST_SWEEP_MS = 1000;
const SMALLEST_SWEEP_MS = 20;

@Injectable()
export class KeepAlive implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(Config) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    private readonly registry: ConnectionRegistry,
  ) {}

  onApplicationBootstrap(): void {
    const { pingIntervalMs, pongTimeoutMs } = this.config.websocket;
    const finest = Math.min(pingIntervalMs, pongTimeoutMs) / 4;
    this.timer = setInterval(() => this.sweep(), Math.max(SMALLEST_SWEEP_MS, Math.min(LARGEST_SWEEP_MS, finest)));
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  sweep(): void {
    const now = this.clock.now();
    for (const connection of this.registry) if (connection.isOpen) this.look(connection, now);
  }

  private look(connection: Connection, now: number): void {
    const { pingIntervalMs, pongTimeoutMs, initializeTimeoutMs, sendQueueAgeMs } = this.config.websocket;
    if (connection.state === ConnectionState.CONNECTING) {
      const limitMs = connection.identity === undefined ? Math.min(UNAUTHENTICATED_MS, initializeTimeoutMs) : initializeTimeoutMs;
      if (now - connection.openedAt >= limitMs) {
        connection.close(CloseCode.INITIALIZE_TIMEOUT, `no initialize within ${limitMs} ms`);
        return;
      }
    }
    const expiresAt = connection.identity?.credential.expiresAt;
    if (expiresAt !== undefined && expiresAt <= now) {
      connection.close(CloseCode.UNAUTHENTICATED, 'the credential has expired');
      return;
    }
    if (connection.outbox.stalledMs(now) > sendQueueAgeMs) {
      connection.close(CloseCode.SEND_QUEUE_OVERFLOW, `the oldest message has waited over ${sendQueueAgeMs} ms`);
      return;
    }
    // Who is not read cannot be heard: its pong waits in the socket.
    if (connection.isPaused) connection.lastSeenAt = now;
    if (connection.pingedAt > connection.lastSeenAt) {
      if (now - connection.pingedAt >= pongTimeoutMs) {
        connection.close(CloseCode.PONG_TIMEOUT, `no pong within ${pongTimeoutMs} ms`);
        return;
      }
    } else if (now - connection.lastSeenAt >= pingIntervalMs) connection.ping(now);
    if (connection.callCount > 0)
      for (const call of connection.calls.values()) {
        if (call.deadline <= now) call.abort(new Failure('timed_out', 'the request has run out of time'));
      }
  }
}
