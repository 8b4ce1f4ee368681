/** A binary message to a frame. PROTOCOL.md §3. */
import { MessageType } from '../catalog/message-type.js';
import type { ParsedFrame } from './frame.js';
import { readFrameAt } from './read-frame-at.js';
import { splitBatch } from './split-batch.js';

/**
 * Reads one binary message, `bytes[start, end)`: one frame, and nothing after it. Only the header is looked at, and the headers
 * of a batch's members, which are read or refused one by one.
 * @param maxMessageSize bytes of payload; a larger one is refused with 4015. Every other refusal is 4000.
 */
export function readFrame(bytes: Uint8Array, maxMessageSize: number, start = 0, end: number = bytes.length): ParsedFrame {
  const frame = readFrameAt(bytes, start, end, maxMessageSize);
  return frame.ok && frame.type === MessageType.BATCH ? splitBatch(frame, maxMessageSize) : frame;
}
