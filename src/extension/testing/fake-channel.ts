// A connection for specs of features: keeps what is sent, and is slow, drained and closed when a spec says so.
import type { Channel, PeerRequestOptions, SharedNotification, SharedNotifications } from '../channel.js';
import { Failure } from '../failure.js';

export interface SentNotification {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export type PeerHandler = (method: string, params: object, options: PeerRequestOptions) => unknown;

export class FakeChannel implements Channel {
  isOpen = true;
  isWritable = true;
  /** What the peer has been sent, in order. */
  readonly sent: SentNotification[] = [];
  /** How many more notifications are taken before the peer reads too slowly. */
  room = Infinity;
  /** What the peer answers to requests of the server; undefined: it never answers. */
  peer: PeerHandler | undefined;
  private drainListeners = new Set<() => void>();
  private closeListeners = new Set<() => void>();
  private rejections = new Set<(failure: Failure) => void>();

  constructor(readonly id = 'session-1') {}

  notify(method: string, params: object): void {
    if (!this.isOpen) return;
    this.sent.push({ method, params: params as Record<string, unknown> });
    if (--this.room <= 0) this.isWritable = false;
  }

  forward(shared: SharedNotification, subscriptionId: string): void {
    this.notify(shared.method, { subscription_id: subscriptionId, ...shared.params });
  }

  forwardAll({ all }: SharedNotifications, subscriptionId: string): void {
    for (const shared of all) this.forward(shared, subscriptionId);
  }

  request(method: string, params: object, options: PeerRequestOptions = {}): Promise<unknown> {
    if (!this.isOpen) return Promise.reject(new Failure('unavailable', 'the connection has ended'));
    return new Promise((resolve, reject) => {
      this.rejections.add(reject);
      options.signal?.addEventListener('abort', () => reject(options.signal?.reason as Error), { once: true });
      if (this.peer !== undefined) void Promise.resolve(this.peer(method, params, options)).then(resolve, reject);
    });
  }

  onceDrained(listener: () => void): () => void {
    if (this.isWritable) queueMicrotask(listener);
    else this.drainListeners.add(listener);
    return () => this.drainListeners.delete(listener);
  }

  onceClosed(listener: () => void): () => void {
    this.closeListeners.add(listener);
    return () => this.closeListeners.delete(listener);
  }

  /** The peer has read all, and takes `room` more before it is slow again. */
  drain(room = Infinity): void {
    this.room = room;
    this.isWritable = true;
    const listeners = this.drainListeners;
    this.drainListeners = new Set();
    for (const listener of listeners) listener();
  }

  close(): void {
    this.isOpen = false;
    for (const reject of this.rejections) reject(new Failure('unavailable', 'the connection has ended'));
    for (const listener of this.closeListeners) listener();
    this.closeListeners.clear();
  }

  /** Whether anyone still waits for something: a leak, once a channel has closed. */
  get listenerCount(): number {
    return this.drainListeners.size + this.closeListeners.size;
  }

  /** Params of the notifications of one method. */
  paramsOf(method: string): Readonly<Record<string, unknown>>[] {
    return this.sent.filter((notification) => notification.method === method).map(({ params }) => params);
  }
}
