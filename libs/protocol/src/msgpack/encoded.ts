/**
 * A value that messages carry without encoding it again: a writer of either encoding splices in the form that it needs.
 * What keeps which form, and makes the other, are the classes that extend this.
 */
export abstract class Encoded {
  /** One complete MessagePack value, trusted: it goes out as it is. */
  abstract readonly bytes: Uint8Array;
  /** One complete JSON text, trusted likewise. */
  abstract readonly text: string;
  /** The value, for writers that know nothing of this class. */
  abstract toJSON(): unknown;

  /** Writes the one value that `bytes` has; what is in several pieces need not be copied together first. */
  pack(out: PackTarget): void {
    out.writeBytes(this.bytes);
  }
}

/** The `MsgpackWriter` that a value writes itself to: always one, which this file cannot name, for a writer knows `Encoded`. */
export interface PackTarget {
  /** Copies bytes as they are. */
  writeBytes(bytes: Uint8Array): void;
  writeByte(byte: number): void;
  writeString(text: string): void;
  writeNumber(value: number): void;
  writeArrayHeader(count: number): void;
  writeMapHeader(count: number): void;
}
