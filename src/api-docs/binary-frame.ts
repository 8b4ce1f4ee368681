// The binary frame in words (PROTOCOL.md §3), with the numbers of the catalog.
import { FRAME_MAGIC, FRAME_VERSION, FrameFlag, HEADER_BYTES } from '@mcpw/protocol';

import type { Part } from './document-parts.js';

const hex = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`;

const FLAGS: Readonly<Record<keyof typeof FrameFlag, string>> = {
  COMPRESSED: 'payload compressed with the algorithm agreed in `initialize`',
  ENCRYPTED: 'payload encrypted',
  BATCH: 'a batch: the payload is complete frames end to end',
  SIGNED: 'payload followed by a signature trailer',
  JSON: 'payload is JSON text; otherwise MessagePack',
  META: 'payload is the array `[meta, body]`; otherwise `body` alone',
};

const LAYOUT = `One binary WebSocket message is one frame: a header of ${HEADER_BYTES} bytes, then as many as its data size says, and nothing after.
All integers are big-endian.

| offset | size | field |
|---|---|---|
| 0 | 4 | magic ${hex(FRAME_MAGIC, 8)} |
| 4 | 1 | version, ${FRAME_VERSION} |
| 5 | 1 | type, as in the JSON envelope |
| 6 | 2 | flags |
| 8 | 8 | sequence id, which stands for the envelope's \`id\` |
| 16 | 2 | method number: \`x-mcpw-method-number\` of the operations, \`methods\` of \`initialize\` |
| 18 | 2 | reserved, 0 |
| 20 | 4 | data size |

| flag | |
|---|---|
${Object.entries(FLAGS)
  .map(([name, words]) => `| ${hex(FrameFlag[name as keyof typeof FrameFlag], 4)} | ${words} |`)
  .join('\n')}

The body is \`params\` of a request or notification, \`result\` of a response, \`error\` of an error, each of the same schema as in JSON;
bytes, which are base64 text there, are MessagePack's \`bin\`. An empty payload is \`{}\`. An answer has the sequence id and the method number
of its request. Where a method takes the id of a request, a binary peer gives the number.`;

export const BINARY_FRAME: Part = {
  title: 'binary frame',
  summary: 'Any of the other messages, in binary. An answer comes in the encoding of its request.',
  contentType: 'application/octet-stream',
  description: LAYOUT,
  payload: { type: 'string', format: 'binary', minLength: HEADER_BYTES },
};
