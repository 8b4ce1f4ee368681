// A connection of `/ws` that speaks MCP. Calls of both eras may come by it, side by side: those of the newer one say all themselves,
// those of the older one follow an `initialize`.
import { CloseCode } from '@mcpw/protocol';

import { Connection, type ConnectionOptions, type PendingCall } from '../../connection/connection.js';
import { ConnectionState } from '../../connection/connection-state.js';
import { Failure } from '../../extension/failure.js';
import type { LogLevel } from '../../extension/calling-client.js';
import type { Principal } from '../../extension/principal.js';
import type { ChangeListener } from '../changes/change-listener.js';
import type { SessionClient } from '../client.js';
import { ClientRequests } from '../client-requests.js';
import type { RpcId } from '../json-rpc.js';
import { DEFAULT_LOG_LEVEL, type Hello } from '../read-initialize.js';
import type { InboundRequest } from '../read-message.js';
import type { SocketLink } from './socket-link.js';

/** What `initialize` agreed on. */
export interface McpSocketSession extends SessionClient {
  readonly requests: ClientRequests;
}

export class McpConnection extends Connection {
  /** Undefined until `initialize`, and where the client is of the newer era. */
  session: McpSocketSession | undefined;
  /** Calls of `subscriptions/listen`, by id: nothing waits for their end. */
  readonly listens = new Map<RpcId, PendingCall>();
  /** Requests that wait while it has too much at work. */
  backlog: InboundRequest[] = [];
  /** The backlog is being worked on: what ends meanwhile does not begin with it anew. */
  isAtWork = false;
  isAwaitingDrain = false;
  /** The way back of its calls. */
  link!: SocketLink;

  constructor(
    options: ConnectionOptions,
    id: string,
    readonly principal: Principal,
  ) {
    super(options);
    this.id = id;
    this.move(ConnectionState.CONNECTED);
    this.onceClosed(() => {
      const gone = new Failure('unavailable', 'the connection has ended');
      this.session?.changes.end();
      this.session?.requests.rejectAll(gone);
      for (const listen of [...this.listens.values()]) listen.abandon();
    });
  }

  begin({ version, capabilities }: Hello, changes: ChangeListener): McpSocketSession {
    const logLevel: LogLevel = DEFAULT_LOG_LEVEL;
    this.session = {
      principal: this.principal,
      id: this.id,
      era: 'legacy',
      version,
      capabilities,
      logLevel,
      changes,
      requests: new ClientRequests(),
    };
    changes.attach(this);
    return this.session;
  }

  /** MCP has no such notifications: what it has instead goes its own way (changes/). */
  override notify(): void {}

  override forward(): void {}

  override forwardAll(): void {}

  override request(): Promise<unknown> {
    return Promise.reject(new Failure('unavailable', 'an MCP client offers no methods of this server'));
  }

  /** A client that knows nothing of this server's codes knows 1001. */
  override close(code: number, reason: string): void {
    super.close(code === CloseCode.DRAINING ? CloseCode.GOING_AWAY : code, reason);
  }
}
