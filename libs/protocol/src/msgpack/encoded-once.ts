/** A value that goes into many messages and does not change: encoded once for each encoding, when it is first sent. */
import { bodyText } from '../text/write-text.js';
import { encodeMsgpack } from './encode.js';
import { Encoded } from './encoded.js';
import { jsonValueOf } from './json-value.js';

export class EncodedOnce extends Encoded {
  private readonly value: unknown;
  private packed: Uint8Array | undefined = undefined;
  private json: string | undefined = undefined;

  /** @param value which nobody changes from here on. */
  constructor(value: unknown) {
    super();
    this.value = value;
  }

  /** Of its own memory: the encoder's slab would be kept whole for a few bytes of it. */
  get bytes(): Uint8Array {
    return (this.packed ??= new Uint8Array(encodeMsgpack(this.value)));
  }

  get text(): string {
    return (this.json ??= bodyText(jsonValueOf(this.value)));
  }

  toJSON(): unknown {
    return jsonValueOf(this.value);
  }
}
