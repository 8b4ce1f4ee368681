// A message that came as a binary frame: known by its header, its payload read only once the checks have let it pass.
import {
  FrameFlag,
  inflateFrame,
  MessageType,
  readBare,
  shapesOf,
  type Codec,
  type Compressor,
  type Frame,
  type Payload,
  type WireError,
} from '@mcpw/protocol';

import { Failure } from '../extension/failure.js';
import { jsonProblem } from '../validation/census/json-census.js';
import { msgpackProblem, WORTH_COUNTING_BYTES } from '../validation/census/packed-census.js';
import type { Answer, CallParts, Inbound } from './inbound.js';

/** What all frames of sessions that agreed on the same are read with. */
export interface FrameReading {
  readonly codec: Inbound['codec'];
  readonly compressor: Compressor | undefined;
  readonly maxMessageBytes: number;
}

export class FrameInbound implements Inbound {
  constructor(
    private readonly frame: Frame,
    private readonly reading: FrameReading,
    readonly method: Inbound['method'],
    /** Of a signed notification its signature: it has no id of its own that could come twice. */
    readonly nonce: string | undefined,
  ) {}

  get type(): Inbound['type'] {
    return this.frame.type;
  }
  get id(): number {
    return this.frame.sequenceId;
  }
  get methodNumber(): number {
    return this.frame.method;
  }
  get ts(): number | undefined {
    return this.frame.signedAtMs;
  }
  get codec(): Inbound['codec'] {
    return this.reading.codec;
  }

  read(into: CallParts): void {
    const { frame } = this;
    const params = shapesOf(frame.method)?.params;
    if (frame.isBare && frame.end - frame.start < WORTH_COUNTING_BYTES) {
      const fault = readBare(frame, params, into);
      if (fault !== undefined) throw new Failure('invalid_message', fault);
      return;
    }
    const payload = this.payload();
    const meta = payload.meta();
    const body = payload.params(params as Codec<object> | undefined);
    refuse(payload.fault);
    if (meta !== undefined) into.meta = meta;
    into.body = body;
  }

  readAnswer(): Answer {
    const payload = this.payload();
    const meta = payload.meta();
    const outcome = this.type === MessageType.ERROR ? { error: payload.params<WireError>() as WireError } : { result: payload.body() };
    refuse(payload.fault);
    return { outcome, meta };
  }

  private payload(): Payload {
    const { compressor, maxMessageBytes } = this.reading;
    const inflated = inflateFrame(this.frame, compressor, maxMessageBytes);
    if (!inflated.ok) throw new Failure(inflated.code === 4015 ? 'too_large' : 'invalid_message', inflated.message);
    const bytes = inflated.payloadBytes();
    const problem = (this.frame.flags & FrameFlag.JSON) === 0 ? msgpackProblem(bytes) : jsonProblem(bytes);
    if (problem !== undefined) throw new Failure('too_large', problem);
    return inflated.payload();
  }
}

function refuse(fault: string | undefined): void {
  if (fault !== undefined) throw new Failure('invalid_message', fault);
}
