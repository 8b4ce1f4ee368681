// What a change of a context is answered with: encoded by the writer thread, in both encodings, for the wire to splice in.
import { Encoded } from '@mcpw/protocol';

/** As it comes from the writer thread. */
export interface WrittenForms {
  readonly json: string;
  readonly packed: Uint8Array;
}

export class WrittenAnswer<T> extends Encoded {
  readonly text: string;
  readonly bytes: Uint8Array;

  constructor({ json, packed }: WrittenForms) {
    super();
    this.text = json;
    this.bytes = packed;
  }

  toJSON(): T {
    return JSON.parse(this.text) as T;
  }
}
