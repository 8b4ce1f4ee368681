/**
 * One frame whose header is checked. Its payload is the bytes as they came until somebody asks for more: signature,
 * encryption and compression are taken off by their owners, each once, and what is left is a {@link Payload}.
 */
import { FrameFlag } from '../catalog/frame-flag.js';
import type { MessageType } from '../catalog/message-type.js';
import { Payload } from './payload.js';

/** Why a frame is not accepted; the error that answers it bears `sequenceId`, 0 where that could not be read. */
export interface FrameRefusal {
  ok: false;
  /** As the header has it, be it known or not; -1 where that could not be read. */
  type: number;
  sequenceId: number;
  /** The method number, 0 where that could not be read. */
  method: number;
  code: number;
  message: string;
}

export type ParsedFrame = Frame | FrameRefusal;

/** Flags of the layers around the payload, outermost last to be put on. */
const LAYERS = FrameFlag.COMPRESSED | FrameFlag.ENCRYPTED | FrameFlag.SIGNED;

export class Frame {
  readonly ok = true;
  readonly type: MessageType;
  /** As sent. */
  readonly flags: number;
  /** 0 to 2^53 - 1. */
  readonly sequenceId: number;
  readonly method: number;
  /** The message that the frame came in; its header starts at `offset`. */
  readonly bytes: Uint8Array;
  readonly offset: number;
  /** When it was signed, in milliseconds since the epoch; known once the signature is checked. */
  signedAtMs: number | undefined = undefined;
  /** A batch's frames, each accepted or refused on its own. */
  members: ParsedFrame[] | undefined = undefined;

  /** Where the payload is now, from `start` to `end`: in `bytes` as sent, elsewhere once a layer is off. */
  source: Uint8Array;
  start: number;
  end: number;
  private layers: number;

  constructor(
    bytes: Uint8Array,
    offset: number,
    type: MessageType,
    flags: number,
    sequenceId: number,
    method: number,
    start: number,
    end: number,
  ) {
    this.bytes = bytes;
    this.offset = offset;
    this.type = type;
    this.flags = flags;
    this.sequenceId = sequenceId;
    this.method = method;
    this.source = bytes;
    this.start = start;
    this.end = end;
    this.layers = flags & LAYERS;
  }

  /** Whether the layer of this flag is still on. */
  has(layer: number): boolean {
    return (this.layers & layer) !== 0;
  }

  /** Whether the payload is MessagePack and no layer is on it. */
  get isBare(): boolean {
    return this.layers === 0 && (this.flags & FrameFlag.JSON) === 0;
  }

  /** The payload's bytes under the layers already taken off: a view. */
  payloadBytes(): Uint8Array {
    return this.source.subarray(this.start, this.end);
  }

  /** A layer is off, and this is what was in it. */
  unwrap(layer: number, payload: Uint8Array): void {
    this.layers &= ~layer;
    this.source = payload;
    this.start = 0;
    this.end = payload.length;
  }

  /** What the frame says; throws while a layer is still on, which is the program's mistake and not the peer's. */
  payload(): Payload {
    if (this.layers !== 0) throw new Error('the payload is still signed, encrypted or compressed');
    return new Payload(this.source, this.start, this.end, this.flags);
  }

  refuse(code: number, message: string): FrameRefusal {
    return { ok: false, type: this.type, sequenceId: this.sequenceId, method: this.method, code, message };
  }
}
