// Keys, signatures and encryption of PROTOCOL.md §4 by Node's own cryptography: the tests' own reading, not the server's code.
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
} from 'node:crypto';

import { plantBytes } from './planted-secrets.js';

const HEADER_BYTES = 24;
const ENCRYPTED = 0x0002;
const SIGNED = 0x0008;

export interface SessionKeys {
  readonly macToServer: Buffer;
  readonly macToClient: Buffer;
  readonly encToServer: Buffer;
  readonly encToClient: Buffer;
}

export interface AgreedKeys extends SessionKeys {
  /** What both ends computed, and the four were made of. */
  readonly secret: Buffer;
}

export interface KeyOffer {
  /** `params.security` of `initialize`. */
  readonly security: { readonly public_key: string; readonly nonce: string };
  /** @param answer `result.security`. @param credential the token's exact text, empty when anonymous */
  keys(answer: { public_key: string; nonce: string }, credential: string): AgreedKeys;
}

export function offerKeys(): KeyOffer {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  const nonce = randomBytes(16);
  return {
    security: { public_key: publicKey.export({ format: 'jwk' }).x ?? '', nonce: nonce.toString('base64url') },
    keys: (answer, credential) => {
      const serverKey = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'X25519', x: answer.public_key } });
      const shared = diffieHellman({ privateKey, publicKey: serverKey });
      const ikm = Buffer.concat([shared, createHash('sha256').update(credential).digest()]);
      const salt = Buffer.concat([nonce, Buffer.from(answer.nonce, 'base64url')]);
      const okm = Buffer.from(hkdfSync('sha256', ikm, salt, 'mcpw/1', 128));
      const [macToServer, macToClient, encToServer, encToClient] = [0, 32, 64, 96].map((at) => okm.subarray(at, at + 32)) as [
        Buffer,
        Buffer,
        Buffer,
        Buffer,
      ];
      const keys = { macToServer, macToClient, encToServer, encToClient };
      for (const [name, key] of Object.entries(keys)) plantBytes(`a session’s ${name}`, key);
      return { ...keys, secret: shared };
    },
  };
}

/** `SIG.JSON`. */
export function signText(json: string, key: Buffer): string {
  return `${createHmac('sha256', key).update(json).digest('base64url')}.${json}`;
}

/** The JSON text, where the signature fits. */
export function openText(message: string, key: Buffer): string | undefined {
  const json = message.slice(44);
  return message === signText(json, key) ? json : undefined;
}

/** Appends `ts` and the signature to a frame. */
export function signFrame(frame: Buffer, key: Buffer, tsMs: number): Buffer {
  const signed = withFlag(frame, SIGNED, frame.length - HEADER_BYTES + 40);
  const ts = Buffer.alloc(8);
  ts.writeBigUInt64BE(BigInt(tsMs));
  const covered = Buffer.concat([signed, ts]);
  return Buffer.concat([covered, createHmac('sha256', key).update(covered).digest()]);
}

/** @param counter from 1, and one more with each frame */
export function encryptFrame(frame: Buffer, key: Buffer, counter: number): Buffer {
  const header = withFlag(frame, ENCRYPTED, frame.length - HEADER_BYTES + 24).subarray(0, HEADER_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonceOf(counter)).setAAD(header);
  const sealed = Buffer.concat([cipher.update(frame.subarray(HEADER_BYTES)), cipher.final()]);
  return Buffer.concat([header, nonceOf(counter).subarray(4), sealed, cipher.getAuthTag()]);
}

/** The frame as it was before it was encrypted. @throws where it was tampered with */
export function decryptFrame(frame: Buffer, key: Buffer): Buffer {
  const header = frame.subarray(0, HEADER_BYTES);
  const payload = frame.subarray(HEADER_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.concat([Buffer.alloc(4), payload.subarray(0, 8)])).setAAD(header);
  decipher.setAuthTag(payload.subarray(-16));
  const plain = Buffer.concat([decipher.update(payload.subarray(8, -16)), decipher.final()]);
  const opened = Buffer.concat([header, plain]);
  opened.writeUInt16BE(header.readUInt16BE(6) & ~ENCRYPTED, 6);
  opened.writeUInt32BE(plain.length, 20);
  return opened;
}

function withFlag(frame: Buffer, flag: number, dataSize: number): Buffer {
  const flagged = Buffer.from(frame);
  flagged.writeUInt16BE(frame.readUInt16BE(6) | flag, 6);
  flagged.writeUInt32BE(dataSize, 20);
  return flagged;
}

function nonceOf(counter: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(counter), 4);
  return nonce;
}
