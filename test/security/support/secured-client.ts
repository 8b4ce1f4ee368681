// A connection with keys of its own, byte for byte: what the server sends is kept raw, and what is sent is made by hand.
import { randomUUID } from 'node:crypto';

import { eventually } from '../../support/deadline.js';
import { decryptFrame, encryptFrame, offerKeys, openText, signFrame, signText, type AgreedKeys } from '../../support/session-keys.js';
import type { TestServer } from '../../support/start-server.js';
import type { ConnectOptions, TestClient } from '../../support/test-client.js';

const HEADER_BYTES = 24;
const TRAILER_BYTES = 40;
export const FLAGS = { COMPRESSED: 0x0001, ENCRYPTED: 0x0002, BATCH: 0x0004, SIGNED: 0x0008, JSON: 0x0010 } as const;

export interface Raw {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

export interface TextMessage {
  readonly id?: string;
  readonly type: number;
  readonly method?: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each test knows the shape it asked for
  readonly params?: any;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as params
  readonly result?: any;
  readonly error?: { readonly code: number; readonly message: string };
  readonly ts?: number;
  readonly nonce?: string;
}

export class SecuredClient {
  /** All that came after the keys were agreed on. */
  readonly received: Raw[] = [];
  private taken = 0;
  private counter = 0;

  private constructor(
    readonly client: TestClient,
    readonly keys: AgreedKeys,
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as TextMessage
    readonly session: any,
  ) {
    client.socket.removeAllListeners('message');
    client.socket.on('message', (data: Buffer, isBinary: boolean) => this.received.push({ data, isBinary }));
  }

  /** @param credential whose bytes go into the keys: the one that was shown, unless `params.token` is it */
  static async open(
    server: TestServer,
    options: ConnectOptions = {},
    params: Record<string, unknown> = {},
    credential = options.key ?? server.adminKey,
  ): Promise<SecuredClient> {
    const client = await server.connect(options);
    const offer = offerKeys();
    const session = (await client.initialize({ ...params, security: offer.security })) as {
      security: { public_key: string; nonce: string };
    };
    return new SecuredClient(client, offer.keys(session.security, credential), session);
  }

  /** The next raw message. */
  async next(): Promise<Raw> {
    const raw = await eventually('message', () => this.received[this.taken]);
    this.taken++;
    return raw;
  }

  /** A signed request as text, unsent. */
  text(method: string, params: object = {}, members: object = {}): string {
    return this.signed({ id: randomUUID(), type: 0, method, params, ...members });
  }

  /** Any envelope, with `ts` and `nonce`, signed and unsent. */
  signed(envelope: object): string {
    return signText(JSON.stringify({ ts: Date.now(), nonce: randomUUID(), ...envelope }), this.keys.macToServer);
  }

  signedFrame(frame: Uint8Array, tsMs = Date.now()): Buffer {
    return signFrame(Buffer.from(frame), this.keys.macToServer, tsMs);
  }

  encryptedFrame(frame: Uint8Array, counter = ++this.counter): Buffer {
    return encryptFrame(Buffer.from(frame), this.keys.encToServer, counter);
  }

  send(message: string | Uint8Array): void {
    this.client.send(message);
  }

  /** Sends a signed request and gives its answer. */
  async ask(method: string, params: object = {}): Promise<TextMessage> {
    this.send(this.text(method, params));
    return this.nextText();
  }

  async nextText(): Promise<TextMessage> {
    const { data } = await this.next();
    return this.readText(data);
  }

  /** @throws where it is not signed with this connection's key, or has no `ts` and `nonce` */
  readText(data: Buffer): TextMessage {
    const json = openText(data.toString(), this.keys.macToClient);
    if (json === undefined) throw new Error(`not signed with the connection's key: ${data.toString()}`);
    const message = JSON.parse(json) as TextMessage;
    if (typeof message.ts !== 'number' || typeof message.nonce !== 'string') throw new Error(`without ts or nonce: ${json}`);
    return message;
  }

  /** The frame without its protection. @throws where it has none, or one that does not fit */
  openFrame(data: Buffer): Buffer {
    const flags = data.readUInt16BE(6);
    if ((flags & FLAGS.ENCRYPTED) !== 0) return decryptFrame(data, this.keys.encToClient);
    if ((flags & FLAGS.SIGNED) === 0) throw new Error(`neither signed nor encrypted: ${data.toString('hex')}`);
    const bare = Buffer.from(data.subarray(0, data.length - TRAILER_BYTES));
    bare.writeUInt16BE(flags & ~FLAGS.SIGNED, 6);
    bare.writeUInt32BE(bare.length - HEADER_BYTES, 20);
    const tsMs = Number(data.readBigUInt64BE(data.length - TRAILER_BYTES));
    if (!signFrame(bare, this.keys.macToClient, tsMs).equals(data)) throw new Error(`a wrong signature: ${data.toString('hex')}`);
    return bare;
  }
}

/** Frames of a message: those of a batch, else itself. */
export function framesOf(data: Buffer): Buffer[] {
  if (data[5] !== 6) return [data];
  const frames: Buffer[] = [];
  for (let at = HEADER_BYTES; at < data.length;) {
    const end = at + HEADER_BYTES + data.readUInt32BE(at + 20);
    frames.push(data.subarray(at, end));
    at = end;
  }
  return frames;
}
