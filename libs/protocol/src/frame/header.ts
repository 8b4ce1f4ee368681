/** The 24 bytes before every payload, big-endian. PROTOCOL.md §3. */

export const HEADER_BYTES = 24;
export const FRAME_MAGIC = 0x4d435057;
export const FRAME_VERSION = 1;
/** The `ts` and the HMAC after a signed payload. PROTOCOL.md §4. */
export const SIGNATURE_BYTES = 40;
/** The counter before and the tag after a ciphertext. PROTOCOL.md §4. */
export const SEAL_BYTES = 24;

/** Where each field starts. */
export const HeaderOffset = { VERSION: 4, TYPE: 5, FLAGS: 6, SEQUENCE_ID: 8, METHOD: 16, RESERVED: 18, DATA_SIZE: 20 } as const;

/**
 * Writes a header at `offset` of a buffer that has room for it, such as a pooled slab.
 * @param sequenceId 0 to 2^53 - 1.
 * @param dataSize bytes after the header.
 */
export function writeHeader(
  view: DataView,
  offset: number,
  type: number,
  flags: number,
  sequenceId: number,
  method: number,
  dataSize: number,
): void {
  view.setUint32(offset, FRAME_MAGIC);
  view.setUint32(offset + HeaderOffset.VERSION, (FRAME_VERSION << 24) | (type << 16) | flags);
  view.setUint32(offset + HeaderOffset.SEQUENCE_ID, (sequenceId / 0x1_0000_0000) | 0);
  view.setUint32(offset + HeaderOffset.SEQUENCE_ID + 4, sequenceId >>> 0);
  view.setUint32(offset + HeaderOffset.METHOD, method << 16);
  view.setUint32(offset + HeaderOffset.DATA_SIZE, dataSize);
}

export function uint32At(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!) >>> 0;
}

export function uint16At(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! << 8) | bytes[offset + 1]!;
}

/** A u64, as a float where it is past 2^53: still good for comparing, not for anything else. */
export function uint64At(bytes: Uint8Array, offset: number): number {
  const high = uint32At(bytes, offset);
  const low = uint32At(bytes, offset + 4);
  return high === 0 ? low : high * 0x1_0000_0000 + low;
}

/** Overwrites flags and size of a header already written. */
export function patchHeader(frame: Uint8Array, flags: number, dataSize: number): void {
  frame[HeaderOffset.FLAGS] = flags >>> 8;
  frame[HeaderOffset.FLAGS + 1] = flags;
  for (let i = 0; i < 4; i++) frame[HeaderOffset.DATA_SIZE + i] = dataSize >>> (24 - 8 * i);
}
