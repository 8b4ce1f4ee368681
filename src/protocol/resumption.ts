// How a session goes on after its connection was lost (PROTOCOL.md §6): kept from `initialize` on, taken over by a connection
// that has its token, its subscriptions made again where the client left off.
import { Inject, Injectable, Logger } from '@nestjs/common';
import { CloseCode } from '@mcpw/protocol';

import { Connection } from '../connection/connection.js';
import { ConnectionRegistry } from '../connection/connection-registry.js';
import { EventService, type SubscriptionSnapshot } from '../events/event.service.js';
import type { Caller } from '../extension/caller.js';
import type { Channel } from '../extension/channel.js';
import { Failure } from '../extension/failure.js';
import type { Principal } from '../extension/principal.js';
import { SessionStore, type SavedSubscriptions } from '../session/session-store.js';
import type { ResumeDto } from './session.dto.js';

@Injectable()
export class Resumption {
  private readonly logger = new Logger('Session');

  constructor(
    @Inject(SessionStore) private readonly store: SessionStore,
    private readonly registry: ConnectionRegistry,
    private readonly events: EventService,
  ) {
    events.keepWith((channel) => this.save(channel));
  }

  /** From here on the session can be resumed: while its connection is open, after it, and after a crash of the server. */
  keep(connection: Connection, token: string, principal: Principal): void {
    connection.resumeToken = token;
    connection.onceEnding(this.leave);
    void this.written(connection, this.store.open(connection.id, token, principal, this.events.snapshot(connection)));
  }

  /**
   * Gives the session to the caller's connection, subscriptions and all; an older connection, if one is left, is closed.
   * @returns false where there is no such session for it, or the cursors are none of this log's: then there is nothing to go on from
   */
  async resume(caller: Caller, connection: Connection, { session_id: id, resume_token: token, cursors = {} }: ResumeDto): Promise<boolean> {
    const saved = await this.store.find(id, token, caller.principal);
    if (saved === undefined || !connection.isOpen) return false;
    // In one step from here on: of two that have the token and ask together, the second finds the session with the first.
    const older = this.registry.findSession(id);
    const subscriptions = older === undefined ? saved.subscriptions : this.events.snapshot(older);
    older?.close(CloseCode.RESUMED_ELSEWHERE, 'the session was resumed on another connection');
    if (!this.restore(caller, subscriptions, cursors)) return false;
    connection.id = id;
    return true;
  }

  /** One for all connections, which know their sessions. */
  private readonly leave = (connection: Connection): void => {
    const { id, resumeToken } = connection;
    void this.written(connection, this.store.leave(id, resumeToken, this.events.snapshot(connection)));
  };

  /** Undefined where there is no session to keep it with, or none any more. */
  private save(channel: Channel): Promise<void> | undefined {
    if (!(channel instanceof Connection) || channel.resumeToken === '' || !channel.isOpen) return undefined;
    return this.written(channel, this.store.save(channel.id, this.events.snapshot(channel)));
  }

  private async written({ id }: Connection, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.logger.warn(`session ${id} cannot be resumed: ${String(error)}`);
    }
  }

  private restore(caller: Caller, subscriptions: SavedSubscriptions, cursors: Readonly<Record<string, string>>): boolean {
    try {
      this.events.restore(caller, subscriptions as readonly SubscriptionSnapshot[], cursors);
      return true;
    } catch (error) {
      if (error instanceof Failure) return false;
      throw error;
    }
  }
}
