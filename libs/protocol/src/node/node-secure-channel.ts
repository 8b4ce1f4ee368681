/** The secure channel on node:crypto: synchronous. PROTOCOL.md §4. */
import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { FrameFlag } from '../catalog/frame-flag.js';
import type { Frame, FrameRefusal } from '../frame/frame.js';
import { HEADER_BYTES } from '../frame/header.js';
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
import type { OpenedText, SecureChannel } from '../security/secure-channel.js';
import { directed, type DirectedKeys, type Role, type SessionKeys } from '../security/session-keys.js';

const ALGORITHM = 'aes-256-gcm';

export class NodeSecureChannel implements SecureChannel {
  private readonly session: SessionKeys;
  private readonly keys: DirectedKeys;
  private readonly incoming = new CounterGuard();
  private outgoing = 0;
  private wiped = false;

  /** Owns `session` from here on, and wipes it. */
  constructor(session: SessionKeys, role: Role) {
    this.session = session;
    this.keys = directed(session, role);
  }

  signText(json: string): string {
    return `${this.mac(this.keys.macOut, json).toString('base64url')}.${json}`;
  }

  openText(message: string): OpenedText {
    const parts = splitSignedText(message);
    if (parts === undefined) return badSignature();
    const expected = Buffer.from(this.mac(this.keys.macIn, parts.json).toString('base64url'));
    // Letters that are not ASCII take more bytes: none of them counts as one of the signature's.
    const shown = Buffer.from(parts.signature);
    return shown.length === expected.length && timingSafeEqual(expected, shown) ? { ok: true, json: parts.json } : badSignature();
  }

  signFrame(frame: Uint8Array, atMs: number): Uint8Array {
    const signed = frameToSign(frame, atMs);
    const macAt = signed.length - MAC_BYTES;
    signed.set(this.mac(this.keys.macOut, signed.subarray(0, macAt)), macAt);
    return signed;
  }

  encryptFrame(frame: Uint8Array): Uint8Array {
    const counter = ++this.outgoing;
    const sealed = frameToEncrypt(frame, counter);
    const cipher = createCipheriv(ALGORITHM, this.alive(this.keys.encOut), gcmNonce(counter), { authTagLength: TAG_BYTES });
    cipher.setAAD(sealed.subarray(0, HEADER_BYTES));
    sealed.set(cipher.update(frame.subarray(HEADER_BYTES)), HEADER_BYTES + COUNTER_BYTES);
    cipher.final();
    sealed.set(cipher.getAuthTag(), sealed.length - TAG_BYTES);
    return sealed;
  }

  openFrame(frame: Frame): Frame | FrameRefusal {
    if (frame.has(FrameFlag.SIGNED)) return this.verify(frame);
    if (frame.has(FrameFlag.ENCRYPTED)) return this.decrypt(frame);
    return refuseUnprotected(frame);
  }

  wipe(): void {
    this.wiped = true;
    this.session.wipe();
  }

  private verify(frame: Frame): Frame | FrameRefusal {
    const { covered, mac, payload, atMs } = signedParts(frame);
    if (!timingSafeEqual(this.mac(this.keys.macIn, covered), mac)) return refuseForged(frame);
    frame.signedAtMs = atMs;
    frame.unwrap(FrameFlag.SIGNED, payload);
    return frame;
  }

  private decrypt(frame: Frame): Frame | FrameRefusal {
    const { header, counter, ciphertext, tag } = sealedParts(frame);
    if (!this.incoming.rises(counter)) return refuseReplay(frame);
    const decipher = createDecipheriv(ALGORITHM, this.alive(this.keys.encIn), gcmNonce(counter), { authTagLength: TAG_BYTES });
    decipher.setAAD(header);
    decipher.setAuthTag(tag);
    const plaintext = decipher.update(ciphertext);
    try {
      decipher.final();
    } catch {
      return refuseForged(frame);
    }
    this.incoming.commit(counter);
    frame.unwrap(FrameFlag.ENCRYPTED, plaintext);
    return frame;
  }

  private mac(key: Uint8Array, data: string | Uint8Array): Buffer {
    return createHmac('sha256', this.alive(key)).update(data).digest();
  }

  private alive(key: Uint8Array): Uint8Array {
    if (this.wiped) throw new Error('the channel is wiped');
    return key;
  }
}
