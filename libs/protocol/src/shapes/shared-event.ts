/** An event that goes to many: encoded once, and for each subscriber only its subscription's id is written before it. */
import { encodeMsgpack } from '../msgpack/encode.js';
import type { Codec } from '../msgpack/field.js';
import { bodyText } from '../text/write-text.js';
import { type EventParams, eventParams } from './event-shapes.js';

export type SharedEventParams = Omit<EventParams, 'subscription_id'>;

const SUBSCRIPTION_ID = encodeMsgpack('subscription_id');

export class SharedEvent {
  private readonly params: SharedEventParams;
  private packed: Uint8Array | undefined = undefined;
  private text: string | undefined = undefined;

  constructor(params: SharedEventParams) {
    this.params = params;
  }

  /** The members but `subscription_id`, as MessagePack without the map's header; made at the first use. */
  get members(): Uint8Array {
    return (this.packed ??= encodeMsgpack(this.params).subarray(1));
  }

  /** How many they are. */
  get count(): number {
    return this.params.cursor === undefined ? 3 : 4;
  }

  /** The `params` of one subscriber's notification, as JSON text. */
  paramsText(subscriptionId: string): string {
    this.text ??= bodyText(this.params).slice(1);
    return `{"subscription_id":${JSON.stringify(subscriptionId)},${this.text}`;
  }
}

/** One subscriber's notification. */
export interface EventDelivery {
  subscription_id: string;
  shared: SharedEvent;
}

/** Writes the `params` of one delivery; reads those of any. */
export const eventDelivery: Codec<EventDelivery> = {
  read(reader, room) {
    const params = eventParams.read(reader, room);
    if (params === undefined) return undefined;
    const { subscription_id, ...shared } = params;
    return { subscription_id, shared: new SharedEvent(shared) };
  },
  write(writer, { subscription_id, shared }) {
    writer.writeMapHeader(1 + shared.count);
    writer.writeBytes(SUBSCRIPTION_ID);
    writer.writeString(subscription_id);
    writer.writeBytes(shared.members);
  },
};
