// The sessions of `/mcp`, in memory, within limits. One is found only by the principal who opened it: for anybody else it is not there.
import { randomBytes } from 'node:crypto';

import { Inject, Injectable } from '@nestjs/common';

import type { Authenticated } from '../../auth/authenticated.js';
import { Config } from '../../config/config.js';
import { Clock } from '../../extension/clock.js';
import { EventPublisher } from '../../extension/event-publisher.js';
import { Failure } from '../../extension/failure.js';
import type { Principal } from '../../extension/principal.js';
import { ChangeHub } from '../changes/change-hub.js';
import { CHANGE_KINDS } from '../changes/change-listener.js';
import type { Hello } from '../read-initialize.js';
import { McpSession } from './mcp-session.js';

const ID_BYTES = 16;
const HANDLE_BYTES = 24;
const FULL_RETRY_MS = 5_000;

@Injectable()
export class SessionStore {
  /** By handle. */
  private readonly sessions = new Map<string, McpSession>();
  /** By principal; the one used longest ago comes first. */
  private readonly byUser = new Map<string, Set<McpSession>>();

  constructor(
    @Inject(Config) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(EventPublisher) private readonly events: EventPublisher,
    private readonly hub: ChangeHub,
  ) {}

  get size(): number {
    return this.sessions.size;
  }

  /** @throws Failure `unavailable` where there are too many */
  open({ principal, credential }: Authenticated, hello: Hello): McpSession {
    const own = this.byUser.get(principal.id) ?? new Set();
    if (own.size >= this.config.mcp.maxSessionsPerUser) this.makeRoom(own);
    if (this.sessions.size >= this.config.mcp.maxSessions) {
      throw new Failure('unavailable', 'too many sessions are open', { retry_after_ms: FULL_RETRY_MS });
    }
    const id = randomBytes(ID_BYTES).toString('base64url');
    const handle = randomBytes(HANDLE_BYTES).toString('base64url');
    const changes = this.hub.listen(principal.tenant, CHANGE_KINDS);
    const session = new McpSession({ id, handle, principal, credentialId: credential.id, hello, changes, now: this.clock.now() });
    this.sessions.set(handle, session);
    this.byUser.set(principal.id, own.add(session));
    this.announce('agent.connected', session);
    return session;
  }

  /** The session, used now; undefined where there is none, or it is another principal's. */
  find(handle: string, { id: user, tenant }: Principal): McpSession | undefined {
    const session = this.sessions.get(handle);
    if (session === undefined || session.principal.id !== user || session.principal.tenant !== tenant) return undefined;
    session.lastUsedAt = this.clock.now();
    const own = this.byUser.get(user);
    own?.delete(session);
    own?.add(session);
    return session;
  }

  end(session: McpSession): void {
    if (!this.sessions.delete(session.handle)) return;
    const { principal } = session;
    const own = this.byUser.get(principal.id);
    own?.delete(session);
    if (own?.size === 0) this.byUser.delete(principal.id);
    session.end();
    this.announce('agent.disconnected', session);
  }

  /** Ends those that this credential opened. */
  endCredential(id: string): void {
    for (const session of [...this.sessions.values()]) if (session.credentialId === id) this.end(session);
  }

  endAll(): void {
    for (const session of [...this.sessions.values()]) this.end(session);
  }

  /** Ends those that have been idle for too long. */
  sweep(): void {
    const now = this.clock.now();
    for (const session of this.sessions.values()) {
      if (session.isBusy) session.lastUsedAt = now;
      else if (now - session.lastUsedAt >= this.config.mcp.sessionTimeoutMs) this.end(session);
      session.sweep(now);
    }
  }

  private makeRoom(own: ReadonlySet<McpSession>): void {
    const oldest = [...own].find(({ isBusy }) => !isBusy);
    if (oldest === undefined) throw new Failure('unavailable', 'too many of your sessions are open', { retry_after_ms: FULL_RETRY_MS });
    this.end(oldest);
  }

  private announce(event: string, { id, principal }: McpSession): void {
    this.events.announce(principal.tenant, event, { session_id: id, principal_id: principal.id });
  }
}
