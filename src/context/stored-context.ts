// A context as `context.get` answers it: whoever encodes the answer asks for its form, and only that is read. What is stored is
// spliced in: nothing is decoded, in either encoding.
import { Encoded } from '@mcpw/protocol';

import type { Context } from './context.js';

export class StoredContext extends Encoded {
  /** Each reads it as of now. @throws Failure not_found */
  constructor(
    private readonly readText: () => string,
    private readonly readBytes: () => Uint8Array,
  ) {
    super();
  }

  get text(): string {
    return this.readText();
  }

  get bytes(): Uint8Array {
    return this.readBytes();
  }

  toJSON(): Context {
    return JSON.parse(this.text) as Context;
  }
}
