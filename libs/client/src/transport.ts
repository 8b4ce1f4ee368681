// Messages over one WebSocket: protects and sends them, opens and reads what comes, in order both ways even where the
// cryptography takes its time. Knows nothing of what the messages say.
import { FrameFlag, isCall, readFrame, type Frame, type FrameRefusal, type OpenedText } from '@mcpw/protocol';

import { wordsOf } from './errors.js';
import { InOrder } from './in-order.js';
import type { Incoming } from './incoming.js';
import { eachInTurn, whenReady, type MaybePromise } from './maybe-promise.js';
import type { Encoded, MessageCodec } from './message-codec.js';
import type { MethodNumbers } from './method-numbers.js';
import type { Platform, Socket, SocketEvents, UpgradeRequest } from './platform.js';
import { Protection } from './protection.js';
import { readOpenFrame, readText } from './read-message.js';
import { Replayed } from './replayed.js';

export interface TransportEvents {
  /** Messages after it wait for the promise, if there is one. */
  message(message: Incoming): MaybePromise<void>;
  /** Bytes came, of whatever kind. */
  activity(): void;
  /** Once, after all that came before it was told. */
  closed(code: number, reason: string): void;
}

type Inbound = string | Frame | FrameRefusal | { readonly closed: number; readonly reason: string };
type Outbound =
  { readonly messages: readonly Encoded[]; readonly codec: MessageCodec } | { readonly close: number; readonly reason: string };

const CLOSED_ABNORMALLY = 1006;

export class Transport {
  private readonly inbound = new InOrder<Inbound>(
    (unit) => this.take(unit),
    (error) => this.giveUp(error),
  );
  private readonly outbound = new InOrder<Outbound>(
    (unit) => this.put(unit),
    (error) => this.giveUp(error),
  );
  private readonly replayed = new Replayed();
  private protection: Protection;
  private socket: Socket | undefined;
  private isClosed = false;

  private constructor(
    platform: Platform,
    private readonly methods: MethodNumbers,
    private readonly nextId: () => number,
    private readonly maxMessageBytes: number,
    private readonly events: TransportEvents,
  ) {
    this.protection = new Protection({ thresholdBytes: Infinity, encrypts: false, maxMessageBytes }, platform);
  }

  /** @throws what `Platform.openSocket` is rejected with */
  static async open(
    platform: Platform,
    request: UpgradeRequest,
    methods: MethodNumbers,
    nextId: () => number,
    maxMessageBytes: number,
    events: TransportEvents,
    signal: AbortSignal,
  ): Promise<Transport> {
    const transport = new Transport(platform, methods, nextId, maxMessageBytes, events);
    transport.socket = await platform.openSocket(request, transport.socketEvents, signal);
    return transport;
  }

  /** From here on messages are compressed, signed or encrypted, and expected to be. */
  protect(protection: Protection): void {
    this.protection = protection;
  }

  /** Several messages go as one batch. */
  send(messages: readonly Encoded[], codec: MessageCodec): void {
    this.outbound.push({ messages, codec });
  }

  /** Whether the platform can ping; the pong is told as activity. */
  ping(): boolean {
    if (this.socket?.ping === undefined) return false;
    this.socket.ping();
    return true;
  }

  /** Starts the closing handshake, after what was sent before. */
  close(code: number, reason: string): void {
    this.outbound.push({ close: code, reason });
  }

  /** Ends at once: the link is dead. */
  terminate(reason: string): void {
    this.end(CLOSED_ABNORMALLY, reason);
    this.socket?.terminate();
  }

  private readonly socketEvents: SocketEvents = {
    message: (data) => {
      this.events.activity();
      if (typeof data === 'string') return this.inbound.push(data);
      const frame = readFrame(data, this.maxMessageBytes);
      const members = frame.ok ? frame.members : undefined;
      for (const member of members ?? [frame]) this.inbound.push(member);
    },
    activity: () => this.events.activity(),
    closed: (code, reason) => this.inbound.push({ closed: code, reason }),
  };

  private take(unit: Inbound): MaybePromise<void> {
    if (typeof unit === 'string') return whenReady(this.protection.openText(unit), (opened) => this.deliverText(opened));
    if ('closed' in unit) return this.end(unit.closed, unit.reason);
    if (!unit.ok) return this.deliverFrame(unit, false);
    const isSigned = unit.has(FrameFlag.SIGNED);
    return whenReady(this.protection.openFrame(unit), (opened) => this.deliverFrame(opened, isSigned));
  }

  private deliverText(opened: OpenedText): MaybePromise<void> {
    if (!opened.ok) throw new Error(opened.message);
    const { messages, nonce } = readText(opened.json, this.maxMessageBytes);
    if (this.protection.isSecured && (nonce === undefined || this.replayed.hasNonce(nonce))) {
      throw new Error('a signed message of the server has come before, or has no nonce');
    }
    return whenReady(
      eachInTurn(messages, (message) => this.events.message(message)),
      () => undefined,
    );
  }

  private deliverFrame(frame: Frame | FrameRefusal, isSigned: boolean): MaybePromise<void> {
    if (this.protection.isSecured) {
      if (!frame.ok) throw new Error(frame.message);
      if (isSigned && isCall(frame.type) && this.replayed.hasSequence(frame.sequenceId))
        throw new Error('a signed frame of the server has come before');
    }
    return this.events.message(readOpenFrame(frame, this.methods));
  }

  private put(unit: Outbound): MaybePromise<void> {
    if ('close' in unit) return this.socket?.close(unit.close, unit.reason);
    return whenReady(this.protection.seal(unit.messages, unit.codec, this.nextId), (message) => this.socket?.send(message));
  }

  /** What came cannot be trusted, or what goes cannot be made: there is no going on. */
  private giveUp(error: unknown): void {
    this.terminate(wordsOf(error));
  }

  private end(code: number, reason: string): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.inbound.stop();
    this.outbound.stop();
    this.protection.wipe();
    this.events.closed(code, reason);
  }
}
