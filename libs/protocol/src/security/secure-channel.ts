/**
 * The protection of one connection, from one end: signs and encrypts what goes out, checks and decrypts what comes in.
 * Node's adapter answers at once, that of browsers with promises; the layouts they share are `layout.ts`.
 */
import type { Frame, FrameRefusal } from '../frame/frame.js';
import type { KeyAgreement, KeyPair } from './session-keys.js';

export type OpenedText = { ok: true; json: string } | { ok: false; code: number; message: string };

/** Refusals are 4011 for what is not authentic, 4010 for a counter that does not rise. PROTOCOL.md §4. */
export interface SecureChannel {
  /** `SIG.JSON` of a text message; `ts` and `nonce` must be inside already. */
  signText(json: string): string;
  /** The JSON text of a `SIG.JSON` message. */
  openText(message: string): OpenedText;
  /** @param atMs now, in milliseconds since the epoch. */
  signFrame(frame: Uint8Array, atMs: number): Uint8Array;
  encryptFrame(frame: Uint8Array): Uint8Array;
  /** Takes signature or encryption off a frame, in place; one that has neither is refused. A batch's members are opened one by one. */
  openFrame(frame: Frame): Frame | FrameRefusal;
  /** Overwrites the keys; nothing can be protected or opened afterwards. */
  wipe(): void;
}

/** The same, for platforms whose cryptography is asynchronous. Messages of a direction are passed in order, one at a time. */
export interface AsyncSecureChannel {
  signText(json: string): Promise<string>;
  openText(message: string): Promise<OpenedText>;
  signFrame(frame: Uint8Array, atMs: number): Promise<Uint8Array>;
  encryptFrame(frame: Uint8Array): Promise<Uint8Array>;
  openFrame(frame: Frame): Promise<Frame | FrameRefusal>;
  wipe(): void;
}

/** Key agreement; `undefined` where the peer's key or the shared secret is refused. */
export interface KeyExchange<Channel> {
  generateKeyPair(): KeyPair | Promise<KeyPair>;
  channel(agreement: KeyAgreement, role: 'client' | 'server'): Channel | undefined | Promise<Channel | undefined>;
}
