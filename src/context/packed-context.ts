// A context in MessagePack, in the pieces that are stored: they are copied into a message, and nothing is decoded or joined before.
import { encodeMsgpack, MsgpackWriter, type PackedArray, type PackTarget } from '@mcpw/protocol';

/** A map of up to 15 members has their number in its first byte; a context has at most 15. */
const MAP = 0x80;
const MOST_MEMBERS = 0x0f;
const ITEMS = Uint8Array.from(encodeMsgpack('items'));
const TRUNCATED = Uint8Array.from(encodeMsgpack('truncated'));

export class PackedContext {
  private readonly count: number;
  private readonly members: Uint8Array;

  /**
   * @param head the context without its items, as `ContextRow.packed`
   * @param items without it the context has no member `items`
   * @param truncated how many items went to make room; not told where none did
   */
  constructor(
    head: Uint8Array,
    private readonly items?: PackedArray,
    private readonly truncated = 0,
  ) {
    this.count = ((head[0] as number) & MOST_MEMBERS) + (items === undefined ? 0 : 1) + (truncated === 0 ? 0 : 1);
    this.members = head.subarray(1);
  }

  /** Bytes, but for a few. */
  get length(): number {
    return this.members.length + (this.items?.length ?? 0);
  }

  pack(out: PackTarget): void {
    out.writeByte(MAP | this.count);
    out.writeBytes(this.members);
    if (this.truncated > 0) {
      out.writeBytes(TRUNCATED);
      out.writeNumber(this.truncated);
    }
    if (this.items === undefined) return;
    out.writeBytes(ITEMS);
    this.items.pack(out);
  }

  /** In one piece, of memory of its own, which may go to another thread. */
  join(): Uint8Array {
    this.pack(scratch.begin());
    return new Uint8Array(scratch.bytes.subarray(scratch.messageStart, scratch.pos));
  }
}

/** Written over each time; it stays as large as the largest. */
const scratch = new MsgpackWriter();
