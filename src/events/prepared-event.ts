// An event on its way to many: parsed and encoded once, when the first receiver needs it.
import { SharedNotification } from '../extension/channel.js';
import type { LoggedEvent } from '../storage/write-program.js';
import { writeEventCursor } from './event-cursor.js';

export class PreparedEvent {
  private parsed: unknown;
  private notification: SharedNotification | undefined;

  private constructor(
    readonly event: string,
    /** Its place in the log; undefined for an event that is not in it. */
    readonly seq: number | undefined,
    private readonly at: number,
    private readonly text: string | undefined,
    data: unknown,
  ) {
    this.parsed = data;
  }

  static logged({ event, seq, at, data }: Pick<LoggedEvent, 'event' | 'seq' | 'at' | 'data'>): PreparedEvent {
    return new PreparedEvent(event, seq, at, data, undefined);
  }

  /** @param at milliseconds since the Unix epoch */
  static passing(event: string, data: unknown, at: number): PreparedEvent {
    return new PreparedEvent(event, undefined, at, undefined, data);
  }

  /** Characters of the data's text. */
  get size(): number {
    return this.text?.length ?? 0;
  }

  get data(): unknown {
    if (this.parsed === undefined && this.text !== undefined) this.parsed = JSON.parse(this.text);
    return this.parsed;
  }

  /** The `event` notification of PROTOCOL.md §5; each receiver's `subscription_id` is put before these. */
  get shared(): SharedNotification {
    return (this.notification ??= new SharedNotification('event', {
      event: this.event,
      ...(this.seq === undefined ? {} : { cursor: writeEventCursor(this.seq) }),
      data: this.data,
      timestamp: new Date(this.at).toISOString(),
    }));
  }
}
