/** The keys of one connection, and how they are laid out in the HKDF's output. PROTOCOL.md §4. */

/** Bytes of an X25519 key, of each derived key, and of an agreement's nonce. */
export const KEY_BYTES = 32;
export const NONCE_BYTES = 16;
/** Bytes of a SHA-256. */
const HASH_BYTES = 32;
export const OKM_BYTES = 4 * KEY_BYTES;
export const HKDF_INFO = 'mcpw/1';

/** Raw X25519 keys. */
export interface KeyPair {
  publicKey: Uint8Array;
  privateKey: Uint8Array;
}

/** What both ends put in: each its own private key and the other's public one. */
export interface KeyAgreement {
  privateKey: Uint8Array;
  peerPublicKey: Uint8Array;
  /** SHA-256 of the token's exact bytes, of none when anonymous: a server need not keep the token for it. */
  credentialHash: Uint8Array;
  /** 16 bytes each. */
  clientNonce: Uint8Array;
  serverNonce: Uint8Array;
}

export type Role = 'client' | 'server';

export class SessionKeys {
  /** The four keys, each a view of these 128 bytes. */
  private readonly okm: Uint8Array;

  constructor(okm: Uint8Array) {
    if (okm.length !== OKM_BYTES) throw new RangeError(`okm of ${okm.length} bytes is not ${OKM_BYTES}`);
    this.okm = okm;
  }

  get macClientToServer(): Uint8Array {
    return this.part(0);
  }

  get macServerToClient(): Uint8Array {
    return this.part(1);
  }

  get encClientToServer(): Uint8Array {
    return this.part(2);
  }

  get encServerToClient(): Uint8Array {
    return this.part(3);
  }

  /** Overwrites all four keys: they die with the connection. */
  wipe(): void {
    this.okm.fill(0);
  }

  private part(index: number): Uint8Array {
    return this.okm.subarray(index * KEY_BYTES, (index + 1) * KEY_BYTES);
  }
}

/** The four keys as one end uses them. */
export interface DirectedKeys {
  macOut: Uint8Array;
  macIn: Uint8Array;
  encOut: Uint8Array;
  encIn: Uint8Array;
}

export function directed(keys: SessionKeys, role: Role): DirectedKeys {
  const { macClientToServer, macServerToClient, encClientToServer, encServerToClient } = keys;
  return role === 'client'
    ? { macOut: macClientToServer, macIn: macServerToClient, encOut: encClientToServer, encIn: encServerToClient }
    : { macOut: macServerToClient, macIn: macClientToServer, encOut: encServerToClient, encIn: encClientToServer };
}

/** `ikm` of the derivation: the shared secret and the credential's hash, one after the other. */
export function inputKeyMaterial(sharedSecret: Uint8Array, credentialHash: Uint8Array): Uint8Array {
  const ikm = new Uint8Array(sharedSecret.length + credentialHash.length);
  ikm.set(sharedSecret);
  ikm.set(credentialHash, sharedSecret.length);
  return ikm;
}

export function saltOf({ clientNonce, serverNonce }: KeyAgreement): Uint8Array {
  const salt = new Uint8Array(clientNonce.length + serverNonce.length);
  salt.set(clientNonce);
  salt.set(serverNonce, clientNonce.length);
  return salt;
}

/** Whether an agreement's public parts have the right sizes; the rest is the curve's to refuse. */
export function isWellFormed({ peerPublicKey, credentialHash, clientNonce, serverNonce }: KeyAgreement): boolean {
  return (
    peerPublicKey.length === KEY_BYTES &&
    credentialHash.length === HASH_BYTES &&
    clientNonce.length === NONCE_BYTES &&
    serverNonce.length === NONCE_BYTES
  );
}

export function isAllZero(bytes: Uint8Array): boolean {
  let seen = 0;
  for (const byte of bytes) seen |= byte;
  return seen === 0;
}
