// A notification that many receive, as a binary frame: each gets a copy of the same bytes with its own sequence number and
// subscription id in them.
import { encodeMsgpack, HEADER_BYTES, MessageType, writeHeader } from '@mcpw/protocol';

import { placeUint32, placeUint64, type SharedMessage } from '../connection/shared-message.js';

const ID_CHARACTERS = 22;
/** The key, and the head of a string of so many characters. */
const ID_MEMBER = Buffer.concat([encodeMsgpack('subscription_id'), Uint8Array.of(0xa0 | ID_CHARACTERS)]);
const SEQUENCE_OFFSET = 8;
const DATA_SIZE_OFFSET = 20;
/** More members than a map has whose number stands in its first byte. */
const MANY_MEMBERS = 16;

/** All before the subscription id, by method and number of members: methods are those that this server knows. */
const openings = new Map<number, Uint8Array>();

function openingOf(method: number, count: number): Uint8Array {
  const key = method * MANY_MEMBERS + count;
  let opening = openings.get(key);
  if (opening === undefined) {
    opening = makeOpening(method, count);
    if (count < MANY_MEMBERS) openings.set(key, opening);
  }
  return opening;
}

function makeOpening(method: number, count: number): Uint8Array {
  const header = Buffer.alloc(HEADER_BYTES);
  writeHeader(new DataView(header.buffer, header.byteOffset), 0, MessageType.NOTIFICATION, 0, 0, method, 0);
  const map = count < MANY_MEMBERS ? [0x80 | count] : [0xde, count >>> 8, count & 0xff];
  return Uint8Array.from(Buffer.concat([header, Uint8Array.from(map), ID_MEMBER]));
}

export class SharedFrame implements SharedMessage {
  readonly isText = false;
  readonly sequenceOffset = SEQUENCE_OFFSET;
  readonly length: number;
  private readonly opening: Uint8Array;

  /**
   * @param members the params' members as MessagePack, without the map's header
   * @param count how many they are
   */
  constructor(
    method: number,
    private readonly members: Uint8Array,
    count: number,
  ) {
    this.opening = openingOf(method, count + 1);
    this.length = this.opening.length + ID_CHARACTERS + members.length;
  }

  get idOffset(): number {
    return this.opening.length;
  }

  place(target: Buffer, offset: number, subscriptionId: string, sequence: number): void {
    const idAt = offset + this.idOffset;
    target.set(this.opening, offset);
    placeUint64(target, offset + SEQUENCE_OFFSET, sequence);
    placeUint32(target, offset + DATA_SIZE_OFFSET, this.length - HEADER_BYTES);
    target.latin1Write(subscriptionId, idAt, ID_CHARACTERS);
    target.set(this.members, idAt + ID_CHARACTERS);
  }
}
