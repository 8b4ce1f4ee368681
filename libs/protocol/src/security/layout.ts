/** Where the pieces of protected messages are, whoever does the cryptography. PROTOCOL.md §4. */
import { ErrorCode } from '../catalog/error-code.js';
import { FrameFlag } from '../catalog/frame-flag.js';
import type { Frame, FrameRefusal } from '../frame/frame.js';
import { HEADER_BYTES, HeaderOffset, patchHeader, SIGNATURE_BYTES, uint16At, uint64At } from '../frame/header.js';
import type { OpenedText } from './secure-channel.js';

export const MAC_BYTES = 32;
export const COUNTER_BYTES = 8;
export const TAG_BYTES = 16;
const SIGNATURE_CHARACTERS = 43;

/** `SIG.JSON` in two, or `undefined` where there is no signature. */
export function splitSignedText(message: string): { signature: string; json: string } | undefined {
  if (message[SIGNATURE_CHARACTERS] !== '.') return undefined;
  return { signature: message.slice(0, SIGNATURE_CHARACTERS), json: message.slice(SIGNATURE_CHARACTERS + 1) };
}

/** A frame with room for the trailer, its header patched and `ts` written: all but the MAC, which is over all but itself. */
export function frameToSign(frame: Uint8Array, atMs: number): Uint8Array {
  const signed = new Uint8Array(frame.length + SIGNATURE_BYTES);
  signed.set(frame);
  patchHeader(signed, flagsOf(frame) | FrameFlag.SIGNED, signed.length - HEADER_BYTES);
  writeUint64(signed, frame.length, atMs);
  return signed;
}

/** What a signature is over, the signature, and what is signed, as views of the frame. */
export function signedParts(frame: Frame): { covered: Uint8Array; mac: Uint8Array; payload: Uint8Array; atMs: number } {
  const { bytes, offset, end } = frame;
  const tsAt = end - SIGNATURE_BYTES;
  return {
    covered: bytes.subarray(offset, end - MAC_BYTES),
    mac: bytes.subarray(end - MAC_BYTES, end),
    payload: bytes.subarray(offset + HEADER_BYTES, tsAt),
    atMs: uint64At(bytes, tsAt),
  };
}

/** A frame with room for counter and tag, its header patched (it is the additional data) and the counter written. */
export function frameToEncrypt(frame: Uint8Array, counter: number): Uint8Array {
  const sealed = new Uint8Array(frame.length + COUNTER_BYTES + TAG_BYTES);
  sealed.set(frame.subarray(0, HEADER_BYTES));
  patchHeader(sealed, flagsOf(frame) | FrameFlag.ENCRYPTED, sealed.length - HEADER_BYTES);
  writeUint64(sealed, HEADER_BYTES, counter);
  return sealed;
}

/** Additional data, counter, ciphertext and tag, as views of the frame. */
export function sealedParts(frame: Frame): { header: Uint8Array; counter: number; ciphertext: Uint8Array; tag: Uint8Array } {
  const { bytes, offset, end } = frame;
  const at = offset + HEADER_BYTES;
  return {
    header: bytes.subarray(offset, at),
    counter: uint64At(bytes, at),
    ciphertext: bytes.subarray(at + COUNTER_BYTES, end - TAG_BYTES),
    tag: bytes.subarray(end - TAG_BYTES, end),
  };
}

/** The AES-GCM nonce of a counter: 4 zero bytes and the counter. */
export function gcmNonce(counter: number): Uint8Array {
  const nonce = new Uint8Array(4 + COUNTER_BYTES);
  writeUint64(nonce, 4, counter);
  return nonce;
}

export function badSignature(): OpenedText & { ok: false } {
  return { ok: false, code: ErrorCode.SIGNATURE_INVALID, message: 'the signature is missing or wrong' };
}

export function refuseUnprotected(frame: Frame): FrameRefusal {
  return frame.refuse(ErrorCode.SIGNATURE_INVALID, 'the message is neither signed nor encrypted');
}

export function refuseForged(frame: Frame): FrameRefusal {
  return frame.refuse(ErrorCode.SIGNATURE_INVALID, 'the message is not authentic');
}

export function refuseReplay(frame: Frame): FrameRefusal {
  return frame.refuse(ErrorCode.REPLAY_REJECTED, 'the encryption counter does not rise');
}

function flagsOf(frame: Uint8Array): number {
  return uint16At(frame, HeaderOffset.FLAGS);
}

function writeUint64(bytes: Uint8Array, offset: number, value: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint32(offset, Math.floor(value / 0x1_0000_0000));
  view.setUint32(offset + 4, value >>> 0);
}
