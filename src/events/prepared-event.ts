// An event on its way to many: parsed and encoded once, when the first receiver needs it, and in the form that it needs.
import { jsonValueOf } from '@mcpw/protocol';

import { EncodedParams, SharedNotification } from '../extension/channel.js';
import { packEvent } from '../storage/packed-event.js';
import type { LoggedEvent } from '../storage/write-program.js';
import { writeEventCursor } from './event-cursor.js';

/** What is read of the log, or told by who wrote it. */
type Logged = Pick<LoggedEvent, 'event' | 'seq' | 'at' | 'data' | 'packed'>;

export class PreparedEvent extends EncodedParams {
  private notification: SharedNotification | undefined;

  private constructor(
    readonly event: string,
    /** Its place in the log; undefined for an event that is not in it. */
    readonly seq: number | undefined,
    private readonly at: number,
    private readonly dataText: string | undefined,
    private parsed: unknown,
    private packedMembers: Uint8Array | undefined,
  ) {
    super();
  }

  static logged({ event, seq, at, data, packed }: Logged): PreparedEvent {
    return new PreparedEvent(event, seq, at, data, undefined, packed);
  }

  /** @param at milliseconds since the Unix epoch */
  static passing(event: string, data: unknown, at: number): PreparedEvent {
    return new PreparedEvent(event, undefined, at, undefined, data, undefined);
  }

  /** Characters of the data's text. */
  get size(): number {
    return this.dataText?.length ?? 0;
  }

  get data(): unknown {
    if (this.parsed === undefined && this.dataText !== undefined) this.parsed = JSON.parse(this.dataText);
    return this.parsed;
  }

  /** The `event` notification of PROTOCOL.md §5; each receiver's `subscription_id` is put before its params. */
  get shared(): SharedNotification {
    return (this.notification ??= new SharedNotification('event', this));
  }

  get value(): Readonly<Record<string, unknown>> {
    const { event, cursor, data, timestamp } = this;
    return { event, ...(cursor === undefined ? {} : { cursor }), data, timestamp };
  }

  get text(): string {
    const { cursor, timestamp } = this;
    const place = cursor === undefined ? '' : `"cursor":"${cursor}",`;
    const data = this.dataText ?? JSON.stringify(jsonValueOf(this.parsed));
    return `"event":${JSON.stringify(this.event)},${place}"data":${data},"timestamp":"${timestamp}"`;
  }

  get packed(): Uint8Array {
    return (this.packedMembers ??= packEvent(this.event, this.seq, this.data, this.at));
  }

  get count(): number {
    return this.seq === undefined ? 3 : 4;
  }

  private get cursor(): string | undefined {
    return this.seq === undefined ? undefined : writeEventCursor(this.seq);
  }

  private get timestamp(): string {
    return new Date(this.at).toISOString();
  }
}
