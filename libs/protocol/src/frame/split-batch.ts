/** A batch frame to its members: views, no copies. PROTOCOL.md §3. */
import { ErrorCode } from '../catalog/error-code.js';
import { MessageType } from '../catalog/message-type.js';
import { MAX_BATCH } from '../limits.js';
import type { Frame, ParsedFrame } from './frame.js';
import { FRAME_MAGIC, HEADER_BYTES, HeaderOffset, uint32At } from './header.js';
import { readFrameAt } from './read-frame-at.js';

/**
 * Fills in `frame.members`. A member's own refusal is the member's only, another batch among them included; a batch
 * that is not 1 to 100 complete frames end to end is refused as a whole, since its parts cannot be told apart.
 */
export function splitBatch(frame: Frame, maxMessageSize: number): ParsedFrame {
  const { bytes } = frame;
  const end = frame.end;
  const ends: number[] = [];
  for (let at = frame.start; at < end;) {
    if (end - at < HEADER_BYTES || uint32At(bytes, at) !== FRAME_MAGIC) return broken(frame, ends.length);
    at += HEADER_BYTES + uint32At(bytes, at + HeaderOffset.DATA_SIZE);
    if (at > end) return broken(frame, ends.length);
    if (ends.length === MAX_BATCH)
      return frame.refuse(ErrorCode.INVALID_MESSAGE, `batch of more than ${MAX_BATCH} messages exceeds max_batch ${MAX_BATCH}`);
    ends.push(at);
  }
  if (ends.length === 0) return frame.refuse(ErrorCode.INVALID_MESSAGE, `a batch holds 1 to ${MAX_BATCH} messages`);
  frame.members = ends.map((memberEnd, i) => readMember(bytes, i === 0 ? frame.start : ends[i - 1]!, memberEnd, maxMessageSize));
  return frame;
}

function readMember(bytes: Uint8Array, start: number, end: number, maxMessageSize: number): ParsedFrame {
  const member = readFrameAt(bytes, start, end, maxMessageSize);
  if (!member.ok || member.type !== MessageType.BATCH) return member;
  return member.refuse(ErrorCode.INVALID_MESSAGE, 'a batch may not hold a batch');
}

function broken(frame: Frame, index: number): ParsedFrame {
  return frame.refuse(ErrorCode.INVALID_MESSAGE, `the batch is not complete frames end to end, from member ${index} on`);
}
