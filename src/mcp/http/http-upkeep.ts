// What `/mcp` needs beside requests: time passes for its sessions and streams, credentials end, and so does the server.
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';

import { CredentialEvents } from '../../auth/credential-events.js';
import { Config } from '../../config/config.js';
import { Draining } from '../../connection/draining.js';
import { ChangeHub } from '../changes/change-hub.js';
import { McpDispatcher } from '../mcp-dispatcher.js';
import { EventStreams } from './event-streams.js';
import { SessionStore } from './session-store.js';

const STREAMS_MS = 1_000;
const MOST_SESSIONS_MS = 10_000;
const LEAST_SESSIONS_MS = 20;
/** How often it is looked whether the last calls have their answers. */
const LOOK_MS = 20;

@Injectable()
export class HttpUpkeep implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  private readonly timers: NodeJS.Timeout[] = [];
  private stopListening: (() => void) | undefined;

  constructor(
    @Inject(Config) private readonly config: Config,
    private readonly sessions: SessionStore,
    private readonly streams: EventStreams,
    private readonly dispatcher: McpDispatcher,
    private readonly hub: ChangeHub,
    private readonly credentials: CredentialEvents,
    private readonly draining: Draining,
  ) {}

  onModuleInit(): void {
    this.stopListening = this.credentials.onRevoked(({ id }) => {
      this.sessions.endCredential(id);
      this.streams.closeCredential(id);
    });
    this.draining.onDrain((deadline) => this.finish(deadline));
  }

  onApplicationBootstrap(): void {
    const everyMs = Math.max(LEAST_SESSIONS_MS, Math.min(MOST_SESSIONS_MS, this.config.mcp.sessionTimeoutMs / 4));
    this.timers.push(setInterval(() => this.streams.sweep(), STREAMS_MS).unref());
    this.timers.push(setInterval(() => this.sessions.sweep(), everyMs).unref());
  }

  onModuleDestroy(): void {
    for (const timer of this.timers) clearInterval(timer);
    this.stopListening?.();
    this.sessions.endAll();
    this.streams.endAll();
  }

  /** Who listens hears that it is over; calls under way get their answers. New requests are refused by now. */
  private async finish(deadline: number): Promise<void> {
    this.hub.endAll();
    while (this.dispatcher.pendingCount > 0 && Date.now() < deadline) await new Promise((resolve) => void setTimeout(resolve, LOOK_MS));
    this.sessions.endAll();
    this.streams.endAll();
  }
}
