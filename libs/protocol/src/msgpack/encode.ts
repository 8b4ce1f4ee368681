/** A value to MessagePack bytes. */
import { MsgpackWriter } from './writer.js';

let spare: MsgpackWriter | undefined;

/** Encodes `value` as {@link MsgpackWriter.writeValue} says. The bytes are a view that stays valid. */
export function encodeMsgpack(value: unknown): Uint8Array {
  const writer = spare ?? new MsgpackWriter();
  spare = undefined; // A toJSON may come back here while the writer is in use.
  writer.begin().writeValue(value);
  spare = writer;
  return writer.finish();
}
