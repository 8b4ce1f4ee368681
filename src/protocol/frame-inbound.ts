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
  type WireError,
} from '@mcpw/protocol';

import { Failure } from '../extension/failure.js';
import { jsonProblem, msgpackProblem, WORTH_COUNTING_BYTES } from './census.js';
import type { Inbound, InboundBody } from './inbound.js';

export class FrameInbound implements Inbound, InboundBody {
  /** What was read; made by `read`. */
  meta: InboundBody['meta'] = undefined;
  body: unknown = undefined;
  error: WireError | undefined = undefined;

  constructor(
    private readonly frame: Frame,
    readonly codec: Inbound['codec'],
    readonly method: Inbound['method'],
    private readonly compressor: Compressor | undefined,
    private readonly maxMessageBytes: number,
    /** Of a signed notification its signature: it has no id of its own that could come twice. */
    readonly nonce: string | undefined,
  ) {}

  get type(): Inbound['type'] {
    return this.frame.type;
  }
  get id(): number {
    return this.frame.sequenceId;
  }
  get ts(): number | undefined {
    return this.frame.signedAtMs;
  }

  read(): InboundBody {
    const { frame } = this;
    const { type } = frame;
    if (frame.isBare && type !== MessageType.RESPONSE && type !== MessageType.ERROR && frame.end - frame.start < WORTH_COUNTING_BYTES) {
      const fault = readBare(frame, shapesOf(frame.method)?.params, this);
      if (fault !== undefined) throw new Failure('invalid_message', fault);
    } else this.readAny();
    return this;
  }

  private readAny(): void {
    const inflated = inflateFrame(this.frame, this.compressor, this.maxMessageBytes);
    if (!inflated.ok) throw new Failure(inflated.code === 4015 ? 'too_large' : 'invalid_message', inflated.message);
    const bytes = inflated.payloadBytes();
    const problem = (this.frame.flags & FrameFlag.JSON) === 0 ? msgpackProblem(bytes) : jsonProblem(bytes);
    if (problem !== undefined) throw new Failure('too_large', problem);
    const payload = inflated.payload();
    this.meta = payload.meta();
    const { type, method } = this.frame;
    if (type === MessageType.RESPONSE) this.body = payload.body();
    else if (type === MessageType.ERROR) this.error = payload.params<WireError>();
    else this.body = payload.params(shapesOf(method)?.params as Codec<object> | undefined);
    if (payload.fault !== undefined) throw new Failure('invalid_message', payload.fault);
  }
}
