// Subscriptions as a connection meets them (PROTOCOL.md §5, §6): made, ended, acknowledged, and carried over to another connection.
// Not delivery: live-delivery.ts and catch-up.ts. Not publishing: publish.service.ts.
import { Injectable } from '@nestjs/common';

import type { Caller } from '../extension/caller.js';
import type { Channel } from '../extension/channel.js';
import { Failure, type ParamError } from '../extension/failure.js';
import { CatchUp } from './catch-up.js';
import { readEventCursor, writeEventCursor } from './event-cursor.js';
import { compileFilter } from './event-filter.js';
import { EventLog } from './event-log.js';
import { patternProblem } from './event-name.js';
import { LogEnd } from './log-end.js';
import { newSubscriptionId } from './subscription-id.js';
import { Subscription } from './subscription.js';
import { SubscriptionRegistry } from './subscription-registry.js';

export interface SubscribeParams {
  readonly events: readonly string[];
  readonly filter?: Readonly<Record<string, unknown>>;
  /** A cursor, `earliest` or `latest` (default). */
  readonly since?: string;
}

export interface SubscribeResult {
  readonly subscription_id: string;
  readonly subscribed: readonly string[];
  /** Events after this one come. */
  readonly cursor: string;
  readonly status: 'active';
}

export interface UnsubscribeParams {
  readonly subscription_id?: string;
  readonly events?: readonly string[];
}

export interface UnsubscribeResult {
  /** Patterns that the connection is no longer subscribed to by what was ended. */
  readonly unsubscribed: readonly string[];
  readonly status: 'success';
}

/** A subscription as plain data, to be made again on another connection of the session. */
export interface SubscriptionSnapshot {
  readonly id: string;
  readonly patterns: readonly string[];
  readonly filter?: unknown;
  /** Through where the client has said that it has it; where it began, until then. */
  readonly cursor: string;
}

const MAX_SUBSCRIPTIONS = 1_000;
/** Of all subscriptions of a connection together. */
const MAX_PATTERNS = 10_000;
/** Characters of a filter as JSON, and of all of a connection's together: they are kept with the session, and written with each change. */
const MAX_FILTER = 16_384;
const MAX_FILTERS = 262_144;
/** Of a tenant's patterns. Measured: looking a name up in 200,000 places takes 20 ms, where they are made to fit it. */
const MAX_PLACES = 200_000;

@Injectable()
export class EventService {
  private keep: (channel: Channel) => Promise<void> | undefined = () => undefined;

  constructor(
    private readonly registry: SubscriptionRegistry,
    private readonly catchUp: CatchUp,
    private readonly log: EventLog,
    private readonly end: LogEnd,
  ) {}

  /** Subscriptions of all connections. */
  get subscriptionCount(): number {
    return this.registry.count;
  }

  /**
   * Events come after the answer: delivery begins once that is on its way, in a later turn of the event loop (`CatchUp.add`).
   * @throws Failure `invalid_params` for a malformed pattern, filter or cursor, and past 1,000 subscriptions or 10,000 patterns
   */
  subscribe(caller: Caller, params: SubscribeParams): SubscribeResult {
    const { channel, principal } = caller;
    const patterns = [...new Set(params.events)];
    refuseAll(patternErrors(params.events));
    const accepts = params.filter === undefined ? undefined : compileFilter(params.filter);
    const filterSize = sizeOf(params.filter);
    this.refuseTooMuch(caller, patterns, filterSize);
    const startSeq = this.startSeq(principal.tenant, params.since ?? 'latest');
    const subscription = new Subscription({
      id: newSubscriptionId(),
      tenant: principal.tenant,
      channel,
      patterns,
      filter: params.filter,
      filterSize,
      accepts,
      startSeq,
    });
    this.registry.add(subscription);
    const start = (): void => this.catchUp.add(subscription, startSeq);
    if (caller.onceAnswered === undefined) start();
    else caller.onceAnswered(start);
    return { subscription_id: subscription.id, subscribed: patterns, cursor: writeEventCursor(startSeq), status: 'active' };
  }

  /** Ends one subscription, or takes patterns from all, or ends all of the connection. What it does not have is no error: nothing is ended. */
  unsubscribe({ channel }: Caller, params: UnsubscribeParams): UnsubscribeResult {
    const byId = this.registry.connection(channel)?.byId;
    const one = params.subscription_id === undefined ? undefined : byId?.get(params.subscription_id);
    const affected = params.subscription_id === undefined ? [...(byId?.values() ?? [])] : one === undefined ? [] : [one];
    const unsubscribed = new Set<string>();
    for (const subscription of affected) {
      for (const pattern of this.registry.removePatterns(subscription, new Set(params.events ?? subscription.patterns)))
        unsubscribed.add(pattern);
    }
    return { unsubscribed: [...unsubscribed], status: 'success' };
  }

  /**
   * `session.ack`: the client has the events up to these cursors. Ids it is not subscribed with any more are passed over.
   * @throws Failure `invalid_params` for a malformed cursor, with nothing acknowledged
   */
  acknowledge({ channel }: Caller, cursors: Readonly<Record<string, string>>): void {
    const byId = this.registry.connection(channel)?.byId;
    const read = Object.entries(cursors).map(([id, cursor]) => [id, this.seqOf(cursor, `/cursors/${id}`)] as const);
    for (const [id, seq] of read) {
      const subscription = byId?.get(id);
      if (subscription !== undefined) subscription.acknowledgedSeq = Math.max(subscription.acknowledgedSeq, seq);
    }
  }

  /** The one keeper of sessions: asked to keep what a channel is subscribed to, in `kept`; it returns undefined for a channel without a session. */
  keepWith(keep: (channel: Channel) => Promise<void> | undefined): void {
    this.keep = keep;
  }

  /** The answer to a change, once that is kept with the session: one that is resumed has all that was answered. */
  kept<Result>(channel: Channel, result: Result): Result | Promise<Result> {
    const kept = this.keep(channel);
    return kept === undefined ? result : kept.then(() => result);
  }

  /** What a session needs to go on elsewhere. To be asked for before the channel has closed: its subscriptions end with it. */
  snapshot(channel: Channel): SubscriptionSnapshot[] {
    const subscriptions = this.registry.connection(channel)?.byId.values() ?? [];
    return [...subscriptions].map(({ id, patterns, filter, acknowledgedSeq }) => ({
      id,
      patterns,
      ...(filter === undefined ? {} : { filter }),
      cursor: writeEventCursor(acknowledgedSeq),
    }));
  }

  /**
   * Makes a session's subscriptions again, with the same ids. Events come after the answer, as with `subscribe`.
   * @param cursors the last that the client has, by subscription id; where absent, the snapshot's
   * @throws Failure `invalid_params` for a malformed cursor, with nothing made
   */
  restore(
    { channel, principal }: Caller,
    snapshots: readonly SubscriptionSnapshot[],
    cursors: Readonly<Record<string, string>> = {},
  ): void {
    const subscriptions = snapshots.map(({ id, patterns, filter, cursor }) => {
      const given = Object.hasOwn(cursors, id) ? cursors[id] : undefined;
      const startSeq = this.seqOf(given ?? cursor, `/resume/cursors/${id}`);
      const accepts = filter === undefined ? undefined : compileFilter(filter);
      const filterSize = sizeOf(filter);
      return new Subscription({ id, tenant: principal.tenant, channel, patterns, filter, filterSize, accepts, startSeq });
    });
    this.refuseTooManyPlaces(
      principal.tenant,
      snapshots.flatMap(({ patterns }) => patterns),
    );
    for (const subscription of subscriptions) {
      this.registry.add(subscription);
      this.catchUp.add(subscription, subscription.positionSeq);
    }
  }

  private startSeq(tenant: string, since: string): number {
    if (since === 'latest') return this.end.seq;
    if (since === 'earliest') return this.log.purgedThroughSeq(tenant);
    return this.seqOf(since, '/since');
  }

  /** A cursor beyond the end is of another log: this one would stay silent until it got there. */
  private seqOf(cursor: string, path: string): number {
    const seq = readEventCursor(cursor);
    if (seq === undefined || seq > this.end.seq) throw Failure.invalidParams([{ path, message: 'is not a cursor of this event log' }]);
    return seq;
  }

  /** A name is looked for in no more places than its tenant's patterns have. */
  private refuseTooManyPlaces(tenant: string, patterns: readonly string[]): void {
    const parts = patterns.reduce((sum, pattern) => sum + pattern.split('.').length, 0);
    if (this.registry.placesOf(tenant) + parts <= MAX_PLACES) return;
    throw new Failure('unavailable', `the patterns of this tenant's subscriptions have more than ${MAX_PLACES} parts`);
  }

  private refuseTooMuch({ channel, principal }: Caller, patterns: readonly string[], filterSize: number): void {
    if (filterSize > MAX_FILTER) {
      throw Failure.invalidParams([{ path: '/filter', message: `has ${filterSize} characters as JSON, more than ${MAX_FILTER}` }]);
    }
    this.refuseTooManyPlaces(principal.tenant, patterns);
    const connection = this.registry.connection(channel);
    if (connection === undefined) return;
    if (connection.byId.size >= MAX_SUBSCRIPTIONS) {
      throw new Failure('invalid_params', `a connection may have ${MAX_SUBSCRIPTIONS} subscriptions`);
    }
    if (connection.filterSize + filterSize > MAX_FILTERS) {
      throw new Failure('invalid_params', `the filters of a connection may have ${MAX_FILTERS} characters as JSON`);
    }
    if (connection.patternCount + patterns.length > MAX_PATTERNS) {
      throw new Failure('invalid_params', `the subscriptions of a connection may have ${MAX_PATTERNS} patterns`);
    }
  }
}

const sizeOf = (filter: unknown): number => (filter === undefined ? 0 : JSON.stringify(filter).length);

function patternErrors(patterns: readonly string[]): ParamError[] {
  return patterns.flatMap((pattern, i) => {
    const message = patternProblem(pattern);
    return message === undefined ? [] : [{ path: `/events/${i}`, message }];
  });
}

function refuseAll(errors: readonly ParamError[]): void {
  if (errors.length > 0) throw Failure.invalidParams(errors);
}
