// One connected peer: its state, who it is, and the way to it. It never sees a message's bytes arrive (protocol/receiver.ts)
// and knows its socket only through a port.
import { Failure } from '../extension/failure.js';
import type { Channel, PeerRequestOptions, SharedNotification, SharedNotifications } from '../extension/channel.js';
import type { Principal } from '../extension/principal.js';
import { readTrace, type TraceContext } from '../extension/trace-context.js';
import { ConnectionState, mayMove } from './connection-state.js';
import type { MessageCodec, MessageId, MessageSealer } from './message-codec.js';
import { PlacedFrame } from './frame-slab.js';
import { Outbox, type OutboxSettings } from './outbox.js';
import { PeerRequests } from './peer-requests.js';
import { Addressed, FramedBlock } from './shared-message.js';
import type { SocketPort } from './socket-port.js';

/** What proved the principal; a revoked or expired one ends the connection. */
export interface Credential {
  readonly kind: string;
  readonly id: string;
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt?: number | undefined;
}

export interface Identity {
  readonly principal: Principal;
  readonly credential: Credential;
  /** SHA-256 of the credential's exact bytes, for key agreement (PROTOCOL.md §4); base64url, a fifth of the memory of its bytes. */
  readonly credentialHash: string;
}

/** A call that has not been answered yet. */
export interface PendingCall {
  readonly id: MessageId;
  /** Milliseconds of the clock at which it is given up; Infinity where it has no limit. */
  readonly deadline: number;
  /** Ends it with this failure as its answer. */
  abort(failure: Failure): void;
  /** Its connection is gone: nobody waits here for the answer any more. */
  abandon(): void;
}

export interface ConnectionOptions {
  readonly socket: SocketPort;
  readonly codec: MessageCodec;
  readonly outbox: OutboxSettings;
  readonly address: string;
  readonly openedAt: number;
  /** Whether `initialize` will say who it is (no credential came with the upgrade). */
  readonly identity: Identity | undefined;
}

const OVERFLOW = 4513;

/** Told which connection it is, so that one function serves all. */
export type EndListener = (connection: Connection) => void;
/** One alone stands for itself: most connections have one of a kind, that all have, and a list of it would be 50 bytes of each. */
type EndListeners = EndListener | readonly EndListener[] | undefined;

export class Connection implements Channel {
  state: ConnectionState = ConnectionState.CONNECTING;
  /** The session's id; empty until `initialize`. */
  id = '';
  /** What shows that a session is the peer's to go on with (PROTOCOL.md §6); empty where there is none. */
  resumeToken = '';
  /** What the peer calls itself, for logs and stats of admins. */
  agentName = '';
  identity: Identity | undefined;
  codec: MessageCodec;
  sealer: MessageSealer | undefined;
  private pendingCalls: Map<MessageId, PendingCall> | undefined;
  /** When the peer last gave a sign of life, and when it was last asked for one (0: it is not being asked). */
  lastSeenAt: number;
  pingedAt = 0;
  /** Whether what the peer sends is left unread for now. */
  isPaused = false;
  readonly address: string;
  readonly openedAt: number;
  readonly outbox: Outbox;
  private readonly socket: SocketPort;
  private sequence = 0;
  private peerRequests: PeerRequests | undefined;
  private identifiedListener: (() => void) | undefined;
  private endingListeners: EndListeners = undefined;
  private closeListeners: EndListeners = undefined;

  constructor(options: ConnectionOptions) {
    this.socket = options.socket;
    this.codec = options.codec;
    this.address = options.address;
    this.openedAt = options.openedAt;
    this.lastSeenAt = options.openedAt;
    this.identity = options.identity;
    this.outbox = new Outbox(options.socket, options.outbox, this);
  }

  /** Calls that wait for something. */
  get calls(): Map<MessageId, PendingCall> {
    return (this.pendingCalls ??= new Map());
  }

  /** How many they are; asks for no memory where there are none, as on a connection that is idle. */
  get callCount(): number {
    return this.pendingCalls?.size ?? 0;
  }

  /** Whether somebody waits for an answer, here or at the peer. */
  get isBusy(): boolean {
    return this.callCount > 0 || (this.peerRequests?.size ?? 0) > 0;
  }

  get isOpen(): boolean {
    return this.state <= ConnectionState.CONNECTED;
  }

  get isInitialized(): boolean {
    return this.state === ConnectionState.CONNECTED;
  }

  get isWritable(): boolean {
    return this.outbox.isWritable;
  }

  /** Bytes. A larger one cannot be sent, however fast the peer reads. */
  get largestMessage(): number {
    return this.outbox.largestMessage;
  }

  /** Who it is has come with `initialize`. */
  identify(identity: Identity): void {
    this.identity = identity;
    this.identifiedListener?.();
    this.identifiedListener = undefined;
  }

  /** Calls back when it has shown a credential; one for each connection. */
  onceIdentified(listener: () => void): void {
    this.identifiedListener = listener;
  }

  /** Moves to another state. @returns false where the table does not allow it */
  move(to: ConnectionState): boolean {
    if (!mayMove(this.state, to)) return false;
    const ends = this.isOpen && to > ConnectionState.CONNECTED;
    this.state = to;
    if (ends) this.tell(this.endingListeners);
    return true;
  }

  /** Sends an encoded message, signed or encrypted where the session has keys. */
  send(message: string | Uint8Array | PlacedFrame): void {
    if (this.isOpen && this.sealer === undefined) {
      this.outbox.send(message);
      return;
    }
    if (this.isOpen) this.outbox.send(this.sealed(message));
    if (message instanceof PlacedFrame) message.release();
  }

  /** In memory of its own, where it came in a slab. */
  private sealed(message: string | Uint8Array | PlacedFrame): string | Uint8Array {
    const { sealer } = this;
    if (!(message instanceof PlacedFrame)) return sealer === undefined ? message : sealer.seal(message);
    const { bytes } = message;
    const sealed = sealer === undefined ? bytes : sealer.seal(bytes);
    return sealed === bytes ? Buffer.from(bytes) : sealed;
  }

  notify(method: string, params: object, trace?: TraceContext): void {
    if (this.isOpen) this.send(this.codec.notification(++this.sequence, method, params, trace));
  }

  forward(notification: SharedNotification, subscriptionId: string): void {
    if (!this.isOpen) return;
    const shared = this.codec.shared(notification);
    const sequence = ++this.sequence;
    if (this.sealer === undefined) {
      this.outbox.send(new Addressed(shared, subscriptionId, sequence));
      return;
    }
    const bytes = Buffer.allocUnsafe(shared.length);
    shared.place(bytes, 0, subscriptionId, sequence);
    this.send(shared.isText ? bytes.toString() : bytes);
  }

  forwardAll(notifications: SharedNotifications, subscriptionId: string): void {
    if (!this.isOpen) return;
    const { all } = notifications;
    if (this.sealer !== undefined) {
      for (const notification of all) this.forward(notification, subscriptionId);
      return;
    }
    const blocks = (notifications.encoded ??= {}) as Partial<Record<MessageCodec['name'], FramedBlock>>;
    const shared = (blocks[this.codec.name] ??= new FramedBlock(all.map((notification) => this.codec.shared(notification))));
    this.outbox.send(new Addressed(shared, subscriptionId, this.sequence + 1));
    this.sequence += all.length;
  }

  request(method: string, params: object, options: PeerRequestOptions = {}): Promise<unknown> {
    if (!this.isOpen) return Promise.reject(gone());
    this.peerRequests ??= new PeerRequests();
    const sequence = ++this.sequence;
    const meta = options.timeoutMs === undefined ? options.meta : { ...options.meta, timeout_ms: options.timeoutMs };
    const cancel = (): void => this.notify('tool.cancel', { request_id: this.codec.name === 'binary' ? sequence : String(sequence) });
    const answer = this.peerRequests.add(String(sequence), options, cancel);
    this.send(this.codec.request(sequence, method, params, meta));
    return answer;
  }

  /** What the peer answered to a request of ours; unknown ids (late answers) are dropped. */
  answered(
    id: MessageId,
    outcome: { result: unknown } | { error: { code: number; message: string; data?: unknown } },
    meta?: unknown,
  ): void {
    this.peerRequests?.settle(String(id), outcome, readTrace(meta));
  }

  progressed(id: MessageId, progress: { progress: number; total?: number; message?: string }, meta?: unknown): void {
    this.peerRequests?.progress(String(id), progress, readTrace(meta));
  }

  onceDrained(listener: () => void): () => void {
    return this.outbox.onceDrained(listener);
  }

  onceClosed(listener: EndListener): () => void {
    if (this.state === ConnectionState.CLOSED) {
      queueMicrotask(() => listener(this));
      return () => undefined;
    }
    this.closeListeners = withListener(this.closeListeners, listener);
    return () => {
      this.closeListeners = withoutListener(this.closeListeners, listener);
    };
  }

  /** Calls back when the end begins, before anything that hangs on the connection is let go. */
  onceEnding(listener: EndListener): void {
    this.endingListeners = withListener(this.endingListeners, listener);
  }

  /** More waits for the peer than it may. */
  overflowed(): void {
    this.close(OVERFLOW, 'send queue over its limit');
  }

  ping(now: number): void {
    this.pingedAt = now;
    this.socket.ping();
  }

  /** Stops, and goes on, reading what the peer sends. */
  pause(): void {
    this.isPaused = true;
    this.socket.pause();
  }

  resume(): void {
    this.isPaused = false;
    if (this.isOpen) this.socket.resume();
  }

  /** Starts the closing handshake; what was sent before goes out first. `reason` is for people, 123 bytes at most. */
  close(code: number, reason: string): void {
    if (!this.isOpen) return;
    this.outbox.flush();
    this.move(ConnectionState.CLOSING);
    this.peerRequests?.rejectAll(gone());
    this.socket.resume();
    this.socket.close(code, reason);
  }

  terminate(): void {
    this.socket.terminate();
  }

  /** The socket is gone: ends every call and tells all who hold on to this connection. */
  ended(): void {
    if (!this.move(ConnectionState.CLOSED)) return;
    for (const call of [...(this.pendingCalls?.values() ?? [])]) call.abandon();
    this.pendingCalls?.clear();
    this.peerRequests?.rejectAll(gone());
    this.outbox.close();
    this.sealer?.wipe();
    const listeners = this.closeListeners;
    this.closeListeners = undefined;
    this.tell(listeners);
  }

  private tell(listeners: EndListeners): void {
    for (const listener of listOf(listeners)) listener(this);
  }
}

const gone = (): Failure => new Failure('unavailable', 'the connection has ended');

function listOf(listeners: EndListeners): readonly EndListener[] {
  return listeners === undefined ? [] : typeof listeners === 'function' ? [listeners] : listeners;
}

/** A list with no room to spare: they are few, and seldom change. */
function withListener(listeners: EndListeners, listener: EndListener): EndListeners {
  return listeners === undefined ? listener : listOf(listeners).concat(listener);
}

function withoutListener(listeners: EndListeners, listener: EndListener): EndListeners {
  const others = listOf(listeners).filter((other) => other !== listener);
  return others.length > 1 ? others : others[0];
}
