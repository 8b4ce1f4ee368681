// What a session has agreed on beyond plain messages: compression, and signing or encryption (PROTOCOL.md §3, §4).
import { randomBytes } from 'node:crypto';

import { compressFrame, type Compressor, type Frame, type FrameRefusal, type OpenedText, type SecureChannel } from '@mcpw/protocol';

import type { MessageSealer } from '../connection/message-codec.js';
import { FrameFlag } from '@mcpw/protocol';

const NONCE_BYTES = 12;

export class Protection implements MessageSealer {
  /** Frames are answered as they come: encrypted from the first encrypted one on, signed until then. */
  private encrypts = false;

  constructor(
    readonly compressor: Compressor | undefined,
    private readonly thresholdBytes: number,
    private readonly channel: SecureChannel | undefined,
    private readonly now: () => number,
  ) {}

  /** Whether every message is to be signed or encrypted. */
  get isSecured(): boolean {
    return this.channel !== undefined;
  }

  seal(message: string | Uint8Array): string | Uint8Array {
    if (typeof message === 'string') return this.channel === undefined ? message : this.channel.signText(this.dated(message));
    const frame = this.compressor === undefined ? message : compressFrame(message, this.compressor, this.thresholdBytes);
    if (this.channel === undefined) return frame;
    return this.encrypts ? this.channel.encryptFrame(frame) : this.channel.signFrame(frame, this.now());
  }

  /** The JSON text of a signed message. */
  openText(message: string): OpenedText {
    return this.channel === undefined ? { ok: true, json: message } : this.channel.openText(message);
  }

  openFrame(frame: Frame): Frame | FrameRefusal {
    if (this.channel === undefined) return frame;
    const isEncrypted = frame.has(FrameFlag.ENCRYPTED);
    const opened = this.channel.openFrame(frame);
    if (opened.ok && isEncrypted) this.encrypts = true;
    return opened;
  }

  wipe(): void {
    this.channel?.wipe();
  }

  /** `ts` and `nonce` stand first in the envelope. */
  private dated(json: string): string {
    return `{"ts":${this.now()},"nonce":"${randomBytes(NONCE_BYTES).toString('base64url')}",${json.slice(1)}`;
  }
}
