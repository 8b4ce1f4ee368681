// Heads of WebSocket frames from a server: whole messages, unmasked (RFC 6455 §5.2). Reading frames is the work of `ws`.

const FIN = 0x80;
export const OPCODE_TEXT = FIN | 1;
export const OPCODE_BINARY = FIN | 2;

/** Bytes that the head of a frame with `length` bytes of payload takes: 2, 4 or 10. */
export function headLength(length: number): number {
  return length < 126 ? 2 : length < 65536 ? 4 : 10;
}

/** Writes the head at `offset` and returns where the payload begins. */
export function writeHead(target: Buffer, offset: number, opcode: number, length: number): number {
  target[offset] = opcode;
  if (length < 126) {
    target[offset + 1] = length;
    return offset + 2;
  }
  if (length < 65536) {
    target[offset + 1] = 126;
    target[offset + 2] = length >>> 8;
    target[offset + 3] = length & 255;
    return offset + 4;
  }
  target[offset + 1] = 127;
  target.writeUInt32BE(Math.floor(length / 0x1_0000_0000), offset + 2);
  target.writeUInt32BE(length >>> 0, offset + 6);
  return offset + 10;
}
