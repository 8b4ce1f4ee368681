/** X25519 and HKDF-SHA256 on node:crypto. PROTOCOL.md §4. */
import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync, type KeyObject } from 'node:crypto';
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
  const okm = new Uint8Array(hkdfSync('sha256', ikm, saltOf(agreement), HKDF_INFO, OKM_BYTES));
  secret.fill(0);
  ikm.fill(0);
  return new SessionKeys(okm);
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
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, raw]), format: 'der', type: 'pkcs8' });
}

function publicKeyObject(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
}

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
