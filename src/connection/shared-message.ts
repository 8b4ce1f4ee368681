// Encoded messages that differ between their receivers only in a subscription id and a sequence number: templates, by themselves or
// several as one piece. Sixteen events to a thousand are so a thousand copies, where each by itself would be placed sixteen thousand times.
import { headLength, OPCODE_BINARY, OPCODE_TEXT, writeHead } from './websocket-frame.js';

/** One of them. */
export interface SharedMessage {
  readonly isText: boolean;
  /** Bytes of the whole message. */
  readonly length: number;
  /** Where in it the subscription id begins, and the sequence number's eight bytes, where it has one. */
  readonly idOffset: number;
  readonly sequenceOffset: number | undefined;
  /** Copies it to `offset` with the receiver's own parts. @param subscriptionId 22 characters */
  place(target: Buffer, offset: number, subscriptionId: string, sequence: number): void;
}

/** With the parts of one receiver. */
export class Addressed {
  constructor(
    readonly shared: SharedMessage | FramedBlock,
    readonly subscriptionId: string,
    /** Of a block's first message. */
    readonly sequence: number,
  ) {}
}

/** Any; each receiver's own is written over it. */
const PLACEHOLDER = '0'.repeat(22);

/** Several, framed once, and for each receiver copied once. */
export class FramedBlock {
  /** Messages in it. */
  readonly count: number;
  private readonly bytes: Buffer;
  private readonly idOffsets: readonly number[];
  private readonly sequenceOffsets: readonly number[];

  constructor(messages: readonly SharedMessage[]) {
    const idOffsets: number[] = [];
    const sequenceOffsets: number[] = [];
    this.count = messages.length;
    this.bytes = Buffer.allocUnsafe(messages.reduce((sum, { length }) => sum + headLength(length) + length, 0));
    let offset = 0;
    for (const message of messages) {
      const start = writeHead(this.bytes, offset, message.isText ? OPCODE_TEXT : OPCODE_BINARY, message.length);
      message.place(this.bytes, start, PLACEHOLDER, 0);
      idOffsets.push(start + message.idOffset);
      if (message.sequenceOffset !== undefined) sequenceOffsets.push(start + message.sequenceOffset);
      offset = start + message.length;
    }
    this.idOffsets = idOffsets;
    this.sequenceOffsets = sequenceOffsets;
  }

  /** Bytes of all, with the heads of their frames. */
  get length(): number {
    return this.bytes.length;
  }

  /** @param sequence the first message's; those that follow count on from it */
  place(target: Buffer, offset: number, subscriptionId: string, sequence: number): void {
    const { bytes, idOffsets, sequenceOffsets } = this;
    target.set(bytes, offset);
    const first = offset + (idOffsets[0] as number);
    target.latin1Write(subscriptionId, first, PLACEHOLDER.length);
    for (let i = 1; i < idOffsets.length; i++) {
      const at = offset + (idOffsets[i] as number);
      for (let k = 0; k < PLACEHOLDER.length; k++) target[at + k] = target[first + k] as number;
    }
    for (let i = 0; i < sequenceOffsets.length; i++) placeUint64(target, offset + (sequenceOffsets[i] as number), sequence + i);
  }
}

/** @param value below 2^53 */
export function placeUint64(target: Buffer, offset: number, value: number): void {
  const high = value > 0xffff_ffff ? Math.floor(value / 0x1_0000_0000) : 0;
  placeUint32(target, offset, high);
  placeUint32(target, offset + 4, value >>> 0);
}

export function placeUint32(target: Buffer, offset: number, value: number): void {
  target[offset] = value >>> 24;
  target[offset + 1] = value >>> 16;
  target[offset + 2] = value >>> 8;
  target[offset + 3] = value;
}
