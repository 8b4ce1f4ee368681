/** A value to MessagePack bytes. */
import type { Codec } from './field.js';
import { MsgpackWriter } from './writer.js';

let spare: MsgpackWriter | undefined;

/** Encodes `value` as {@link MsgpackWriter.writeValue} says. The bytes are a view that stays valid. */
export function encodeMsgpack(value: unknown): Uint8Array {
  return encoded((writer) => writer.writeValue(value));
}

/** The same, as `codec` writes it. */
export function encodeShaped<T>(value: T, codec: Codec<T>): Uint8Array {
  return encoded((writer) => codec.write(writer, value));
}

function encoded(write: (writer: MsgpackWriter) => void): Uint8Array {
  const writer = spare ?? new MsgpackWriter();
  spare = undefined; // A toJSON may come back here while the writer is in use.
  write(writer.begin());
  spare = writer;
  return writer.finish();
}
