// A message that came as a binary frame: known by its header, its payload read only once the checks have let it pass.
import {
  FrameFlag,
  inflateFrame,
  MessageType,
  shapesOf,
  type Codec,
  type Compressor,
  type Frame,
  type JsonObject,
  type WireError,
} from '@mcpw/protocol';

import { Failure } from '../extension/failure.js';
import { jsonProblem, msgpackProblem } from './census.js';
import type { Inbound, InboundBody } from './inbound.js';

export class FrameInbound implements Inbound {
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
    const inflated = inflateFrame(this.frame, this.compressor, this.maxMessageBytes);
    if (!inflated.ok) throw new Failure(inflated.code === 4015 ? 'too_large' : 'invalid_message', inflated.message);
    const bytes = inflated.payloadBytes();
    const problem = (this.frame.flags & FrameFlag.JSON) === 0 ? msgpackProblem(bytes) : jsonProblem(bytes);
    if (problem !== undefined) throw new Failure('too_large', problem);
    const payload = inflated.payload();
    const meta = payload.meta();
    const { type } = this.frame;
    const isError = type === MessageType.ERROR;
    const body = type === MessageType.RESPONSE ? payload.body() : payload.params(isError ? undefined : paramsShape(this.frame.method));
    if (payload.fault !== undefined) throw new Failure('invalid_message', payload.fault);
    return isError ? { meta, body: undefined, error: body as WireError } : { meta, body, error: undefined };
  }
}

/** How the params of a method are read in one go; what does not fit is read all the same, and refused by validation. */
function paramsShape(method: number): Codec<JsonObject> | undefined {
  return shapesOf(method)?.params as Codec<JsonObject> | undefined;
}
