// A message that came as JSON text: parsed once, whole.
import type { Envelope } from '@mcpw/protocol';

import type { Answer, CallParts, Inbound } from './inbound.js';

export class TextInbound implements Inbound {
  readonly methodNumber = 0;

  constructor(
    private readonly envelope: Envelope,
    readonly codec: Inbound['codec'],
    readonly method: Inbound['method'],
  ) {}

  get type(): Inbound['type'] {
    return this.envelope.type;
  }
  get id(): string {
    return this.envelope.id;
  }
  get ts(): number | undefined {
    return this.envelope.ts;
  }
  get nonce(): string | undefined {
    return this.envelope.nonce;
  }

  read(into: CallParts): void {
    const { meta, params } = this.envelope;
    if (meta !== undefined) into.meta = meta;
    into.body = params;
  }

  readAnswer(): Answer {
    const { result, error, meta } = this.envelope;
    return { outcome: error === undefined ? { result } : { error }, meta };
  }
}
