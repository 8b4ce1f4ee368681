// The frozen vectors that every implementation of the protocol must agree on: test/conformance/vectors.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inflateFrame } from './compression/compress-frame.js';
import type { CompressionName } from './compression/compressor.js';
import { Frame, type FrameRefusal } from './frame/frame.js';
import { FrameWriter } from './frame/frame-writer.js';
import { readFrame } from './frame/read-frame.js';
import { FrameFlag } from './catalog/frame-flag.js';
import { METHOD_NUMBERS, type MethodName } from './catalog/method-numbers.js';
import { DEFAULT_MAX_MESSAGE_SIZE } from './limits.js';
import { decodeMsgpack } from './msgpack/decode.js';
import { nodeCompressor } from './node/node-compressors.js';
import * as onNode from './node/node-key-exchange.js';
import type { AsyncSecureChannel, SecureChannel } from './security/secure-channel.js';
import { SequenceWindow } from './security/sequence-window.js';
import type { KeyAgreement, Role } from './security/session-keys.js';
import { METHOD_SHAPES } from './shapes/shapes.js';
import type { JsonObject, WireError } from './text/envelope.js';
import { parseText } from './text/parse-text.js';
import * as onWeb from './web/web-key-exchange.js';

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../test/conformance/vectors/${name}.json`, import.meta.url), 'utf8')) as Record<string, never>;
const bytesOf = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

interface Member {
  sequence_id: string;
  code?: number;
}
interface GoodFrame {
  name: string;
  hex: string;
  type: number;
  flags: number;
  sequence_id: string;
  method: number;
  meta?: JsonObject;
  body?: JsonObject;
  members?: Member[];
  compression?: CompressionName;
  exact?: false;
  max_message_size?: number;
}
interface BadFrame {
  name: string;
  hex: string;
  code: number;
  message?: string;
  sequence_id: string;
  where: 'header' | 'batch' | 'member' | 'payload' | 'compression';
  compression?: CompressionName;
  max_message_size?: number;
}

/** Binary is written `{"$bytes": hex}` in the vectors. */
function untagged(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(untagged);
  if (typeof value !== 'object' || value === null) return value;
  if ('$bytes' in value) return bytesOf(value.$bytes as string);
  const copy: JsonObject = {};
  for (const [key, member] of Object.entries(value)) {
    Object.defineProperty(copy, key, { value: untagged(member), enumerable: true, writable: true, configurable: true });
  }
  return copy;
}

function accepted(vector: { hex: string; max_message_size?: number; compression?: CompressionName }): Frame {
  const limit = vector.max_message_size ?? DEFAULT_MAX_MESSAGE_SIZE;
  const frame = readFrame(bytesOf(vector.hex), limit);
  if (!frame.ok) throw new Error(frame.message);
  const inflated = inflateFrame(frame, vector.compression && nodeCompressor(vector.compression), limit);
  if (!inflated.ok) throw new Error(inflated.message);
  return inflated;
}

describe('good frames', () => {
  const { frames } = read('frames-good') as unknown as { frames: GoodFrame[] };

  it.each(frames)('$name', (vector) => {
    const frame = accepted(vector);
    expect([frame.type, frame.flags, String(frame.sequenceId), frame.method]).toEqual([
      vector.type,
      vector.flags,
      vector.sequence_id,
      vector.method,
    ]);
    if (vector.members !== undefined) {
      expect(
        frame.members?.map((member) => ({ sequence_id: String(member.sequenceId), ...(member.ok ? {} : { code: member.code }) })),
      ).toEqual(vector.members);
      return;
    }
    const payload = frame.payload();
    if (vector.meta !== undefined) expect(payload.meta()).toEqual(vector.meta);
    expect(payload.body()).toEqual(untagged(vector.body));
    expect(payload.fault).toBeUndefined();
  });

  it.each(frames.filter(({ members }) => members === undefined))('$name, read with the shape of its method', (vector) => {
    const method = Object.keys(METHOD_NUMBERS).find((name) => METHOD_NUMBERS[name as MethodName] === vector.method) as MethodName;
    const shapes = METHOD_SHAPES[method];
    const shape = vector.type === 1 ? shapes?.result : shapes?.params;
    if (shape === undefined || vector.type > 2) return;
    const value = accepted(vector).payload().body(shape);
    const texts = [value, accepted(vector).payload().body()].map((body) => JSON.parse(JSON.stringify(body, binaryAsText)) as unknown);
    expect(texts[0]).toEqual(texts[1]);
  });

  const plain = frames.filter((vector) => vector.exact !== false && vector.members === undefined && (vector.flags & FrameFlag.JSON) === 0);
  it.each(plain)('$name, written again', (vector) => {
    const body = vector.hex.length === 48 ? undefined : untagged(vector.body);
    const again = new FrameWriter().frame(vector.type as 0, Number(vector.sequence_id), vector.method, body, undefined, vector.meta);
    const decoded = readFrame(new Uint8Array(again), DEFAULT_MAX_MESSAGE_SIZE);
    expect(decoded.ok && decoded.payload().body()).toEqual(untagged(vector.body));
    // Shortest forms, in the order of the members: the same bytes, but for the integers that look like floats.
    if (!hasFloat(vector.body)) expect(hexOf(again)).toBe(vector.hex);
  });
});

function binaryAsText(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
}

function hasFloat(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isInteger(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasFloat);
}

describe('bad frames', () => {
  const { frames } = read('frames-bad') as unknown as { frames: BadFrame[] };

  it.each(frames)('$name', (vector) => {
    const refusal = refusalOf(vector);
    expect({ code: refusal.code, sequence_id: String(refusal.sequenceId) }).toEqual({ code: vector.code, sequence_id: vector.sequence_id });
    if (vector.message !== undefined) expect(refusal.message).toBe(vector.message);
  });

  function refusalOf(vector: BadFrame): FrameRefusal {
    const limit = vector.max_message_size ?? DEFAULT_MAX_MESSAGE_SIZE;
    const frame = readFrame(bytesOf(vector.hex), limit);
    if (!frame.ok) {
      expect(['header', 'batch']).toContain(vector.where);
      return frame;
    }
    if (vector.where === 'member') return frame.members?.find((member) => !member.ok) as FrameRefusal;
    const inflated = inflateFrame(frame, vector.compression && nodeCompressor(vector.compression), limit);
    if (!inflated.ok) {
      expect(vector.where).toBe('compression');
      return inflated;
    }
    const payload = inflated.payload();
    payload.meta();
    payload.params();
    expect(vector.where).toBe('payload');
    return inflated.refuse(4000, payload.fault ?? 'accepted');
  }

  it.each(frames.filter(({ where }) => where === 'payload'))('$name, where only the shape of a method is read', (vector) => {
    const frame = readFrame(bytesOf(vector.hex), DEFAULT_MAX_MESSAGE_SIZE);
    const payload = (frame as Frame).payload();
    payload.meta();
    payload.params(METHOD_SHAPES['tool.execute']?.params as never);
    expect(payload.fault).toBeTypeOf('string');
  });
});

describe('text messages', () => {
  interface GoodText {
    name: string;
    text: string;
    type: number;
    id: string;
    members?: { id: string; code?: number }[];
    [member: string]: unknown;
  }
  const good = (read('texts-good') as unknown as { texts: GoodText[] }).texts;
  const bad = (read('texts-bad') as unknown as { texts: { name: string; text: string; id: string; code: number }[] }).texts;

  it.each(good)('$name', ({ name: _name, text, members, ...expected }) => {
    const parsed = parseText(text);
    if (!parsed.ok) throw new Error(parsed.message);
    const { envelope } = parsed;
    expect(envelope).toMatchObject(expected);
    expect(envelope.members?.map((member) => (member.ok ? { id: member.envelope.id } : { id: member.id, code: member.code }))).toEqual(
      members,
    );
  });

  it.each(bad)('refused: $name', ({ text, id, code }) => {
    expect(parseText(text)).toEqual({ ok: false, type: expect.any(Number), id, code, message: expect.any(String) });
  });
});

interface Agreement {
  name: string;
  client_private: string;
  server_private: string;
  client_public: string;
  server_public: string;
  client_nonce: string;
  server_nonce: string;
  credential: string;
  mac_c2s: string;
  mac_s2c: string;
  enc_c2s: string;
  enc_s2c: string;
}
interface Protected {
  direction: 'c2s' | 's2c';
  plain: string;
  hex: string;
  ts: number;
}
interface Security {
  agreements: [Agreement, ...Agreement[]];
  refused_public_keys: string[];
  signed_texts: { direction: 'c2s' | 's2c'; json: string; message: string }[];
  refused_texts: { name: string; message: string }[];
  signed_frames: Protected[];
  refused_signed_frames: { name: string; hex: string; code: number }[];
  encrypted_frames: Protected[];
  refused_encrypted_frames: { name: string; hex: string; code: number }[];
  encrypted_sequence: { counter: number; hex: string; accepted: boolean }[];
}

describe.each([
  ['Node', onNode.deriveSessionKeys, onNode.nodeKeyExchange],
  ['the web', onWeb.deriveSessionKeys, onWeb.webKeyExchange],
] as const)('protection on %s', (_platform, derive, exchange) => {
  const security = read('security') as unknown as Security;

  function agreementOf(vector: Agreement, role: Role, peer?: string): KeyAgreement {
    const own = role === 'client' ? vector.client_private : vector.server_private;
    const other = role === 'client' ? vector.server_public : vector.client_public;
    return {
      privateKey: bytesOf(own),
      peerPublicKey: bytesOf(peer ?? other),
      credentialHash: new Uint8Array(createHash('sha256').update(vector.credential).digest()),
      clientNonce: bytesOf(vector.client_nonce),
      serverNonce: bytesOf(vector.server_nonce),
    };
  }

  async function channel(role: Role): Promise<SecureChannel | AsyncSecureChannel> {
    const made = await exchange.channel(agreementOf(security.agreements[0], role), role);
    if (made === undefined) throw new Error('the agreement was refused');
    return made;
  }
  const sender = (direction: 'c2s' | 's2c') => channel(direction === 'c2s' ? 'client' : 'server');
  const receiver = (direction: 'c2s' | 's2c') => channel(direction === 'c2s' ? 'server' : 'client');
  const parsed = (hex: string) => readFrame(bytesOf(hex), DEFAULT_MAX_MESSAGE_SIZE) as Frame;

  it.each(security.agreements)('keys: $name', async (vector) => {
    for (const role of ['client', 'server'] as const) {
      const keys = await derive(agreementOf(vector, role));
      expect(
        [keys?.macClientToServer, keys?.macServerToClient, keys?.encClientToServer, keys?.encServerToClient].map((key) => hexOf(key!)),
      ).toEqual([vector.mac_c2s, vector.mac_s2c, vector.enc_c2s, vector.enc_s2c]);
      keys?.wipe();
      expect(keys?.encServerToClient.every((byte) => byte === 0)).toBe(true);
    }
  });

  it.each(security.refused_public_keys)('an all-zero secret is refused: public key %s', async (key) => {
    expect(await exchange.channel(agreementOf(security.agreements[0], 'client', key), 'client')).toBeUndefined();
  });

  it('a public key or nonce of another size is refused', async () => {
    const agreement = agreementOf(security.agreements[0], 'client');
    expect(await exchange.channel({ ...agreement, peerPublicKey: new Uint8Array(31).fill(9) }, 'client')).toBeUndefined();
    expect(await exchange.channel({ ...agreement, serverNonce: new Uint8Array(15) }, 'client')).toBeUndefined();
  });

  it('a generated pair of keys agrees with another', async () => {
    const [client, server] = [await exchange.generateKeyPair(), await exchange.generateKeyPair()];
    const base = agreementOf(security.agreements[0], 'client');
    const out = await exchange.channel({ ...base, privateKey: client.privateKey, peerPublicKey: server.publicKey }, 'client');
    const back = await exchange.channel({ ...base, privateKey: server.privateKey, peerPublicKey: client.publicKey }, 'server');
    expect(await back?.openText((await out?.signText('{}')) ?? '')).toEqual({ ok: true, json: '{}' });
  });

  it.each(security.signed_texts)('signed text $direction', async ({ direction, json, message }) => {
    expect(await (await sender(direction)).signText(json)).toBe(message);
    expect(await (await receiver(direction)).openText(message)).toEqual({ ok: true, json });
  });

  it.each(security.refused_texts)('text refused: $name', async ({ message }) => {
    expect(await (await channel('server')).openText(message)).toMatchObject({ ok: false, code: 4011 });
  });

  it.each(security.signed_frames)('signed frame $direction', async ({ direction, plain, ts, hex }) => {
    expect(hexOf(await (await sender(direction)).signFrame(bytesOf(plain), ts))).toBe(hex);
    const opened = (await (await receiver(direction)).openFrame(parsed(hex))) as Frame;
    expect(hexOf(opened.payloadBytes())).toBe(plain.slice(48));
    expect(opened.signedAtMs).toBe(ts);
  });

  it.each(security.refused_signed_frames)('signed frame refused: $name', async ({ hex, code }) => {
    expect(await (await channel('server')).openFrame(parsed(hex))).toMatchObject({ ok: false, code });
  });

  it('encrypted frames', async () => {
    for (const direction of ['c2s', 's2c'] as const) {
      const [from, to] = [await sender(direction), await receiver(direction)];
      for (const { plain, hex } of security.encrypted_frames.filter((vector) => vector.direction === direction)) {
        expect(hexOf(await from.encryptFrame(bytesOf(plain)))).toBe(hex);
        const opened = (await to.openFrame(parsed(hex))) as Frame;
        expect(hexOf(opened.payloadBytes())).toBe(plain.slice(48));
      }
    }
  });

  it.each(security.refused_encrypted_frames)('encrypted frame refused: $name', async ({ hex, code }) => {
    const server = await channel('server');
    expect(await server.openFrame(parsed(hex))).toMatchObject({ ok: false, code });
    const [first] = security.encrypted_frames;
    expect(await server.openFrame(parsed(first!.hex)), 'a forged frame moved the counter').toMatchObject({ ok: true });
  });

  it('a counter that does not rise is a replay', async () => {
    const server = await channel('server');
    for (const { hex, accepted: expected } of security.encrypted_sequence) {
      const opened = await server.openFrame(parsed(hex));
      expect(opened).toMatchObject(expected ? { ok: true } : { ok: false, code: 4010 });
    }
  });

  it('a wiped channel protects nothing', async () => {
    const server = await channel('server');
    server.wipe();
    await expect((async () => server.signText('{}'))()).rejects.toThrow('wiped');
    await expect((async () => server.encryptFrame(new Uint8Array(24)))()).rejects.toThrow('wiped');
  });
});

describe('replay', () => {
  interface Sequence {
    name: string;
    ids: { sequence_id: string; accepted: boolean }[];
  }
  it.each((read('replay') as unknown as { sequences: Sequence[] }).sequences)('$name', ({ ids }) => {
    const window = new SequenceWindow();
    expect(ids.map(({ sequence_id }) => ({ sequence_id, accepted: window.accept(Number(sequence_id)) }))).toEqual(ids);
  });
});

it('an error of a frame is a WireError', () => {
  const writer = new FrameWriter();
  const error: WireError = { code: 4008, message: 'conflict', data: { current_version: 7 } };
  const frame = readFrame(writer.error(1, 5, error), 1000) as Frame;
  expect(decodeMsgpack(frame.payloadBytes())).toEqual({ ok: true, value: error });
});
