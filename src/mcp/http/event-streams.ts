// All event streams of `/mcp` that are open: how many there may be, and what happens to them while nothing is said.
import type { ServerResponse } from 'node:http';

import { Inject, Injectable } from '@nestjs/common';

import { Config } from '../../config/config.js';
import type { Credential } from '../../connection/connection.js';
import { Clock } from '../../extension/clock.js';
import { SseStream } from './sse-stream.js';

const HIGH_WATER_BYTES = 64 * 1024;
/** Well within what proxies call idle. */
const KEEP_ALIVE_MS = 15_000;

@Injectable()
export class EventStreams {
  private readonly streams = new Set<SseStream>();

  constructor(
    @Inject(Config) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  get size(): number {
    return this.streams.size;
  }

  /** @returns undefined where too many are open */
  open(response: ServerResponse, credential: Credential, headers: Readonly<Record<string, string>>): SseStream | undefined {
    if (this.streams.size >= this.config.mcp.maxStreams) return undefined;
    const limits = { highWaterBytes: HIGH_WATER_BYTES, maxBytes: this.config.websocket.sendQueueBytes };
    const stream = new SseStream(response, credential, limits, headers, this.clock.now());
    this.streams.add(stream);
    stream.onceClosed(() => this.streams.delete(stream));
    return stream;
  }

  /** Keeps the silent alive, and cuts off those that do not read or whose credential has expired. */
  sweep(): void {
    const now = this.clock.now();
    for (const stream of this.streams) {
      const { expiresAt } = stream.credential;
      const isOver = (expiresAt !== undefined && expiresAt <= now) || stream.stalledMs(now) > this.config.websocket.sendQueueAgeMs;
      if (isOver) stream.cut();
      else stream.keepAlive(now, KEEP_ALIVE_MS);
    }
  }

  /** Cuts those that this credential opened. */
  closeCredential(id: string): void {
    for (const stream of this.streams) if (stream.credential.id === id) stream.cut();
  }

  endAll(): void {
    for (const stream of this.streams) stream.end();
  }
}
