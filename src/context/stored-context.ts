// A context as `context.get` answers it: whoever encodes the answer asks for its form, and only that is read. What is stored is
// spliced in: nothing is decoded, in either encoding.
import { Encoded, type PackTarget } from '@mcpw/protocol';

import type { Context } from './context.js';
import type { PackedContext } from './packed-context.js';

export class StoredContext extends Encoded {
  /** Each reads it as of now. @throws Failure not_found */
  constructor(
    private readonly readText: () => string,
    private readonly readPacked: () => PackedContext,
  ) {
    super();
  }

  get text(): string {
    return this.readText();
  }

  get bytes(): Uint8Array {
    return this.readPacked().join();
  }

  override pack(out: PackTarget): void {
    this.readPacked().pack(out);
  }

  toJSON(): Context {
    return JSON.parse(this.text) as Context;
  }
}
