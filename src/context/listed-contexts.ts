// A page of `context.list`, put together from what is stored of each context in the encoding that the answer has.
import { Encoded, encodeMsgpack, type PackTarget } from '@mcpw/protocol';

import { contextJson, type ContextRow } from './context-row.js';
import type { ContextPage } from './context.js';

const CONTEXTS = Uint8Array.from(encodeMsgpack('contexts'));
const NEXT_CURSOR = Uint8Array.from(encodeMsgpack('next_cursor'));

export class ListedContexts extends Encoded {
  constructor(
    private readonly contexts: readonly ContextRow[],
    private readonly nextCursor: string | undefined,
  ) {
    super();
  }

  get text(): string {
    const contexts = `{"contexts":[${this.contexts.map((context) => contextJson(context)).join(',')}]`;
    return this.nextCursor === undefined ? `${contexts}}` : `${contexts},"next_cursor":${JSON.stringify(this.nextCursor)}}`;
  }

  get bytes(): Uint8Array {
    return encodeMsgpack(this);
  }

  override pack(out: PackTarget): void {
    const { contexts, nextCursor } = this;
    out.writeMapHeader(nextCursor === undefined ? 1 : 2);
    out.writeBytes(CONTEXTS);
    out.writeArrayHeader(contexts.length);
    for (const { packed } of contexts) out.writeBytes(packed);
    if (nextCursor === undefined) return;
    out.writeBytes(NEXT_CURSOR);
    out.writeString(nextCursor);
  }

  toJSON(): ContextPage {
    return JSON.parse(this.text) as ContextPage;
  }
}
