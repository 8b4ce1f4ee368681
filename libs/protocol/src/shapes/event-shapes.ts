/** Messages about events. PROTOCOL.md §5. What goes to many subscribers is encoded once: `shared-event.ts`. */
import { oneOf } from '../msgpack/field.js';
import { defineShape } from '../msgpack/shape.js';
import { texts } from '../msgpack/texts.js';
import type { JsonObject } from '../text/envelope.js';
import type { MaybeRaw } from './tool-shapes.js';

export interface EventSubscribeParams {
  events: readonly string[];
  filter?: JsonObject;
  /** A cursor, `earliest` or `latest`. */
  since?: string;
}

export interface EventSubscribeResult {
  subscription_id: string;
  subscribed: readonly string[];
  cursor: string;
  status: 'active';
}

/** Neither member: all subscriptions. */
export interface EventUnsubscribeParams {
  subscription_id?: string;
  events?: readonly string[];
}

export interface EventUnsubscribeResult {
  unsubscribed: readonly string[];
  status: 'success';
}

export interface EventPublishParams {
  event: string;
  data: MaybeRaw<unknown>;
}

export interface EventParams {
  subscription_id: string;
  event: string;
  /** Absent from events that are not in the log. */
  cursor?: string;
  data: MaybeRaw<unknown>;
  /** RFC 3339 UTC with milliseconds. */
  timestamp: string;
}

/** What servers answer with, by types of their own: it has no other members. */
const CLOSED = { isClosed: true };

export const eventSubscribeParams = defineShape<EventSubscribeParams>({ events: 'value', filter: 'value', since: 'value' });
export const eventSubscribeResult = defineShape<EventSubscribeResult>(
  {
    subscription_id: 'value',
    subscribed: texts,
    cursor: 'value',
    status: oneOf('active'),
  },
  CLOSED,
);
export const eventUnsubscribeParams = defineShape<EventUnsubscribeParams>({ subscription_id: 'value', events: 'value' });
export const eventUnsubscribeResult = defineShape<EventUnsubscribeResult>(
  {
    unsubscribed: texts,
    status: oneOf('success'),
  },
  CLOSED,
);
export const eventPublishParams = defineShape<EventPublishParams>({ event: 'value', data: 'value' });
export const eventPublishResult = defineShape<{ cursor: string }>({ cursor: 'value' });
export const eventParams = defineShape<EventParams>({
  subscription_id: 'value',
  event: 'value',
  cursor: 'value',
  data: 'value',
  timestamp: 'value',
});
