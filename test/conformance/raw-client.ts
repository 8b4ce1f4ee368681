// A client as somebody writes it who has PROTOCOL.md and nothing else: `ws`, Node's cryptography and compression, and no code of
// this project. Where it had to guess, the page is to be mended, not this file.
import { createCipheriv, createDecipheriv, createHash, createHmac, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { hkdfSync, randomBytes, timingSafeEqual, type KeyObject } from 'node:crypto';
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

import { WebSocket } from 'ws';

import { decode, encode } from './raw-msgpack.js';

export const TYPE = { request: 0, response: 1, notification: 2, error: 3, ping: 4, pong: 5, batch: 6 } as const;
export const FLAG = { compressed: 0x0001, encrypted: 0x0002, batch: 0x0004, signed: 0x0008, json: 0x0010, meta: 0x0020 } as const;
const HEADER_BYTES = 24;
const MAC_BYTES = 32;
const TAG_BYTES = 16;
const PATIENCE_MS = 10_000;

/** Of the page's table. */
export const METHOD: Readonly<Record<string, number>> = {
  initialize: 1,
  'tool.list': 2,
  'tool.execute': 3,
  'context.get': 4,
  'event.subscribe': 6,
  ping: 8,
  pong: 9,
  'context.create': 10,
  'event.publish': 13,
  event: 14,
};

/** A frame as it came, and what was in it. */
export interface RawFrame {
  readonly type: number;
  /** As on the wire. */
  readonly flags: number;
  readonly id: number;
  readonly method: number;
  /** Bytes of the frame as on the wire. */
  readonly size: number;
  /** Whether it was a member of a batch. */
  readonly batched: boolean;
  readonly meta: unknown;
  readonly body: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- each test knows what it asked for
}

export interface Sending {
  readonly meta?: object;
  /** The body as JSON text instead of MessagePack. */
  readonly json?: boolean;
  /** Whether a payload of the threshold's size and more is compressed, as agreed. Default true. */
  readonly compress?: boolean;
}

interface Keys {
  readonly macOut: Buffer;
  readonly macIn: Buffer;
  readonly encryptOut: Buffer;
  readonly encryptIn: Buffer;
}

export class RawClient {
  readonly closed: Promise<{ code: number; reason: string }>;
  /** All that came, batches taken apart. */
  readonly frames: RawFrame[] = [];
  /** How frames are protected once there are keys. */
  protection: 'signed' | 'encrypted' = 'encrypted';
  private readonly waiting = new Set<() => void>();
  private broken: Error | undefined;
  private keys: Keys | undefined;
  private compression: string | undefined;
  private threshold = Infinity;
  private lastId = 0;
  private lastCounterOut = 0;
  private lastCounterIn = 0;

  private constructor(
    readonly socket: WebSocket,
    private readonly key: string,
  ) {
    this.closed = new Promise((resolve) => socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })));
    socket.on('message', (data: Buffer, isBinary) => {
      try {
        if (!isBinary) throw new Error(`text came: ${data.toString()}`);
        this.take(data, false);
      } catch (error) {
        this.broken = error as Error;
      }
      for (const look of this.waiting) look();
    });
  }

  /** §1: the upgrade, with the key in a header. */
  static async connect(url: string, key: string): Promise<RawClient> {
    const socket = new WebSocket(url, ['mcpw.v1.binary'], { headers: { Authorization: `Bearer ${key}` }, perMessageDeflate: false });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return new RawClient(socket, key);
  }

  /** §5 `initialize`, with keys of the connection (§4) where they are wanted. */
  async initialize(params: object = {}, isSecured = false): Promise<RawFrame> {
    const pair = generateKeyPairSync('x25519');
    const nonce = randomBytes(16);
    const security = { public_key: pair.publicKey.export({ format: 'jwk' }).x, nonce: nonce.toString('base64url') };
    const answer = await this.ask('initialize', { name: 'raw', version: '1.0.0', ...params, ...(isSecured ? { security } : {}) });
    if (answer.type !== TYPE.response) return answer;
    const { compression, limits, security: theirs } = answer.body;
    this.compression = compression;
    this.threshold = limits.compression_threshold;
    if (isSecured) this.keys = agree(pair.privateKey, theirs, nonce, this.key);
    return answer;
  }

  /** Sends a request and waits for what bears its sequence id. */
  async ask(method: string, params?: unknown, sending: Sending = {}): Promise<RawFrame> {
    const frame = this.request(method, params, sending);
    this.send(frame.bytes);
    return this.answerTo(frame.id);
  }

  /** A request that is not sent yet. */
  request(method: string, params?: unknown, sending: Sending = {}): { id: number; bytes: Buffer } {
    const id = ++this.lastId;
    return { id, bytes: this.protect(this.compressed(frameOf(TYPE.request, id, METHOD[method] ?? 0, params, sending), sending)) };
  }

  ping(): { id: number; bytes: Buffer } {
    const id = ++this.lastId;
    return { id, bytes: this.protect(layOut(TYPE.ping, 0, id, METHOD['ping'] ?? 0, Buffer.alloc(0))) };
  }

  send(bytes: Buffer): void {
    this.socket.send(bytes);
  }

  /** §3: complete frames end to end; protected are its members, not it. */
  sendBatch(members: readonly { readonly bytes: Buffer }[]): void {
    this.send(layOut(TYPE.batch, FLAG.batch, 0, 0, Buffer.concat(members.map(({ bytes }) => bytes))));
  }

  answerTo(id: number): Promise<RawFrame> {
    return this.next((frame) => frame.id === id && ([TYPE.response, TYPE.error, TYPE.pong] as number[]).includes(frame.type));
  }

  /** The first frame, come already or to come, that is so. */
  next(isSo: (frame: RawFrame) => boolean): Promise<RawFrame> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.waiting.delete(look);
      };
      const look = (): void => {
        const found = this.frames.find(isSo);
        if (found !== undefined) resolve(found);
        else if (this.broken !== undefined) reject(this.broken);
        else return;
        settle();
      };
      const timer = setTimeout(() => {
        settle();
        reject(new Error(`no such frame within ${PATIENCE_MS} ms`));
      }, PATIENCE_MS);
      this.waiting.add(look);
      look();
    });
  }

  private take(bytes: Buffer, batched: boolean): void {
    const header = readHeader(bytes);
    if (header.type !== TYPE.batch) {
      this.frames.push({ ...header, size: bytes.length, batched, ...this.open(bytes) });
      return;
    }
    if (batched || header.flags !== FLAG.batch) throw new Error('a batch in a batch, or with another flag');
    for (let at = HEADER_BYTES; at < bytes.length;) {
      const end = at + HEADER_BYTES + bytes.readUInt32BE(at + 20);
      this.take(bytes.subarray(at, end), true);
      at = end;
    }
  }

  /** The order of making a frame, reversed. */
  private open(bytes: Buffer): Pick<RawFrame, 'meta' | 'body'> {
    const { flags, type } = readHeader(bytes);
    let payload = this.unprotected(bytes, flags);
    if ((flags & FLAG.compressed) !== 0) {
      if (this.compression === undefined) throw new Error('no compression was agreed');
      payload = this.compression === 'gzip' ? gunzipSync(payload) : zstdDecompressSync(payload);
    }
    const value = (flags & FLAG.json) !== 0 ? JSON.parse(payload.toString() || '{}') : payload.length === 0 ? {} : decode(payload);
    if ((flags & FLAG.meta) === 0) return { meta: undefined, body: value };
    if (!Array.isArray(value) || value.length !== 2) throw new Error(`a frame of type ${type} with meta is not [meta, body]`);
    return { meta: value[0], body: value[1] };
  }

  private unprotected(bytes: Buffer, flags: number): Buffer {
    const { keys } = this;
    const payload = bytes.subarray(HEADER_BYTES);
    if (keys === undefined) {
      if ((flags & (FLAG.signed | FLAG.encrypted)) !== 0) throw new Error('protected without keys');
      return payload;
    }
    if ((flags & FLAG.encrypted) !== 0) {
      const counter = Number(payload.readBigUInt64BE());
      if (counter <= this.lastCounterIn) throw new Error(`the counter ${counter} does not rise`);
      this.lastCounterIn = counter;
      const decipher = createDecipheriv('aes-256-gcm', keys.encryptIn, gcmNonce(counter));
      decipher.setAAD(bytes.subarray(0, HEADER_BYTES)).setAuthTag(payload.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(payload.subarray(8, -TAG_BYTES)), decipher.final()]);
    }
    if ((flags & FLAG.signed) === 0) throw new Error('neither signed nor encrypted');
    const mac = createHmac('sha256', keys.macIn).update(bytes.subarray(0, -MAC_BYTES)).digest();
    if (!timingSafeEqual(mac, bytes.subarray(-MAC_BYTES))) throw new Error('the signature is wrong');
    return payload.subarray(0, -(8 + MAC_BYTES));
  }

  private compressed(frame: Buffer, { compress = true }: Sending): Buffer {
    const payload = frame.subarray(HEADER_BYTES);
    if (!compress || this.compression === undefined || payload.length < this.threshold) return frame;
    return withPayload(frame, FLAG.compressed, this.compression === 'gzip' ? gzipSync(payload) : zstdCompressSync(payload));
  }

  private protect(frame: Buffer): Buffer {
    const { keys } = this;
    if (keys === undefined) return frame;
    const payload = frame.subarray(HEADER_BYTES);
    if (this.protection === 'signed') {
      const ts = Buffer.alloc(8);
      ts.writeBigUInt64BE(BigInt(Date.now()));
      const signed = withPayload(frame, FLAG.signed, Buffer.concat([payload, ts, Buffer.alloc(MAC_BYTES)]));
      createHmac('sha256', keys.macOut)
        .update(signed.subarray(0, -MAC_BYTES))
        .digest()
        .copy(signed, signed.length - MAC_BYTES);
      return signed;
    }
    const counter = ++this.lastCounterOut;
    const sealed = withPayload(frame, FLAG.encrypted, Buffer.alloc(8 + payload.length + TAG_BYTES));
    sealed.writeBigUInt64BE(BigInt(counter), HEADER_BYTES);
    const cipher = createCipheriv('aes-256-gcm', keys.encryptOut, gcmNonce(counter)).setAAD(sealed.subarray(0, HEADER_BYTES));
    Buffer.concat([cipher.update(payload), cipher.final(), cipher.getAuthTag()]).copy(sealed, HEADER_BYTES + 8);
    return sealed;
  }
}

/** §4: the keys of a connection. */
function agree(own: KeyObject, theirs: { public_key: string; nonce: string }, nonce: Buffer, credential: string): Keys {
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: theirs.public_key }, format: 'jwk' });
  const shared = diffieHellman({ privateKey: own, publicKey });
  const ikm = Buffer.concat([shared, createHash('sha256').update(credential).digest()]);
  const salt = Buffer.concat([nonce, Buffer.from(theirs.nonce, 'base64url')]);
  const okm = Buffer.from(hkdfSync('sha256', ikm, salt, 'mcpw/1', 128));
  const [macOut, macIn, encryptOut, encryptIn] = [0, 32, 64, 96].map((at) => okm.subarray(at, at + 32)) as [Buffer, Buffer, Buffer, Buffer];
  return { macOut, macIn, encryptOut, encryptIn };
}

function gcmNonce(counter: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(counter), 4);
  return nonce;
}

function frameOf(type: number, id: number, method: number, body: unknown, { meta, json = false }: Sending): Buffer {
  const value = meta === undefined ? body : [meta, body ?? {}];
  const payload = value === undefined ? Buffer.alloc(0) : json ? Buffer.from(JSON.stringify(value)) : encode(value);
  return layOut(type, (meta === undefined ? 0 : FLAG.meta) | (json ? FLAG.json : 0), id, method, payload);
}

/** §3: the header, and the payload after it. */
function layOut(type: number, flags: number, id: number, method: number, payload: Buffer): Buffer {
  const frame = Buffer.alloc(HEADER_BYTES + payload.length);
  frame.write('MCPW', 0, 'latin1');
  frame.writeUInt8(1, 4);
  frame.writeUInt8(type, 5);
  frame.writeUInt16BE(flags, 6);
  frame.writeBigUInt64BE(BigInt(id), 8);
  frame.writeUInt16BE(method, 16);
  frame.writeUInt32BE(payload.length, 20);
  payload.copy(frame, HEADER_BYTES);
  return frame;
}

/** The same frame with another payload, and a flag that says what it is. */
function withPayload(frame: Buffer, flag: number, payload: Buffer): Buffer {
  const { type, flags, id, method } = readHeader(frame);
  return layOut(type, flags | flag, id, method, payload);
}

function readHeader(frame: Buffer): { type: number; flags: number; id: number; method: number } {
  if (frame.toString('latin1', 0, 4) !== 'MCPW' || frame.readUInt8(4) !== 1 || frame.readUInt16BE(18) !== 0) throw new Error('no header');
  if (frame.readUInt32BE(20) !== frame.length - HEADER_BYTES) throw new Error('the data size is not that of the payload');
  const [type, flags, method] = [frame.readUInt8(5), frame.readUInt16BE(6), frame.readUInt16BE(16)];
  return { type, flags, id: Number(frame.readBigUInt64BE(8)), method };
}
