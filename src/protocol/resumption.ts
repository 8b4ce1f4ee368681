// How a session goes on after its connection was lost (PROTOCOL.md §6): kept from `initialize` on, taken over by a connection
// that has its token, its subscriptions made again where the client left off.
import { Inject, Injectable, Logger } from '@nestjs/common';
import { CloseCode } from '@mcpw/protocol';

import type { Connection } from '../connection/connection.js';
import { ConnectionRegistry } from '../connection/connection-registry.js';
import { EventService, type SubscriptionSnapshot } from '../events/event.service.js';
import type { Caller } from '../extension/caller.js';
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
  ) {}

  /** From here on the session can be resumed: while its connection is open, after it, and after a crash of the server. */
  keep(connection: Connection, token: string, principal: Principal): void {
    const { id } = connection;
    const failed = (error: unknown): void => this.logger.warn(`session ${id} cannot be resumed: ${String(error)}`);
    this.store.open(id, token, principal, this.events.snapshot(connection)).catch(failed);
    const stop = this.events.onSubscriptionsChanged(connection, async () =>
      this.store.save(id, this.events.snapshot(connection)).catch(failed),
    );
    connection.onceEnding(() => {
      stop();
      this.store.leave(id, token, this.events.snapshot(connection)).catch(failed);
    });
  }

  /** The session, and with it the right to go on with it: the older connection, if one is left, is closed. */
  async take(id: string, token: string, principal: Principal): Promise<SavedSession | undefined> {
    const saved = await this.store.find(id, token, principal);
    if (saved === undefined) return undefined;
    const older = this.registry.findSession(id);
    if (older === undefined) return saved;
    const subscriptions = older.isOpen ? this.events.snapshot(older) : saved.subscriptions;
    older.close(CloseCode.RESUMED_ELSEWHERE, 'the session was resumed on another connection');
    return { id, subscriptions };
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
