// A context as `context.get` answers it: whoever encodes the answer asks for its form, and only that is read. What is stored is
// spliced in: nothing is decoded, in either encoding.
import { Encoded, type PackTarget } from '@mcpw/protocol';

import type { Context } from './context.js';
import type { PageForms, PageKey } from './kept-pages.js';

export interface PageReader {
  /** As of now. @throws Failure not_found */
  read<F extends keyof PageForms>(tenant: string, id: string, key: PageKey, form: F): PageForms[F];
}

export class StoredContext extends Encoded {
  constructor(
    private readonly reader: PageReader,
    private readonly tenant: string,
    private readonly id: string,
    private readonly key: PageKey,
  ) {
    super();
  }

  get text(): string {
    return this.reader.read(this.tenant, this.id, this.key, 'text');
  }

  get bytes(): Uint8Array {
    return this.reader.read(this.tenant, this.id, this.key, 'packed').join();
  }

  override pack(out: PackTarget): void {
    this.reader.read(this.tenant, this.id, this.key, 'packed').pack(out);
  }

  toJSON(): Context {
    return JSON.parse(this.text) as Context;
  }
}
