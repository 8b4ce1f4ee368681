// MCP on `/ws`, for clients that offer the subprotocol `mcp`: each text message is one JSON-RPC message. While too much waits
// on a connection, or its client does not read its answers, it is not read either.
import { randomBytes } from 'node:crypto';

import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CloseCode, SUBPROTOCOL } from '@mcpw/protocol';

import { Config } from '../../config/config.js';
import type { Connection, ConnectionOptions } from '../../connection/connection.js';
import { TrafficMeter } from '../../connection/traffic-meter.js';
import { Clock } from '../../extension/clock.js';
import { EventPublisher } from '../../extension/event-publisher.js';
import { Subprotocols, type SubprotocolHandler } from '../../protocol/subprotocols.js';
import { UNSIGNED } from '../unsigned.js';
import { McpConnection } from './mcp-connection.js';
import { SocketLink } from './socket-link.js';
import { SocketMessages } from './socket-messages.js';

const ID_BYTES = 16;

@Injectable()
export class McpSockets implements SubprotocolHandler, OnModuleInit {
  readonly name = SUBPROTOCOL.MCP;
  readonly refusal: string | undefined;

  constructor(
    @Inject(Config) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(EventPublisher) private readonly events: EventPublisher,
    private readonly subprotocols: Subprotocols,
    private readonly messages: SocketMessages,
    private readonly meter: TrafficMeter,
  ) {
    this.refusal = config.websocket.security.hmacSignatures ? UNSIGNED : undefined;
  }

  onModuleInit(): void {
    if (this.config.mcp.enabled) this.subprotocols.add(this);
  }

  connect(options: ConnectionOptions): Connection {
    const { identity } = options;
    if (identity === undefined) throw new Error('a connection of MCP has authenticated with its upgrade');
    const { principal } = identity;
    const connection = new McpConnection(options, randomBytes(ID_BYTES).toString('base64url'), principal);
    connection.link = new SocketLink(connection, () => this.goOn(connection));
    const told = { session_id: connection.id, principal_id: principal.id };
    this.events.announce(principal.tenant, 'agent.connected', told);
    connection.onceClosed(() => this.events.announce(principal.tenant, 'agent.disconnected', told));
    return connection;
  }

  receive(connection: McpConnection, data: Buffer, isBinary: boolean): void {
    if (!connection.isOpen) return;
    connection.lastSeenAt = this.clock.now();
    this.meter.received(data.length);
    if (isBinary) {
      connection.close(CloseCode.UNSUPPORTED_DATA, 'MCP is spoken in text messages');
      return;
    }
    this.messages.receive(connection, data);
    this.goOn(connection);
  }

  /** Takes up what waits; then reads on, unless as much waits as is at work at once, or the client does not read. */
  private goOn(connection: McpConnection): void {
    if (connection.isAtWork) return;
    connection.isAtWork = true;
    this.messages.goOn(connection);
    connection.isAtWork = false;
    if (!connection.isOpen) return;
    if (!connection.isWritable) this.awaitDrain(connection);
    const isFull = !connection.isWritable || connection.backlog.length >= this.config.websocket.maxInFlight;
    if (isFull === connection.isPaused) return;
    if (isFull) connection.pause();
    else connection.resume();
  }

  private awaitDrain(connection: McpConnection): void {
    if (connection.isAwaitingDrain) return;
    connection.isAwaitingDrain = true;
    connection.onceDrained(() => {
      connection.isAwaitingDrain = false;
      this.goOn(connection);
    });
  }
}
