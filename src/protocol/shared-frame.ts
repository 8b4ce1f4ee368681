// A notification that many receive, as a binary frame: header and subscription id are written for each, the rest is copied.
import { encodeMsgpack, HEADER_BYTES, MessageType, writeHeader } from '@mcpw/protocol';

import type { SharedMessage } from '../connection/outbox.js';

const ID_CHARACTERS = 22;
/** The key, and the head of a string of so many characters. */
const ID_MEMBER = Buffer.concat([encodeMsgpack('subscription_id'), Uint8Array.of(0xa0 | ID_CHARACTERS)]);

/** What stands between a frame's header and the subscription id, by the number of members. */
const OPENINGS = Array.from({ length: 16 }, (_, count) => Buffer.concat([Uint8Array.of(0x80 | count), ID_MEMBER]));
const openingOf = (count: number): Uint8Array =>
  OPENINGS[count] ?? Buffer.concat([Uint8Array.of(0xde, count >>> 8, count & 0xff), ID_MEMBER]);

export class SharedFrame implements SharedMessage {
  readonly isText = false;
  readonly length: number;
  private readonly opening: Uint8Array;

  /**
   * @param members the params' members as MessagePack, without the map's header
   * @param count how many they are
   */
  constructor(
    private readonly method: number,
    private readonly members: Uint8Array,
    count: number,
  ) {
    this.opening = openingOf(count + 1);
    this.length = HEADER_BYTES + this.opening.length + ID_CHARACTERS + members.length;
  }

  place(target: Buffer, offset: number, subscriptionId: string, sequence: number): void {
    const { opening, members } = this;
    writeHeader(viewOf(target), offset, MessageType.NOTIFICATION, 0, sequence, this.method, this.length - HEADER_BYTES);
    const idAt = offset + HEADER_BYTES + opening.length;
    target.set(opening, offset + HEADER_BYTES);
    target.latin1Write(subscriptionId, idAt, ID_CHARACTERS);
    target.set(members, idAt + ID_CHARACTERS);
  }
}

const views = new WeakMap<Buffer, DataView>();

/** Buffers to be sent come from a pool: their views are kept with them. */
function viewOf(buffer: Buffer): DataView {
  let view = views.get(buffer);
  if (view === undefined) views.set(buffer, (view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)));
  return view;
}
