/** Compresses a finished frame's payload, and takes compression off a frame that was read. PROTOCOL.md §3. */
import { ErrorCode } from '../catalog/error-code.js';
import { FrameFlag } from '../catalog/frame-flag.js';
import { MessageType } from '../catalog/message-type.js';
import type { Frame, FrameRefusal } from '../frame/frame.js';
import { HEADER_BYTES, HeaderOffset, patchHeader, uint16At } from '../frame/header.js';
import { DEFAULT_COMPRESSION_THRESHOLD } from '../limits.js';
import type { AsyncCompressor, Compressor, Inflated } from './compressor.js';

/**
 * The frame with its payload compressed, or the frame itself where that has fewer than `thresholdBytes`, would not get
 * smaller, or belongs to a batch. Comes before signing and encrypting.
 */
export function compressFrame(frame: Uint8Array, compressor: Compressor, thresholdBytes = DEFAULT_COMPRESSION_THRESHOLD): Uint8Array {
  if (!isWorthIt(frame, thresholdBytes)) return frame;
  return smaller(frame, compressor.compress(frame.subarray(HEADER_BYTES)));
}

export async function compressFrameAsync(
  frame: Uint8Array,
  compressor: AsyncCompressor,
  thresholdBytes = DEFAULT_COMPRESSION_THRESHOLD,
): Promise<Uint8Array> {
  if (!isWorthIt(frame, thresholdBytes)) return frame;
  return smaller(frame, await compressor.compress(frame.subarray(HEADER_BYTES)));
}

/**
 * Inflates a frame's payload in place; one that is not compressed passes. Refused with 4015 past `maxMessageSize`
 * bytes, which are then not inflated, with 4000 where nothing was agreed or the bytes are none of the algorithm's.
 */
export function inflateFrame(frame: Frame, compressor: Compressor | undefined, maxMessageSize: number): Frame | FrameRefusal {
  if (!frame.has(FrameFlag.COMPRESSED)) return frame;
  if (compressor === undefined) return refuseUnagreed(frame);
  return settle(frame, compressor.inflate(frame.payloadBytes(), maxMessageSize), maxMessageSize);
}

export async function inflateFrameAsync(
  frame: Frame,
  compressor: AsyncCompressor | undefined,
  maxMessageSize: number,
): Promise<Frame | FrameRefusal> {
  if (!frame.has(FrameFlag.COMPRESSED)) return frame;
  if (compressor === undefined) return refuseUnagreed(frame);
  return settle(frame, await compressor.inflate(frame.payloadBytes(), maxMessageSize), maxMessageSize);
}

function isWorthIt(frame: Uint8Array, thresholdBytes: number): boolean {
  return frame.length - HEADER_BYTES >= thresholdBytes && frame[HeaderOffset.TYPE] !== MessageType.BATCH;
}

function smaller(frame: Uint8Array, payload: Uint8Array): Uint8Array {
  if (payload.length >= frame.length - HEADER_BYTES) return frame;
  const compressed = new Uint8Array(HEADER_BYTES + payload.length);
  compressed.set(frame.subarray(0, HEADER_BYTES));
  compressed.set(payload, HEADER_BYTES);
  patchHeader(compressed, uint16At(frame, HeaderOffset.FLAGS) | FrameFlag.COMPRESSED, payload.length);
  return compressed;
}

function settle(frame: Frame, inflated: Inflated, maxMessageSize: number): Frame | FrameRefusal {
  if (inflated.ok) {
    frame.unwrap(FrameFlag.COMPRESSED, inflated.bytes);
    return frame;
  }
  return inflated.tooLarge
    ? frame.refuse(ErrorCode.TOO_LARGE, `payload inflates past max_message_size ${maxMessageSize}`)
    : frame.refuse(ErrorCode.INVALID_MESSAGE, 'the payload cannot be inflated');
}

function refuseUnagreed(frame: Frame): FrameRefusal {
  return frame.refuse(ErrorCode.INVALID_MESSAGE, 'the payload is compressed and no compression was agreed');
}
