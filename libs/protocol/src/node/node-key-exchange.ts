/** X25519 and HKDF-SHA256 on node:crypto. PROTOCOL.md §4. */
import { createHmac, createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { KeyExchange, SecureChannel } from '../security/secure-channel.js';
import { NodeSecureChannel } from './node-secure-channel.js';
import {
  HKDF_INFO,
  inputKeyMaterial,
  isAllZero,
  isWellFormed,
  type KeyAgreement,
  type KeyPair,
  OKM_BYTES,
  type Role,
  saltOf,
  SessionKeys,
} from '../security/session-keys.js';

/** DER before the raw key: RFC 8410. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b656e032100', 'hex');

/** The four keys, or `undefined` where the peer's key is malformed or the shared secret all zero. */
export function deriveSessionKeys(agreement: KeyAgreement): SessionKeys | undefined {
  if (!isWellFormed(agreement)) return undefined;
  const secret = sharedSecret(agreement);
  if (secret === undefined || isAllZero(secret)) return undefined;
  const ikm = inputKeyMaterial(secret, agreement.credentialHash);
  const okm = hkdf(ikm, saltOf(agreement));
  secret.fill(0);
  ikm.fill(0);
  return new SessionKeys(okm);
}

/** HKDF-SHA256, RFC 5869. Not `hkdfSync`: that leaves a copy of `ikm` in freed memory (seen in Node 24), which nobody overwrites. */
function hkdf(ikm: Uint8Array, salt: Uint8Array): Uint8Array {
  const prk = createHmac('sha256', salt).update(ikm).digest();
  const okm = new Uint8Array(OKM_BYTES);
  for (let at = 0; at < OKM_BYTES; at += prk.length) {
    const before = okm.subarray(Math.max(0, at - prk.length), at);
    const counter = Uint8Array.of(at / prk.length + 1);
    const block = createHmac('sha256', prk).update(before).update(HKDF_INFO).update(counter).digest();
    okm.set(block, at);
    block.fill(0);
  }
  prk.fill(0);
  return okm;
}

/** OpenSSL itself refuses the points of small order, whose secret would be all zero. */
function sharedSecret({ privateKey, peerPublicKey }: KeyAgreement): Buffer | undefined {
  try {
    return diffieHellman({ privateKey: privateKeyObject(privateKey), publicKey: publicKeyObject(peerPublicKey) });
  } catch {
    return undefined;
  }
}

function privateKeyObject(raw: Uint8Array): KeyObject {
  const der = Buffer.concat([PKCS8_PREFIX, raw]);
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } finally {
    der.fill(0);
  }
}

function publicKeyObject(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
}

/** The private key is a view of all that was exported of it: who overwrites it leaves no copy. */
export function generateKeyPair(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  return {
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length),
    privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(PKCS8_PREFIX.length),
  };
}

export const nodeKeyExchange = {
  generateKeyPair,
  channel(agreement: KeyAgreement, role: Role): SecureChannel | undefined {
    const keys = deriveSessionKeys(agreement);
    return keys && new NodeSecureChannel(keys, role);
  },
} satisfies KeyExchange<SecureChannel>;
