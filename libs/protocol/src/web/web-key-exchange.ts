/** X25519 and HKDF-SHA256 on WebCrypto. PROTOCOL.md §4. */
import { utf8Bytes } from '../msgpack/utf8.js';
import { fromBase64url } from '../security/base64url.js';
import type { AsyncSecureChannel, KeyExchange } from '../security/secure-channel.js';
import {
  HKDF_INFO,
  inputKeyMaterial,
  isAllZero,
  isWellFormed,
  KEY_BYTES,
  type KeyAgreement,
  type KeyPair,
  OKM_BYTES,
  type Role,
  saltOf,
  SessionKeys,
} from '../security/session-keys.js';
import { WebSecureChannel } from './web-secure-channel.js';

type Bytes = Uint8Array<ArrayBuffer>;

/** DER before the raw key: RFC 8410. WebCrypto imports no raw private key. */
const PKCS8_PREFIX = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20);

/** As Node's `deriveSessionKeys`. */
export async function deriveSessionKeys(agreement: KeyAgreement): Promise<SessionKeys | undefined> {
  if (!isWellFormed(agreement)) return undefined;
  const secret = await sharedSecret(agreement);
  if (secret === undefined || isAllZero(secret)) return undefined;
  const ikm = inputKeyMaterial(secret, agreement.credentialHash) as Bytes;
  const key = await crypto.subtle.importKey('raw', ikm, 'HKDF', false, ['deriveBits']);
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt: saltOf(agreement) as Bytes, info: utf8Bytes(HKDF_INFO) as Bytes };
  const okm = await crypto.subtle.deriveBits(parameters, key, 8 * OKM_BYTES);
  secret.fill(0);
  ikm.fill(0);
  return new SessionKeys(new Uint8Array(okm));
}

/** WebCrypto refuses the points of small order, whose secret would be all zero. */
async function sharedSecret({ privateKey, peerPublicKey }: KeyAgreement): Promise<Uint8Array | undefined> {
  try {
    const pkcs8 = new Uint8Array(PKCS8_PREFIX.length + privateKey.length);
    pkcs8.set(PKCS8_PREFIX);
    pkcs8.set(privateKey, PKCS8_PREFIX.length);
    const own = await crypto.subtle.importKey('pkcs8', pkcs8, 'X25519', false, ['deriveBits']).finally(() => pkcs8.fill(0));
    const peer = await crypto.subtle.importKey('raw', peerPublicKey as Bytes, 'X25519', false, []);
    return new Uint8Array(await crypto.subtle.deriveBits({ name: 'X25519', public: peer }, own, 8 * KEY_BYTES));
  } catch {
    return undefined;
  }
}

export async function generateKeyPair(): Promise<KeyPair> {
  const pair = await crypto.subtle.generateKey('X25519', true, ['deriveBits']);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  const { d } = await crypto.subtle.exportKey('jwk', pair.privateKey);
  const privateKey = fromBase64url(d ?? '');
  if (privateKey?.length !== KEY_BYTES) throw new Error('the platform made no X25519 key');
  return { publicKey, privateKey };
}

export const webKeyExchange = {
  generateKeyPair,
  async channel(agreement: KeyAgreement, role: Role): Promise<AsyncSecureChannel | undefined> {
    const keys = await deriveSessionKeys(agreement);
    return keys && WebSecureChannel.open(keys, role);
  },
} satisfies KeyExchange<AsyncSecureChannel>;
