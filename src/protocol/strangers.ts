// WebSockets whose peers have not shown a credential yet: few, in all and of one address, with small messages, and for seconds only
// (the time is keep-alive's).
import { Inject, Injectable } from '@nestjs/common';
import { CloseCode } from '@mcpw/protocol';
import { normalizeIp } from '@nestjs/throttler';

import { Config } from '../config/config.js';
import type { Connection } from '../connection/connection.js';
import { REFUSALS, type Refusal } from './upgrade-refusal.js';
import type { AgentWebSocket } from './ws-socket.js';

/** An `initialize` with a long token and the cursors of a thousand subscriptions. */
const LARGEST_MESSAGE = 64 * 1024;
const RETRY_MS = 5_000;

@Injectable()
export class Strangers {
  private readonly ofAddress = new Map<string, number>();
  private count = 0;

  constructor(@Inject(Config) private readonly config: Config) {}

  get size(): number {
    return this.count;
  }

  /** Whether one more may come in. */
  refusal(address: string): Refusal | undefined {
    const { maxUnauthenticated, maxUnauthenticatedPerIp } = this.config.websocket.security;
    if ((this.ofAddress.get(normalizeIp(address)) ?? 0) >= maxUnauthenticatedPerIp)
      return REFUSALS.rateLimited('too many connections of one address without a credential', RETRY_MS);
    if (this.count >= maxUnauthenticated) return REFUSALS.unavailable('too many connections without a credential', RETRY_MS / 1000);
    return undefined;
  }

  /** Until it has shown a credential or is gone. */
  hold(ws: AgentWebSocket, connection: Connection): void {
    const address = normalizeIp(connection.address);
    const { maxMessageBytes } = this.config.websocket;
    const reasons = ws.closeReasons;
    this.change(address, 1);
    ws.limitMessages(Math.min(LARGEST_MESSAGE, maxMessageBytes));
    ws.closeReasons = { ...reasons, [CloseCode.MESSAGE_TOO_BIG]: `over ${LARGEST_MESSAGE} bytes before a credential` };
    let isHeld = true;
    const release = (): void => {
      if (!isHeld) return;
      isHeld = false;
      this.change(address, -1);
    };
    connection.onceClosed(release);
    connection.onceIdentified(() => {
      release();
      ws.limitMessages(maxMessageBytes);
      ws.closeReasons = reasons;
    });
  }

  private change(address: string, by: 1 | -1): void {
    this.count += by;
    const left = (this.ofAddress.get(address) ?? 0) + by;
    if (left > 0) this.ofAddress.set(address, left);
    else this.ofAddress.delete(address);
  }
}
