/**
 * Bytes to a frame, by its header alone: nothing is decoded, copied or allocated for the payload, so that a message can
 * be limited, refused for its replay or its rate, and routed first. PROTOCOL.md §3.
 */
import { ErrorCode } from '../catalog/error-code.js';
import { FrameFlag, KNOWN_FLAGS } from '../catalog/frame-flag.js';
import { MessageType } from '../catalog/message-type.js';
import { Frame, type FrameRefusal, type ParsedFrame } from './frame.js';
import {
  FRAME_MAGIC,
  FRAME_VERSION,
  HEADER_BYTES,
  HeaderOffset,
  SEAL_BYTES,
  SIGNATURE_BYTES,
  uint16At,
  uint32At,
  uint64At,
} from './header.js';

/**
 * Reads the frame that is exactly `bytes[offset, end)`; a batch is not split. The checks are in the order of
 * PROTOCOL.md §3: magic, version, type, flags, size against the message, size against the limit.
 */
export function readFrameAt(bytes: Uint8Array, offset: number, end: number, maxMessageSize: number): ParsedFrame {
  if (end - offset < HEADER_BYTES) return unreadable(`${end - offset} bytes are shorter than the ${HEADER_BYTES}-byte header`);
  if (uint32At(bytes, offset) !== FRAME_MAGIC) return unreadable('the magic is not 0x4D435057');
  const version = bytes[offset + HeaderOffset.VERSION]!;
  if (version !== FRAME_VERSION) return unreadable(`version ${version} is not known, 1 is`);

  const type = bytes[offset + HeaderOffset.TYPE]!;
  const flags = uint16At(bytes, offset + HeaderOffset.FLAGS);
  const sequenceId = uint64At(bytes, offset + HeaderOffset.SEQUENCE_ID);
  const method = uint16At(bytes, offset + HeaderOffset.METHOD);
  const dataSize = uint32At(bytes, offset + HeaderOffset.DATA_SIZE);
  const start = offset + HEADER_BYTES;

  const problem =
    type > MessageType.BATCH
      ? `type ${type} is not 0 to 6`
      : (flags !== 0 && flagsProblem(type, flags, dataSize)) ||
        (flags === 0 && type === MessageType.BATCH && BATCH_FLAG) ||
        (uint16At(bytes, offset + HeaderOffset.RESERVED) !== 0 && 'the reserved field is not 0') ||
        (sequenceId > Number.MAX_SAFE_INTEGER && 'the sequence id exceeds 2^53 - 1') ||
        (sequenceId === 0 && type === MessageType.REQUEST && 'a request has a sequence id of 1 or more') ||
        (dataSize !== end - start && `the header declares ${dataSize} bytes and ${end - start} follow it`);
  if (problem !== false) return refuse(type, sequenceId, method, ErrorCode.INVALID_MESSAGE, problem);
  if (dataSize > maxMessageSize) {
    const message = `payload of ${dataSize} bytes exceeds max_message_size ${maxMessageSize}`;
    return refuse(type, sequenceId, method, ErrorCode.TOO_LARGE, message);
  }
  return new Frame(bytes, offset, type as MessageType, flags, sequenceId, method, start, end);
}

const BATCH_FLAG = 'the batch flag is set on batches, and only there';

function flagsProblem(type: number, flags: number, dataSize: number): string | false {
  if ((flags & ~KNOWN_FLAGS) !== 0) return `flags 0x${(flags & ~KNOWN_FLAGS).toString(16)} are not known`;
  const batch = (flags & FrameFlag.BATCH) !== 0;
  if (batch !== (type === MessageType.BATCH)) return BATCH_FLAG;
  if (batch && flags !== FrameFlag.BATCH) return 'a batch is not itself compressed, encrypted, signed or of another form';
  const signed = (flags & FrameFlag.SIGNED) !== 0;
  const encrypted = (flags & FrameFlag.ENCRYPTED) !== 0;
  if (signed && encrypted) return 'a frame is signed or encrypted, not both';
  if (signed && dataSize < SIGNATURE_BYTES) return `${dataSize} bytes do not hold a ${SIGNATURE_BYTES}-byte signature`;
  if (encrypted && dataSize < SEAL_BYTES) return `${dataSize} bytes do not hold a counter and a tag of ${SEAL_BYTES}`;
  return false;
}

function unreadable(message: string): FrameRefusal {
  return refuse(-1, 0, 0, ErrorCode.INVALID_MESSAGE, message);
}

function refuse(type: number, sequenceId: number, method: number, code: number, message: string): FrameRefusal {
  return { ok: false, type, sequenceId: sequenceId > Number.MAX_SAFE_INTEGER ? 0 : sequenceId, method, code, message };
}
