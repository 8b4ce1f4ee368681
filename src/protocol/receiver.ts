// What a connection sends us: bytes to messages, in the order of arrival, at most `max_in_flight` at work at a time. While
// a connection has too much at work, or does not read its answers, its socket is not read. Nor is it while others wait: what one
// turn of the event loop brings is worked on for a slice of time, and the rest of it in the turns that follow.
import { Inject, Injectable } from '@nestjs/common';
import { CloseCode, ErrorCode, isAnswer, isCall, MessageType } from '@mcpw/protocol';

import { Config } from '../config/config.js';
import type { Connection } from '../connection/connection.js';
import type { MessageId } from '../connection/message-codec.js';
import { TrafficMeter } from '../connection/traffic-meter.js';
import { Clock } from '../extension/clock.js';
import { Failure } from '../extension/failure.js';
import { Dispatcher } from './dispatcher.js';
import { wireError } from './failure-code.js';
import type { Inbound } from './inbound.js';
import { ReplayGuard } from './guards/replay.guard.js';
import { RateLimiter } from './rate-limiter.js';
import { Reader, type ReadMessage, type Refused } from './reader.js';

/** For how long the event loop is taken at once; a single message may take longer. */
const SLICE_MS = 15;

/** A WebSocket message that is to be read later. */
class Unread {
  constructor(
    readonly data: Buffer,
    readonly isBinary: boolean,
    readonly start: number,
    readonly end: number,
  ) {}
}

/** Messages of one connection that wait. */
interface Backlog {
  readonly messages: (ReadMessage | Unread)[];
  /** What it works on may end other calls of the connection, and so ask to go on. */
  isAtWork: boolean;
  isAwaitingDrain: boolean;
}

@Injectable()
export class Receiver {
  /** Of connections that have too much at work, or whose turn's time is over. */
  private readonly backlogs = new WeakMap<Connection, Backlog>();
  /** Connections that wait for the next turn, in the order of their turns. */
  private readonly waiting = new Set<Connection>();
  /** Of the performance clock; 0 between two turns. */
  private turnEndsAt = 0;

  constructor(
    @Inject(Config) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    private readonly reader: Reader,
    private readonly dispatcher: Dispatcher,
    private readonly limiter: RateLimiter,
    private readonly meter: TrafficMeter,
    private readonly replay: ReplayGuard,
  ) {
    dispatcher.onReleased = (connection) => this.goOn(connection);
  }

  /** @param data has the message from `start` to `end`; a text is all of it */
  receive(connection: Connection, data: Buffer, isBinary: boolean, start: number, end: number): void {
    if (!connection.isOpen) return;
    connection.lastSeenAt = this.clock.now();
    this.meter.received(end - start);
    const now = performance.now();
    if (this.turnEndsAt === 0) this.beginTurn(now);
    const backlog = this.backlogOf(connection);
    if (backlog !== undefined) backlog.messages.push(new Unread(data, isBinary, start, end));
    else if (now >= this.turnEndsAt) this.wait(connection, [new Unread(data, isBinary, start, end)]);
    else {
      const messages = this.read(connection, data, isBinary, start, end);
      if (Array.isArray(messages)) this.takeAll(connection, messages, now);
      else this.take(connection, messages, now);
    }
  }

  private read(connection: Connection, data: Buffer, isBinary: boolean, start: number, end: number): ReadMessage | ReadMessage[] {
    return isBinary ? this.reader.readFrame(connection, data, start, end) : this.reader.readText(connection, data);
  }

  /** A ping or pong of the WebSocket itself: it costs a token as a message does. @returns whether a ping is to be answered */
  control(connection: Connection): boolean {
    if (!connection.isOpen) return false;
    connection.lastSeenAt = this.clock.now();
    const now = performance.now();
    const isAdmitted = this.limiter.admit(connection, now) === undefined;
    this.endIfIgnored(connection, now);
    return isAdmitted;
  }

  /** The members of a batch. */
  private takeAll(connection: Connection, messages: readonly ReadMessage[], startedAt: number): void {
    let now = startedAt;
    for (let i = 0; i < messages.length; i++) {
      const backlog = this.backlogOf(connection);
      if (backlog === undefined && now < this.turnEndsAt) {
        this.dispatcher.settledAt = 0;
        this.take(connection, messages[i] as ReadMessage, now);
        now = this.dispatcher.settledAt || performance.now();
      } else {
        const rest = messages.slice(i);
        if (backlog === undefined) this.wait(connection, rest);
        else backlog.messages.push(...rest);
        return;
      }
    }
  }

  private take(connection: Connection, message: ReadMessage, now: number): void {
    this.handle(connection, message, now);
    if (this.isBusy(connection)) {
      this.hold(connection, []);
      this.goOn(connection);
    }
  }

  /** Until the next turn. */
  private wait(connection: Connection, messages: (ReadMessage | Unread)[]): void {
    this.hold(connection, messages);
    this.waiting.add(connection);
  }

  private beginTurn(now: number): void {
    this.turnEndsAt = now + SLICE_MS;
    setImmediate(() => {
      this.turnEndsAt = 0;
      for (const connection of this.waiting) {
        if (this.turnEndsAt !== 0 && performance.now() >= this.turnEndsAt) return;
        this.waiting.delete(connection);
        this.goOn(connection);
      }
    });
  }

  /** Who is read has none: looked at first, for that costs nothing. */
  private backlogOf(connection: Connection): Backlog | undefined {
    return connection.isPaused ? this.backlogs.get(connection) : undefined;
  }

  private isBusy(connection: Connection): boolean {
    return connection.callCount >= this.config.websocket.maxInFlight || !connection.isWritable;
  }

  private hold(connection: Connection, messages: (ReadMessage | Unread)[]): void {
    if (!connection.isOpen) return;
    this.backlogs.set(connection, { messages, isAtWork: false, isAwaitingDrain: false });
    connection.pause();
  }

  /** Where too much is at work, a call that ends comes back to this; where the peer reads too slowly, nothing else does. */
  private awaitDrain(connection: Connection, backlog: Backlog): void {
    if (connection.isWritable || backlog.isAwaitingDrain) return;
    backlog.isAwaitingDrain = true;
    connection.onceDrained(() => {
      backlog.isAwaitingDrain = false;
      this.goOn(connection);
    });
  }

  /** Works on what waited until there is too much at work again, or the turn is over; then on to reading the socket. */
  private goOn(connection: Connection): void {
    const backlog = this.backlogOf(connection);
    if (backlog === undefined || backlog.isAtWork) return;
    const isDone = this.workOn(connection, backlog);
    if (!connection.isOpen) return;
    if (!isDone) this.waiting.add(connection);
    else if (backlog.messages.length === 0 && !this.isBusy(connection)) {
      this.backlogs.delete(connection);
      connection.resume();
    } else this.awaitDrain(connection, backlog);
  }

  /** @returns false where the turn was over before */
  private workOn(connection: Connection, backlog: Backlog): boolean {
    const { messages } = backlog;
    let handled = 0;
    backlog.isAtWork = true;
    try {
      while (handled < messages.length && connection.isOpen && !this.isBusy(connection)) {
        const now = performance.now();
        if (this.turnEndsAt === 0) this.beginTurn(now);
        if (now >= this.turnEndsAt) return false;
        const message = messages[handled] as ReadMessage | Unread;
        if (message instanceof Unread) {
          const read = this.read(connection, message.data, message.isBinary, message.start, message.end);
          if (Array.isArray(read)) messages.splice(handled, 1, ...read);
          else messages[handled] = read;
        } else {
          handled++;
          this.handle(connection, message, now);
        }
      }
      return true;
    } finally {
      messages.splice(0, handled);
      backlog.isAtWork = false;
    }
  }

  private handle(connection: Connection, message: ReadMessage, now: number): void {
    if (!connection.isOpen) return;
    const { refusals } = this.limiter;
    if ('refusal' in message) {
      this.refuse(connection, message, now);
    } else if (isCall(message.type)) this.dispatcher.run(connection, message, now);
    else this.settle(connection, message, now);
    if (this.limiter.refusals !== refusals) this.endIfIgnored(connection, now);
  }

  private endIfIgnored(connection: Connection, now: number): void {
    if (this.limiter.isIgnored(connection, now))
      this.dispatcher.giveUp(connection, CloseCode.RATE_LIMIT_IGNORED, 'the rate limit was ignored');
  }

  private refuse(connection: Connection, { refusal, name, answers, encode }: Refused, now: number): void {
    const limited = this.limiter.admit(connection, now);
    const told = limited === undefined ? refusal : wireError(limited, String);
    this.dispatcher.refuse(connection, encode(told), limited?.kind ?? name);
    if (answers !== undefined) answerRefused(connection, answers, told.message);
    // Where everything is signed, what is not may be anybody's (PROTOCOL.md §4).
    if (name === 'signature_invalid') this.dispatcher.giveUp(connection, CloseCode.UNAUTHENTICATED, refusal.message);
  }

  /** Pings, pongs, and the peer's answers to our own requests. */
  private settle(connection: Connection, message: Inbound, now: number): void {
    const refused = this.limiter.admit(connection, now) ?? this.replay.refusal(connection, message.ts, message.nonce);
    if (refused !== undefined) return this.refuseSettling(connection, message, refused);
    if (message.type === MessageType.PONG) return;
    if (message.type === MessageType.PING) {
      connection.send(message.codec.pong(message.id, new Date(this.clock.now()).toISOString()));
      return;
    }
    try {
      const { outcome, meta } = message.readAnswer();
      connection.answered(message.id, outcome, meta);
    } catch (error) {
      this.refuseSettling(connection, message, error);
    }
  }

  private refuseSettling(connection: Connection, { type, id, methodNumber, codec }: Inbound, error: unknown): void {
    const told = wireError(error, String);
    const isOurs = isAnswer(type);
    // The peer may have a request of the same id.
    const named = !isOurs ? id : typeof id === 'number' ? 0 : '';
    this.dispatcher.refuse(connection, codec.error(named, methodNumber, told), error instanceof Failure ? error.kind : 'server_error');
    if (isOurs) answerRefused(connection, id, told.message);
  }
}

/** Who waits for the answer need not wait until its time is over. */
function answerRefused(connection: Connection, id: MessageId, why: string): void {
  connection.answered(id, { error: { code: ErrorCode.UNAVAILABLE, message: `the answer was not taken: ${why}` } });
}
