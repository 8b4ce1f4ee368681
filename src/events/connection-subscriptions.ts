// What one connection is subscribed to. Its subscriptions share the connection's fate and its way of catching up.
import type { Channel } from '../extension/channel.js';
import type { Subscription } from './subscription.js';

export class ConnectionSubscriptions {
  readonly byId = new Map<string, Subscription>();
  /** Those that are to be served from the log, the one whose turn it is first. */
  readonly behind = new Set<Subscription>();
  /** Whether it waits for its turn, or to be writable again. */
  isScheduled = false;
  /** Set while it waits to be writable: takes that back. */
  stopWaiting: (() => void) | undefined;

  constructor(readonly channel: Channel) {}

  get filterSize(): number {
    let size = 0;
    for (const { filterSize } of this.byId.values()) size += filterSize;
    return size;
  }

  get patternCount(): number {
    let count = 0;
    for (const { patterns } of this.byId.values()) count += patterns.length;
    return count;
  }
}
