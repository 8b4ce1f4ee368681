// MCPW frames, laid out by hand on purpose: the tests' own reading of PROTOCOL.md §3, not the server's code. Only MessagePack is the package's.
import { gunzipSync, zstdDecompressSync } from 'node:zlib';

import { decodeMsgpack, encodeMsgpack, METHOD_NUMBERS } from '@mcpw/protocol';

import { readText } from './json-wire.js';
import { BATCH, ERROR, NOTIFICATION, PING, REQUEST, RESPONSE, type MessageId, type Received, type Wire } from './message.js';

const HEADER_BYTES = 24;
const MAGIC = 0x4d435057;
const COMPRESSED_FLAG = 0x0001;
const BATCH_FLAG = 0x0004;
const JSON_FLAG = 0x0010;
const META_FLAG = 0x0020;
/** In no server's table. */
const NO_SUCH_METHOD = 0xfffe;

export interface FrameParts {
  readonly type: number;
  readonly id?: MessageId;
  /** Method number. */
  readonly method?: number;
  readonly flags?: number;
  readonly payload?: Uint8Array;
}

/** A frame with any header: for tests of broken ones, overwrite its bytes. */
export function frame({ type, id = 0, method = 0, flags = 0, payload = new Uint8Array() }: FrameParts): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + payload.length);
  bytes.writeUInt32BE(MAGIC, 0);
  bytes.writeUInt8(1, 4);
  bytes.writeUInt8(type, 5);
  bytes.writeUInt16BE(flags, 6);
  bytes.writeBigUInt64BE(BigInt(id), 8);
  bytes.writeUInt16BE(method, 16);
  bytes.writeUInt32BE(payload.length, 20);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

/** A wire that knows the built-in methods' numbers, and those of a server's own modules once `initialize` was answered. */
export function binaryWire(): Wire {
  const numbers = new Map<string, number>(Object.entries(METHOD_NUMBERS));
  const message = (type: number, id: MessageId, method: string, body: unknown, meta?: object): Buffer =>
    frame({
      type,
      id,
      method: method === '' ? 0 : (numbers.get(method) ?? NO_SUCH_METHOD),
      flags: meta === undefined ? 0 : META_FLAG,
      payload: body === undefined && meta === undefined ? new Uint8Array() : encodeMsgpack(meta === undefined ? body : [meta, body ?? {}]),
    });
  return {
    subprotocols: ['mcpw.v1.binary'],
    id: (count) => count,
    request: (id, method, params, meta) => message(REQUEST, id, method, params, meta),
    notification: (method, params, meta) => message(NOTIFICATION, 0, method, params, meta),
    response: (id, result, meta) => message(RESPONSE, id, '', result, meta),
    error: (id, error) => message(ERROR, id, '', error),
    ping: (id) => frame({ type: PING, id, method: METHOD_NUMBERS.ping }),
    batch: (id, messages) => frame({ type: BATCH, id, flags: BATCH_FLAG, payload: Buffer.concat(messages as Uint8Array[]) }),
    read: (data, isBinary) => {
      const messages = isBinary ? readFrames(data, numbers) : readText(data.toString('utf8'));
      for (const { result } of messages) learn(result, numbers);
      return messages;
    },
  };
}

function learn(result: unknown, numbers: Map<string, number>): void {
  const methods = (result as { methods?: Record<string, number> } | null | undefined)?.methods;
  for (const [name, number] of Object.entries(methods ?? {})) numbers.set(name, number);
}

function readFrames(data: Buffer, numbers: ReadonlyMap<string, number>, batched = false): Received[] {
  const found: Received[] = [];
  for (let at = 0; at < data.length;) {
    const end = at + HEADER_BYTES + data.readUInt32BE(at + 20);
    if (data.readUInt32BE(at) !== MAGIC || end > data.length) throw new Error(`the server sent a broken frame: ${data.toString('hex')}`);
    const one = data.subarray(at, end);
    if (one[5] === BATCH) found.push(...readFrames(one.subarray(HEADER_BYTES), numbers, true));
    else found.push(readOne(one, numbers, batched));
    at = end;
  }
  if (!batched && found.length > 1 && data[5] !== BATCH) throw new Error('the server sent two frames in one message');
  return found;
}

function readOne(bytes: Buffer, numbers: ReadonlyMap<string, number>, batched: boolean): Received {
  const type = bytes.readUInt8(5);
  const flags = bytes.readUInt16BE(6);
  const number = bytes.readUInt16BE(16);
  const decoded = payloadOf(bytes.subarray(HEADER_BYTES), flags);
  const [meta, body] = (flags & META_FLAG) === 0 ? [undefined, decoded] : (decoded as [unknown, unknown]);
  const method = [...numbers].find(([, known]) => known === number)?.[0];
  return {
    encoding: 'binary',
    batched,
    type,
    id: Number(bytes.readBigUInt64BE(8)),
    ...(method === undefined ? {} : { method }),
    ...(meta === undefined ? {} : { meta }),
    ...(type === REQUEST || type === NOTIFICATION ? { params: body } : type === ERROR ? { error: body as never } : { result: body }),
  };
}

function payloadOf(bytes: Buffer, flags: number): unknown {
  if ((flags & ~(COMPRESSED_FLAG | JSON_FLAG | META_FLAG)) !== 0)
    throw new Error(`this client cannot read a frame with the flags 0x${flags.toString(16)}`);
  const payload = (flags & COMPRESSED_FLAG) === 0 ? bytes : inflate(bytes);
  if (payload.length === 0) return {};
  if ((flags & JSON_FLAG) !== 0) return JSON.parse(payload.toString('utf8'));
  const decoded = decodeMsgpack(payload);
  if (!decoded.ok) throw new Error(`the server sent broken MessagePack: ${decoded.message}`);
  return decoded.value;
}

/** Either algorithm, known by its first bytes. */
function inflate(bytes: Buffer): Buffer {
  return bytes.readUInt16BE(0) === 0x1f8b ? gunzipSync(bytes) : zstdDecompressSync(bytes);
}
