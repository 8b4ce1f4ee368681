/** Bits of a frame's `flags`. PROTOCOL.md §3. */
export const FrameFlag = {
  /** The payload is compressed with the algorithm agreed in `initialize`. */
  COMPRESSED: 0x0001,
  /** The payload is a counter, AES-256-GCM ciphertext and tag (§4). */
  ENCRYPTED: 0x0002,
  /** Set on batches (type 6), and only there. */
  BATCH: 0x0004,
  /** The payload is followed by a 40-byte signature trailer (§4). */
  SIGNED: 0x0008,
  /** The payload is JSON text; otherwise MessagePack. */
  JSON: 0x0010,
  /** The payload is the two-element array `[meta, body]`; otherwise `body` alone. */
  META: 0x0020,
} as const;

export type FrameFlag = (typeof FrameFlag)[keyof typeof FrameFlag];

/** Every bit that has a meaning; a frame with another one set is refused (4000). */
export const KNOWN_FLAGS = 0x003f;
