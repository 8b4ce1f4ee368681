// MCP on `/ws`, for clients that offer the subprotocol `mcp`: each text message is one JSON-RPC message. While a connection has too
// much at work, or does not read its answers, it is not read either.
import { randomBytes } from 'node:crypto';

import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CloseCode, SUBPROTOCOL } from '@mcpw/protocol';

import { Config } from '../../config/config.js';
import type { Connection, ConnectionOptions } from '../../connection/connection.js';
import { TrafficMeter } from '../../connection/traffic-meter.js';
import { Clock } from '../../extension/clock.js';
import { EventPublisher } from '../../extension/event-publisher.js';
import { Subprotocols, type SubprotocolHandler } from '../../protocol/subprotocols.js';
import { McpConnection } from './mcp-connection.js';
import { SocketLink } from './socket-link.js';
import { SocketMessages } from './socket-messages.js';

const ID_BYTES = 16;

@Injectable()
export class McpSockets implements SubprotocolHandler, OnModuleInit {
  readonly name = SUBPROTOCOL.MCP;
  /** Messages that wait, of connections that have too much at work. */
  private readonly backlogs = new Map<McpConnection, Buffer[]>();

  constructor(
    @Inject(Config) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(EventPublisher) private readonly events: EventPublisher,
    private readonly subprotocols: Subprotocols,
    private readonly messages: SocketMessages,
    private readonly meter: TrafficMeter,
  ) {}

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
    const backlog = this.backlogs.get(connection);
    if (backlog !== undefined) {
      backlog.push(data);
      return;
    }
    this.messages.receive(connection, data);
    if (this.isBusy(connection)) this.hold(connection);
  }

  private isBusy(connection: McpConnection): boolean {
    return connection.calls.size >= this.config.websocket.maxInFlight || !connection.isWritable;
  }

  private hold(connection: McpConnection): void {
    if (!connection.isOpen) return;
    this.backlogs.set(connection, []);
    connection.pause();
    connection.onceClosed(() => this.backlogs.delete(connection));
    this.awaitDrain(connection);
  }

  private awaitDrain(connection: McpConnection): void {
    if (!connection.isWritable) connection.onceDrained(() => this.goOn(connection));
  }

  /** Works on what waited until there is too much at work again; then on to reading the socket. */
  private goOn(connection: McpConnection): void {
    const backlog = this.backlogs.get(connection);
    if (backlog === undefined || this.isBusy(connection)) return;
    let handled = 0;
    while (handled < backlog.length && connection.isOpen && !this.isBusy(connection)) {
      this.messages.receive(connection, backlog[handled++] as Buffer);
    }
    backlog.splice(0, handled);
    if (backlog.length === 0 && !this.isBusy(connection)) {
      this.backlogs.delete(connection);
      connection.resume();
    } else this.awaitDrain(connection);
  }
}
