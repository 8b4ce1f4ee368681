// What a connection sends us: bytes to messages, in the order of arrival, at most `max_in_flight` at work at a time. While
// a connection has too much at work, or does not read its answers, its socket is not read.
import { Inject, Injectable } from '@nestjs/common';
import { CloseCode, MessageType } from '@mcpw/protocol';

import { Config } from '../config/config.js';
import type { Connection } from '../connection/connection.js';
import { TrafficMeter } from '../connection/traffic-meter.js';
import { Clock } from '../extension/clock.js';
import { Failure } from '../extension/failure.js';
import { Dispatcher, isCall } from './dispatcher.js';
import { wireError } from './failure-code.js';
import type { Inbound } from './inbound.js';
import { RateLimiter } from './rate-limiter.js';
import { Reader, type ReadMessage, type Refused } from './reader.js';

@Injectable()
export class Receiver {
  /** Messages that wait, of connections that have too much at work. */
  private readonly backlogs = new WeakMap<Connection, ReadMessage[]>();

  constructor(
    @Inject(Config) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    private readonly reader: Reader,
    private readonly dispatcher: Dispatcher,
    private readonly limiter: RateLimiter,
    private readonly meter: TrafficMeter,
  ) {
    dispatcher.onReleased = (connection) => this.goOn(connection);
  }

  receive(connection: Connection, data: Buffer, isBinary: boolean): void {
    if (!connection.isOpen) return;
    connection.lastSeenAt = this.clock.now();
    this.meter.received(data.length);
    const messages = isBinary ? this.reader.readFrame(connection, data) : this.reader.readText(connection, data);
    if (Array.isArray(messages)) for (const message of messages) this.take(connection, message);
    else this.take(connection, messages);
  }

  private take(connection: Connection, message: ReadMessage): void {
    const backlog = this.backlogs.get(connection);
    if (backlog !== undefined) {
      backlog.push(message);
      return;
    }
    this.handle(connection, message);
    if (this.isBusy(connection)) this.hold(connection);
  }

  private isBusy(connection: Connection): boolean {
    return connection.calls.size >= this.config.websocket.maxInFlight || !connection.isWritable;
  }

  private hold(connection: Connection): void {
    if (!connection.isOpen) return;
    this.backlogs.set(connection, []);
    connection.pause();
    this.awaitDrain(connection);
  }

  private awaitDrain(connection: Connection): void {
    if (!connection.isWritable) connection.onceDrained(() => this.goOn(connection));
  }

  /** Works on what waited until there is too much at work again; then on to reading the socket. */
  private goOn(connection: Connection): void {
    const backlog = this.backlogs.get(connection);
    if (backlog === undefined || this.isBusy(connection)) return;
    let handled = 0;
    while (handled < backlog.length && connection.isOpen && !this.isBusy(connection)) {
      this.handle(connection, backlog[handled++] as ReadMessage);
    }
    backlog.splice(0, handled);
    if (backlog.length === 0 && !this.isBusy(connection)) {
      this.backlogs.delete(connection);
      connection.resume();
    } else this.awaitDrain(connection);
  }

  private handle(connection: Connection, message: ReadMessage): void {
    if (!connection.isOpen) return;
    const now = performance.now();
    if ('refusal' in message) {
      this.refuse(connection, message, now);
    } else if (isCall(message.type)) this.dispatcher.run(connection, message, now);
    else this.settle(connection, message, now);
    if (this.limiter.isIgnored(connection, now)) connection.close(CloseCode.RATE_LIMIT_IGNORED, 'the rate limit was ignored');
  }

  private refuse(connection: Connection, { refusal, name, encode }: Refused, now: number): void {
    const limited = this.limiter.admit(connection, now);
    this.dispatcher.refuse(connection, encode(limited === undefined ? refusal : wireError(limited, String)), limited?.kind ?? name);
    // Where everything is signed, what is not may be anybody's (PROTOCOL.md §4).
    if (name === 'signature_invalid') connection.close(CloseCode.UNAUTHENTICATED, refusal.message);
  }

  /** Pings, pongs, and the peer's answers to our own requests. */
  private settle(connection: Connection, message: Inbound, now: number): void {
    const limited = this.limiter.admit(connection, now);
    if (limited !== undefined) {
      this.dispatcher.refuse(connection, message.codec.error(message.id, '', wireError(limited, String)), limited.kind);
      return;
    }
    if (message.type === MessageType.PONG) return;
    if (message.type === MessageType.PING) {
      connection.send(message.codec.pong(message.id, new Date(this.clock.now()).toISOString()));
      return;
    }
    try {
      const { body, error } = message.read();
      connection.answered(message.id, error === undefined ? { result: body } : { error });
    } catch (error) {
      const kind = error instanceof Failure ? error.kind : 'server_error';
      this.dispatcher.refuse(connection, message.codec.error(message.id, '', wireError(error, String)), kind);
    }
  }
}
