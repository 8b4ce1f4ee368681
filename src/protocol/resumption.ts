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
import { SessionStore, type SavedSession } from '../session/session-store.js';

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

  /** The session, and with it the right to go on with it: the older connection, if one is left, is closed. */
  async take(id: string, token: string, principal: Principal): Promise<SavedSession | undefined> {
    const saved = await this.store.find(id, token, principal);
    if (saved === undefined) return undefined;
    const older = this.registry.findSession(id);
    if (older === undefined) return saved;
    const subscriptions = this.events.snapshot(older);
    older.close(CloseCode.RESUMED_ELSEWHERE, 'the session was resumed on another connection');
    return { id, subscriptions };
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

  /** @returns false where the cursors are none of this log's: then there is nothing to go on from */
  restore(caller: Caller, saved: SavedSession, cursors: Readonly<Record<string, string>> = {}): boolean {
    try {
      this.events.restore(caller, saved.subscriptions as readonly SubscriptionSnapshot[], cursors);
      return true;
    } catch (error) {
      if (error instanceof Failure) return false;
      throw error;
    }
  }
}
