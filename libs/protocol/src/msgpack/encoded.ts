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
}
