// One subscription of one connection, live or behind. Live it has no position of its own: all live ones are where delivery is.
import type { Channel } from '../extension/channel.js';
import type { EventFilter } from './event-filter.js';
import { matchesPattern } from './event-name.js';

export interface SubscriptionOptions {
  /** 22 characters of base64url. */
  readonly id: string;
  readonly tenant: string;
  readonly channel: Channel;
  readonly patterns: readonly string[];
  /** As the client sent it; with what it was compiled to. */
  readonly filter?: unknown;
  /** Characters of it as JSON. */
  readonly filterSize?: number;
  readonly accepts?: EventFilter | undefined;
  /** Events of the log after this one are for it. */
  readonly startSeq: number;
}

export class Subscription {
  readonly id: string;
  readonly tenant: string;
  readonly channel: Channel;
  readonly filter: unknown;
  readonly filterSize: number;
  /** Undefined: accepts all. */
  readonly accepts: EventFilter | undefined;
  patterns: readonly string[];
  /** Live delivery passes over it up to this sequence number: Infinity while it reads from the log, and once it has ended. */
  skipThroughSeq = Infinity;
  /** While behind: through where it was served. */
  positionSeq: number;
  /** Through where the client has said that it has it; where it began, until then. */
  acknowledgedSeq: number;
  hasEnded = false;

  constructor(options: SubscriptionOptions) {
    this.id = options.id;
    this.tenant = options.tenant;
    this.channel = options.channel;
    this.patterns = options.patterns;
    this.filter = options.filter;
    this.filterSize = options.filterSize ?? 0;
    this.accepts = options.accepts;
    this.positionSeq = this.acknowledgedSeq = options.startSeq;
  }

  get isLive(): boolean {
    return this.skipThroughSeq !== Infinity;
  }

  wants(event: string): boolean {
    return this.patterns.some((pattern) => matchesPattern(pattern, event));
  }
}
