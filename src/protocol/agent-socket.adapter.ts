// The endpoint's WebSocket adapter: one server for all gateways, one parse for each message, our own framing. Nest tells it
// of gateways; what Nest's adapter does for each of them again is done here once.
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

import { Inject, Injectable, Logger } from '@nestjs/common';
import type { ApplicationConfig } from '@nestjs/core';
import { AbstractWsAdapter, type MessageMappingProperties } from '@nestjs/websockets';
import { CloseCode, SUBPROTOCOL } from '@mcpw/protocol';
import { WebSocketServer, type Server as AgentServer } from 'ws';

import { Config } from '../config/config.js';
import { BufferPool } from '../connection/buffer-pool.js';
import { Connection, type ConnectionOptions, type Identity } from '../connection/connection.js';
import { ConnectionRegistry } from '../connection/connection-registry.js';
import { ConnectionState } from '../connection/connection-state.js';
import { EndedConnections } from '../connection/ended-connections.js';
import { FlushQueue } from '../connection/flush-queue.js';
import type { OutboxSettings } from '../connection/outbox.js';
import { TrafficMeter } from '../connection/traffic-meter.js';
import { Clock } from '../extension/clock.js';
import { Codecs } from './codecs.js';
import { MethodTable, type NestCallback } from './method-table.js';
import { Receiver } from './receiver.js';
import { SilentSockets } from './silent-sockets.js';
import { Strangers } from './strangers.js';
import { Subprotocols, type SubprotocolHandler } from './subprotocols.js';
import { REFUSALS, refuseUpgrade } from './upgrade-refusal.js';
import { Upgrade } from './upgrade.js';
import { AgentWebSocket, WsSocket, type SocketListeners } from './ws-socket.js';

type ConnectCallback = (connection: Connection, request: IncomingMessage) => void;

/** From here on a connection is held back; the outbox's limit is far above. */
const HIGH_WATER_BYTES = 64 * 1024;
const PROTOCOL_ERROR = 1002;
/** Least mean size of the frames that a message comes in, where it is a large one, and of the pieces that a frame comes in. */
const FRAGMENT_BYTES = 1024;
const CHUNK_BYTES = 512;
/** Fewer are always taken. */
const MANY_PIECES = 1024;
/** `ws` puts the pieces together by shifting an array: measured, 8,192 take 9 ms, 32,768 half a second, 262,144 (its default) 7 s. */
const MOST_CHUNKS = 65_536;

@Injectable()
export class AgentSocketAdapter extends AbstractWsAdapter {
  private readonly logger = new Logger('Gateway');
  private readonly connectCallbacks: ConnectCallback[] = [];
  private readonly outboxSettings: OutboxSettings;
  private readonly listeners: SocketListeners;
  private readonly ofSubprotocols = new Map<SubprotocolHandler, SocketListeners>();
  private readonly closeReasons: Readonly<Record<number, string>>;
  private application: ApplicationConfig | undefined;
  private server: AgentServer<typeof AgentWebSocket> | undefined;

  constructor(
    @Inject(Config) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    private readonly registry: ConnectionRegistry,
    private readonly ended: EndedConnections,
    private readonly receiver: Receiver,
    private readonly methods: MethodTable,
    private readonly upgrade: Upgrade,
    private readonly meter: TrafficMeter,
    private readonly codecs: Codecs,
    private readonly subprotocols: Subprotocols,
    private readonly silent: SilentSockets,
    private readonly strangers: Strangers,
  ) {
    super();
    const { maxMessageBytes, writeBufferBytes, sendQueueBytes, security } = config.websocket;
    this.outboxSettings = {
      pool: new BufferPool(writeBufferBytes),
      flushQueue: new FlushQueue(),
      highWaterBytes: HIGH_WATER_BYTES,
      limitBytes: sendQueueBytes,
      onSent: (messages, bytes) => meter.sent(messages, bytes),
      now: () => clock.now(),
    };
    this.listeners = this.listenersFor((connection, data, isBinary, start, end) =>
      receiver.receive(connection, data, isBinary, start, end),
    );
    this.closeReasons = {
      [PROTOCOL_ERROR]: 'not a WebSocket frame',
      [CloseCode.POLICY_VIOLATION]: 'a message came in too many pieces',
      [CloseCode.INVALID_PAYLOAD]: 'a text message is not UTF-8',
      [CloseCode.MESSAGE_TOO_BIG]: `over max_message_size ${maxMessageBytes} or max_frame_size ${security.maxFrameBytes}`,
    };
  }

  /** All sockets of a subprotocol share these. @param onMessage told of their messages */
  private listenersFor(onMessage: SocketListeners['onMessage']): SocketListeners {
    const { receiver, meter, ended, logger } = this;
    return {
      onMessage,
      onControl: (connection) => receiver.control(connection),
      onError: (connection, error) => logger.debug(`${connection.id} ${error.message}`),
      onClose: (connection, code) => {
        meter.connectionClosed(code);
        ended.add(connection);
      },
    };
  }

  private listenersOf(handler: SubprotocolHandler): SocketListeners {
    let listeners = this.ofSubprotocols.get(handler);
    if (listeners === undefined) {
      listeners = this.listenersFor((connection, data, isBinary, start, end) =>
        handler.receive(connection, data.subarray(start, end), isBinary),
      );
      this.ofSubprotocols.set(handler, listeners);
    }
    return listeners;
  }

  /** Listens for upgrades. Called once, before the application starts. */
  attach(http: Server, application: ApplicationConfig): void {
    this.silent.watch(http);
    http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      void this.upgrade.handle(request, socket, head, (...handshake) => this.accept(...handshake));
    });
    this.application = application;
  }

  /** Called by Nest for each gateway on the endpoint; all share one server. */
  override create(): AgentServer<typeof AgentWebSocket> {
    if (this.server !== undefined) return this.server;
    if (this.application !== undefined) this.methods.compile(this.application);
    const { maxMessageBytes } = this.config.websocket;
    this.server = new WebSocketServer<typeof AgentWebSocket>({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: maxMessageBytes,
      maxFragments: Math.max(MANY_PIECES, Math.ceil(maxMessageBytes / FRAGMENT_BYTES)),
      maxBufferedChunks: Math.min(MOST_CHUNKS, Math.max(MANY_PIECES, Math.ceil(maxMessageBytes / CHUNK_BYTES))),
      autoPong: false,
      handleProtocols: (offered) => this.choose(offered) ?? false,
      WebSocket: AgentWebSocket,
    });
    this.server.on('wsClientError', ({ message }: Error, socket: Duplex) => refuseUpgrade(socket, REFUSALS.noHandshake(message)));
    return this.server;
  }

  override bindClientConnect(_server: unknown, callback: ConnectCallback): void {
    this.connectCallbacks.push(callback);
  }

  override bindClientDisconnect(client: Connection, callback: () => void): void {
    // Nest takes what its callback is given for a reason.
    client.onceClosed(() => callback());
  }

  override bindMessageHandlers(client: Connection, handlers: MessageMappingProperties[]): void {
    for (const { message, callback } of handlers) this.methods.bindNest(client, message as string, callback as NestCallback);
  }

  /** The first that the server knows, of those the client offers (PROTOCOL.md §1). */
  private choose(offered: Iterable<string>): string | undefined {
    for (const name of offered) if (name === SUBPROTOCOL.JSON || name === SUBPROTOCOL.BINARY || this.subprotocols.find(name)) return name;
    return undefined;
  }

  private handlerFor(request: IncomingMessage): SubprotocolHandler | undefined {
    const offered = request.headers['sec-websocket-protocol']?.split(',') ?? [];
    return this.subprotocols.find(this.choose(offered.map((name) => name.trim())) ?? '');
  }

  private accept(request: IncomingMessage, socket: Duplex, head: Buffer, identity: Identity | undefined, address: string): void {
    const handler = this.handlerFor(request);
    if (handler?.refusal !== undefined) {
      refuseUpgrade(socket, REFUSALS.unprotected(handler.refusal));
      return;
    }
    if (handler !== undefined && identity === undefined) {
      refuseUpgrade(socket, REFUSALS.unauthenticated(`${handler.name} needs a credential with the upgrade`));
      return;
    }
    const refusal = identity === undefined ? this.strangers.refusal(address) : undefined;
    if (refusal !== undefined) {
      refuseUpgrade(socket, refusal);
      return;
    }
    this.server?.handleUpgrade(request, socket, head, (ws) => {
      ws.closeReasons = this.closeReasons;
      const { maxMessageBytes, security } = this.config.websocket;
      if (security.maxFrameBytes < maxMessageBytes) ws.limitFrames(security.maxFrameBytes);
      const options: ConnectionOptions = {
        socket: new WsSocket(ws, socket),
        codec: this.codecs.of(ws.protocol),
        outbox: this.outboxSettings,
        address,
        openedAt: this.clock.now(),
        identity,
      };
      const connection = handler?.connect(options) ?? new Connection(options);
      if (identity === undefined) this.strangers.hold(ws, connection);
      this.registry.add(connection);
      this.meter.connectionOpened();
      ws.listen(connection, handler === undefined ? this.listeners : this.listenersOf(handler));
      if (handler !== undefined) return;
      if (this.methods.hasHooks || this.methods.throughNest.size > 0) for (const tell of this.connectCallbacks) tell(connection, request);
    });
  }

  override async close(): Promise<void> {
    for (const connection of this.registry) {
      if (connection.state < ConnectionState.CLOSING) connection.close(CloseCode.GOING_AWAY, 'the server has stopped');
      connection.terminate();
    }
    this.server?.close();
    return Promise.resolve();
  }
}
