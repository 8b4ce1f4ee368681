// An event as its receivers get it in MessagePack: the members of `event` (PROTOCOL.md §5) but for the subscription id, which is
// each one's own, and without the map's header. Made by the writer thread, so that the event loop only copies it.
import { encodeMsgpack, MsgpackWriter } from '@mcpw/protocol';

import { writeEventCursor } from './event-cursor.js';

const EVENT = Uint8Array.from(encodeMsgpack('event'));
const CURSOR = Uint8Array.from(encodeMsgpack('cursor'));
const DATA = Uint8Array.from(encodeMsgpack('data'));
const TIMESTAMP = Uint8Array.from(encodeMsgpack('timestamp'));

/** Written over each time; it stays as large as the largest. */
const scratch = new MsgpackWriter();

/**
 * @param seq its place in the log; undefined for an event that is not in it and has no cursor
 * @param atMs milliseconds since the Unix epoch
 * @returns memory of its own: 4 members, or 3 where there is no cursor
 */
export function packEvent(event: string, seq: number | undefined, data: unknown, atMs: number): Uint8Array {
  const out = scratch.begin();
  out.writeBytes(EVENT);
  out.writeString(event);
  if (seq !== undefined) {
    out.writeBytes(CURSOR);
    out.writeString(writeEventCursor(seq));
  }
  out.writeBytes(DATA);
  out.writeValue(data);
  out.writeBytes(TIMESTAMP);
  out.writeString(new Date(atMs).toISOString());
  return new Uint8Array(out.bytes.subarray(out.messageStart, out.pos));
}
