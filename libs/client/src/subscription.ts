// One subscription, between the events that come and the consumer who takes them. It outlives connections: events come once
// and in order, whatever happens to the link. How it is kept alive on the server is subscriptions.ts.
import { ClientClosedError } from './errors.js';
import { EventBuffer } from './event-buffer.js';
import { tell } from './listener.js';
import type { JsonObject, NotificationMap, Timestamp } from './method-map.js';
import { ABOVE_0, type Checks, FUNCTION, refuseEach } from './option-checks.js';
import { SeenCursors } from './seen-cursors.js';

export interface ClientEvent<T = unknown> {
  readonly event: string;
  readonly data: T;
  /** Where to go on after it; absent from passing events, which are not in the log. */
  readonly cursor?: string;
  readonly timestamp: Timestamp;
}

/** What the log no longer held when it was to be sent. */
export interface EventGap {
  readonly from: string;
  readonly to: string;
}

export interface SubscribeOptions {
  /** A MongoDB-style match on the event's data (protocol §5). */
  readonly filter?: JsonObject;
  /** A cursor, `earliest`, or `latest`, the default. */
  readonly since?: string;
  /** Events that wait for a slow consumer; past this the rest stays in the server's log until there is room. Default 1,000. */
  readonly buffer?: number;
  /** Told of a gap when the consumer comes to it. */
  readonly onGap?: (gap: EventGap) => void;
}

/** What a subscription tells the one who keeps it alive. */
export interface SubscriptionEvents {
  /** The consumer has gone on past a cursor. */
  consumed(): void;
  /** More events wait than may. */
  overflowed(): void;
  /** There is room again. */
  drained(): void;
  closed(): void;
}

/** What a consumer holds: `for await (const event of subscription)`; leaving the loop ends it. */
export interface Subscription<T = unknown> extends AsyncIterableIterator<ClientEvent<T>, undefined> {
  readonly patterns: readonly string[];
  /**
   * Resolves when the server has it: events published from then on come. Rejects where it is refused; with a `ClientClosedError`
   * where it, or the client, is closed before.
   */
  readonly ready: Promise<void>;
  /**
   * What to give as `since` in another process: that of the last event that the consumer is done with, or of where the subscription
   * began. Undefined only until the server has it, where `since` said no more than `latest`.
   */
  readonly cursor: string | undefined;
  /** The next event. Asking for it says that the one before is dealt with, and that is told to the server. */
  next(): Promise<IteratorResult<ClientEvent<T>, undefined>>;
  /** Ends it here and on the server. What waits is dropped. */
  close(): void;
  /** The same for `using`, where the runtime has that. */
  [Symbol.dispose](): void;
}

type Entry<T> = { readonly event: ClientEvent<T> } | { readonly gap: EventGap };

const DEFAULT_BUFFER = 1_000;
const LATEST = 'latest';
/** What the server looks at is refused by the server. */
const CHECKS: Checks<SubscribeOptions> = { filter: undefined, since: undefined, buffer: ABOVE_0, onGap: FUNCTION };

export class LiveSubscription<T = unknown> implements Subscription<T> {
  readonly ready: Promise<void>;
  private readonly entries = new EventBuffer<Entry<T>>();
  private readonly seen = new SeenCursors();
  private readonly room: number;
  private markReady!: () => void;
  private markRefused!: (error: Error) => void;
  private began: string | undefined;
  private newest: string | undefined;
  private handedOut: string | undefined;
  private done: string | undefined;

  constructor(
    readonly patterns: readonly string[],
    private readonly options: SubscribeOptions,
    private readonly events: SubscriptionEvents,
  ) {
    refuseEach(options, CHECKS, 'a subscription');
    if (options.since !== LATEST) this.began = options.since;
    this.room = Math.max(1, options.buffer ?? DEFAULT_BUFFER);
    this.ready = new Promise((resolve, reject) => {
      this.markReady = resolve;
      this.markRefused = reject;
    });
    this.ready.catch(() => undefined); // who does not ask has the iterator's error
  }

  get filter(): JsonObject | undefined {
    return this.options.filter;
  }

  /** Where to go on: after the newest event that came, or where it began. */
  get since(): string | undefined {
    return this.newest ?? this.options.since;
  }

  /** The newest cursor that came, consumed or not. */
  get received(): string | undefined {
    return this.newest;
  }

  /** That of the last event that the consumer is done with. */
  get consumed(): string | undefined {
    return this.done;
  }

  get cursor(): string | undefined {
    return this.done ?? this.began;
  }

  async next(): Promise<IteratorResult<ClientEvent<T>, undefined>> {
    this.finish();
    for (;;) {
      const result = await this.entries.take();
      if (this.entries.size === 0) this.events.drained();
      if (result.done === true) return result;
      if ('event' in result.value) {
        this.handedOut = result.value.event.cursor ?? this.handedOut;
        return { done: false, value: result.value.event };
      }
      tell(this.options.onGap, result.value.gap);
    }
  }

  /** The consumer has left the loop. */
  return(): Promise<IteratorReturnResult<undefined>> {
    this.finish();
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  close(): void {
    this.entries.clear();
    this.entries.end();
    this.markRefused(new ClientClosedError('subscription'));
    this.events.closed();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** The server has it, from this cursor on. */
  started(cursor: string): void {
    if (this.newest === undefined) this.began = this.newest = cursor;
    this.markReady();
  }

  take({ event, cursor, data, timestamp }: NotificationMap['event']): void {
    if (cursor !== undefined) {
      if (!this.seen.add(cursor)) return;
      this.newest = cursor;
    }
    this.put({ event: { event, data: data as T, timestamp, ...(cursor === undefined ? {} : { cursor }) } });
  }

  takeGap({ from, to }: NotificationMap['event.gap']): void {
    this.newest = to;
    this.put({ gap: { from, to } });
  }

  /** It cannot go on; where the client was closed, that ends the loop over its events and is no error of it. */
  fail(error: Error): void {
    this.entries.end(error instanceof ClientClosedError ? undefined : error);
    this.markRefused(error);
  }

  private put(entry: Entry<T>): void {
    this.entries.put(entry);
    if (this.entries.size >= this.room) this.events.overflowed();
  }

  private finish(): void {
    if (this.handedOut === undefined || this.handedOut === this.done) return;
    this.done = this.handedOut;
    this.events.consumed();
  }
}
