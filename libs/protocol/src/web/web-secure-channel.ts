/** The secure channel on WebCrypto: asynchronous, for browsers. PROTOCOL.md §4. */
import { FrameFlag } from '../catalog/frame-flag.js';
import type { Frame, FrameRefusal } from '../frame/frame.js';
import { HEADER_BYTES } from '../frame/header.js';
import { utf8Bytes } from '../msgpack/utf8.js';
import { fromBase64url, toBase64url } from '../security/base64url.js';
import { CounterGuard } from '../security/counter-guard.js';
import {
  badSignature,
  COUNTER_BYTES,
  frameToEncrypt,
  frameToSign,
  gcmNonce,
  MAC_BYTES,
  refuseForged,
  refuseReplay,
  refuseUnprotected,
  sealedParts,
  signedParts,
  splitSignedText,
  TAG_BYTES,
} from '../security/layout.js';
import type { AsyncSecureChannel, OpenedText } from '../security/secure-channel.js';
import { directed, type Role, type SessionKeys } from '../security/session-keys.js';

/** What WebCrypto takes: bytes that no other thread shares, which those of a message never are. */
type Bytes = Uint8Array<ArrayBuffer>;

interface ImportedKeys {
  macOut: CryptoKey;
  macIn: CryptoKey;
  encOut: CryptoKey;
  encIn: CryptoKey;
}

export class WebSecureChannel implements AsyncSecureChannel {
  private readonly incoming = new CounterGuard();
  private outgoing = 0;
  /** Cannot be exported; gone once wiped. */
  private imported: ImportedKeys | undefined;

  private constructor(imported: ImportedKeys) {
    this.imported = imported;
  }

  /** Imports the keys of `session`, which is wiped. */
  static async open(session: SessionKeys, role: Role): Promise<WebSecureChannel> {
    const { macOut, macIn, encOut, encIn } = directed(session, role);
    const imported = {
      macOut: await importMac(macOut, 'sign'),
      macIn: await importMac(macIn, 'verify'),
      encOut: await importCipher(encOut, 'encrypt'),
      encIn: await importCipher(encIn, 'decrypt'),
    };
    session.wipe();
    return new WebSecureChannel(imported);
  }

  async signText(json: string): Promise<string> {
    const mac = await crypto.subtle.sign('HMAC', this.keys.macOut, utf8Bytes(json) as Bytes);
    return `${toBase64url(new Uint8Array(mac))}.${json}`;
  }

  async openText(message: string): Promise<OpenedText> {
    const parts = splitSignedText(message);
    const mac = parts && fromBase64url(parts.signature);
    if (parts === undefined || mac === undefined) return badSignature();
    const authentic = await crypto.subtle.verify('HMAC', this.keys.macIn, mac as Bytes, utf8Bytes(parts.json) as Bytes);
    return authentic ? { ok: true, json: parts.json } : badSignature();
  }

  async signFrame(frame: Uint8Array, atMs: number): Promise<Uint8Array> {
    const signed = frameToSign(frame, atMs);
    const macAt = signed.length - MAC_BYTES;
    const mac = await crypto.subtle.sign('HMAC', this.keys.macOut, signed.subarray(0, macAt) as Bytes);
    signed.set(new Uint8Array(mac), macAt);
    return signed;
  }

  async encryptFrame(frame: Uint8Array): Promise<Uint8Array> {
    const counter = ++this.outgoing;
    const sealed = frameToEncrypt(frame, counter);
    const parameters = gcmParameters(counter, sealed.subarray(0, HEADER_BYTES));
    const plaintext = frame.subarray(HEADER_BYTES) as Bytes;
    const ciphertext = await crypto.subtle.encrypt(parameters, this.keys.encOut, plaintext);
    sealed.set(new Uint8Array(ciphertext), HEADER_BYTES + COUNTER_BYTES);
    return sealed;
  }

  async openFrame(frame: Frame): Promise<Frame | FrameRefusal> {
    if (frame.has(FrameFlag.SIGNED)) return this.verify(frame);
    if (frame.has(FrameFlag.ENCRYPTED)) return this.decrypt(frame);
    return refuseUnprotected(frame);
  }

  wipe(): void {
    this.imported = undefined;
  }

  private async verify(frame: Frame): Promise<Frame | FrameRefusal> {
    const { covered, mac, payload, atMs } = signedParts(frame);
    if (!(await crypto.subtle.verify('HMAC', this.keys.macIn, mac as Bytes, covered as Bytes))) return refuseForged(frame);
    frame.signedAtMs = atMs;
    frame.unwrap(FrameFlag.SIGNED, payload);
    return frame;
  }

  private async decrypt(frame: Frame): Promise<Frame | FrameRefusal> {
    const { header, counter } = sealedParts(frame);
    if (!this.incoming.rises(counter)) return refuseReplay(frame);
    const sealed = frame.payloadBytes().subarray(COUNTER_BYTES) as Bytes;
    let plaintext: ArrayBuffer;
    try {
      plaintext = await crypto.subtle.decrypt(gcmParameters(counter, header), this.keys.encIn, sealed);
    } catch {
      return refuseForged(frame);
    }
    if (!this.incoming.rises(counter)) return refuseReplay(frame);
    this.incoming.commit(counter);
    frame.unwrap(FrameFlag.ENCRYPTED, new Uint8Array(plaintext));
    return frame;
  }

  private get keys(): ImportedKeys {
    if (this.imported === undefined) throw new Error('the channel is wiped');
    return this.imported;
  }
}

function gcmParameters(counter: number, header: Uint8Array): AesGcmParams {
  return { name: 'AES-GCM', iv: gcmNonce(counter) as Bytes, additionalData: header as Bytes, tagLength: 8 * TAG_BYTES };
}

function importMac(key: Uint8Array, usage: 'sign' | 'verify'): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', key as Bytes, { name: 'HMAC', hash: 'SHA-256' }, false, [usage]);
}

function importCipher(key: Uint8Array, usage: 'encrypt' | 'decrypt'): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', key as Bytes, 'AES-GCM', false, [usage]);
}
