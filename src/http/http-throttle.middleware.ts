// How many REST requests an address may make. A middleware and not a global guard: those run for every message over /ws as
// well, where each costs microseconds, and are not asked about routes that do not exist.
import type { IncomingMessage } from 'node:http';
import { Inject, Injectable, type NestMiddleware } from '@nestjs/common';
import { normalizeIp, ThrottlerStorage } from '@nestjs/throttler';

import { ClientAddress } from '../auth/client-address.js';
import { Config } from '../config/config.js';
import { Failure } from '../extension/failure.js';

export const THROTTLE_WINDOW_MS = 60_000;

@Injectable()
export class HttpThrottle implements NestMiddleware<IncomingMessage, unknown> {
  constructor(
    @Inject(Config) private readonly config: Config,
    @Inject(ThrottlerStorage) private readonly storage: ThrottlerStorage,
    private readonly addresses: ClientAddress,
  ) {}

  /** @throws Failure rate_limited */
  async use(request: IncomingMessage, _response: unknown, next: () => void): Promise<void> {
    const { enabled, handshakesPerMinute } = this.config.websocket.rateLimit;
    if (enabled) {
      const key = `http:${normalizeIp(this.addresses.of(request))}`;
      const { isBlocked, timeToBlockExpire } = await this.storage.increment(
        key,
        THROTTLE_WINDOW_MS,
        handshakesPerMinute,
        THROTTLE_WINDOW_MS,
        'http',
      );
      if (isBlocked)
        throw new Failure('rate_limited', `more than ${handshakesPerMinute} requests a minute`, {
          retry_after_ms: timeToBlockExpire * 1_000,
          scope: 'ip',
        });
    }
    next();
  }
}
