// What `initialize` agreed on beyond plain messages: compression, and signing or encryption (protocol §3, §4). Takes what is
// to be sent together and makes one WebSocket message of it; opens what comes in. Keeps no order: that is the transport's.
import { FrameFlag, toBase64url, type Frame, type FrameRefusal, type OpenedText } from '@mcpw/protocol';

import { eachInTurn, whenReady, type MaybePromise } from './maybe-promise.js';
import type { Encoded, MessageCodec } from './message-codec.js';
import type { Channel, FrameCompressor, Platform } from './platform.js';

const NONCE_BYTES = 12;
/** What signing or encrypting may add to a message. */
export const PROTECTION_BYTES = 160;

export interface ProtectionOptions {
  readonly compressor?: FrameCompressor | undefined;
  readonly thresholdBytes: number;
  readonly channel?: Channel | undefined;
  /** Whether frames are encrypted; where not, they are signed. Text is always signed. */
  readonly encrypts: boolean;
  readonly maxMessageBytes: number;
}

export class Protection {
  constructor(
    private readonly options: ProtectionOptions,
    private readonly platform: Platform,
  ) {}

  get isSecured(): boolean {
    return this.options.channel !== undefined;
  }

  /** @param messages all text or all frames; several become a batch, of which text is signed as a whole and frames one by one */
  seal(messages: readonly Encoded[], codec: MessageCodec, batchId: () => number): MaybePromise<Encoded> {
    const [first] = messages;
    if (typeof first === 'string') return this.sealText(messages.length === 1 ? first : (codec.batch(batchId(), messages) as string));
    if (messages.length === 1) return this.sealFrame(first as Uint8Array);
    // One after the other: their counters rise in the order of the batch.
    const sealed = eachInTurn(messages as readonly Uint8Array[], (frame) => this.sealFrame(frame));
    return whenReady(sealed, (frames) => codec.batch(batchId(), frames));
  }

  /** The JSON text of a signed message. */
  openText(message: string): MaybePromise<OpenedText> {
    return this.options.channel?.openText(message) ?? { ok: true, json: message };
  }

  openFrame(frame: Frame): MaybePromise<Frame | FrameRefusal> {
    const { channel, compressor, maxMessageBytes } = this.options;
    const opened = channel?.openFrame(frame) ?? frame;
    return whenReady(opened, (open) =>
      open.ok && open.has(FrameFlag.COMPRESSED) && compressor !== undefined ? compressor.inflate(open, maxMessageBytes) : open,
    );
  }

  /** The keys die with the connection. */
  wipe(): void {
    this.options.channel?.wipe();
  }

  private sealText(json: string): MaybePromise<string> {
    const { channel } = this.options;
    if (channel === undefined) return json;
    const nonce = toBase64url(this.platform.randomBytes(NONCE_BYTES));
    return channel.signText(`{"ts":${this.platform.clock.now()},"nonce":"${nonce}",${json.slice(1)}`);
  }

  private sealFrame(frame: Uint8Array): MaybePromise<Uint8Array> {
    const { compressor, thresholdBytes, channel, encrypts } = this.options;
    const compressed = compressor?.compress(frame, thresholdBytes) ?? frame;
    if (channel === undefined) return compressed;
    return whenReady(compressed, (small) => (encrypts ? channel.encryptFrame(small) : channel.signFrame(small, this.platform.clock.now())));
  }
}
