// From the bytes of one WebSocket message to the messages in it, each read or refused on its own.
import { Inject, Injectable } from '@nestjs/common';
import {
  ErrorCode,
  FrameFlag,
  isAnswer,
  MessageType,
  parseText,
  readFrame,
  type Compressor,
  type Frame,
  type FrameRefusal,
  type ParsedFrame,
  type ParsedMessage,
  type Refusal,
} from '@mcpw/protocol';

import { Config } from '../config/config.js';
import type { Connection } from '../connection/connection.js';
import type { MessageId, WireError } from '../connection/message-codec.js';
import type { ErrorName } from '../connection/traffic-meter.js';
import { jsonProblem } from '../validation/census/json-census.js';
import { Codecs } from './codecs.js';
import { FrameInbound, type FrameReading } from './frame-inbound.js';
import { ReplayGuard } from './guards/replay.guard.js';
import type { Inbound } from './inbound.js';
import { MethodTable } from './method-table.js';
import { Protection } from './protection.js';
import { TextInbound } from './text-inbound.js';

/** A message that is answered with an error at once: it could not be read as what it should be. */
export interface Refused {
  readonly refusal: WireError;
  readonly name: ErrorName;
  /** The id of the request of ours that it was an answer to, where it was one and that could be read. The error does not bear it: the peer may have a request of that id. */
  readonly answers?: MessageId;
  encode(error: WireError): string | Uint8Array;
}

export type ReadMessage = Inbound | Refused;

@Injectable()
export class Reader {
  /** Of sessions without compression, and of those with it. */
  private readonly plainly: FrameReading;
  private readonly inflating = new Map<Compressor, FrameReading>();

  constructor(
    @Inject(Config) private readonly config: Config,
    private readonly codecs: Codecs,
    private readonly methods: MethodTable,
    private readonly replay: ReplayGuard,
  ) {
    this.plainly = { codec: codecs.binary, compressor: undefined, maxMessageBytes: config.websocket.maxMessageBytes };
  }

  private readingWith(compressor: Compressor | undefined): FrameReading {
    if (compressor === undefined) return this.plainly;
    let reading = this.inflating.get(compressor);
    if (reading === undefined) this.inflating.set(compressor, (reading = { ...this.plainly, compressor }));
    return reading;
  }

  /** @param data valid UTF-8: the socket has checked it */
  readText(connection: Connection, data: Buffer): ReadMessage | ReadMessage[] {
    const protection = protectionOf(connection);
    let json = data;
    let text: string | undefined;
    if (protection?.isSecured === true) {
      const opened = protection.openText(data.toString());
      if (!opened.ok) return this.refuseText({ ...opened, type: -1, id: '' });
      text = opened.json;
      json = data.subarray(data.length - Buffer.byteLength(text));
    }
    const problem = jsonProblem(json);
    if (problem !== undefined) return this.refuseText({ ...leadingHead(json), code: ErrorCode.TOO_LARGE, message: problem });
    const parsed = parseText(text ?? data.toString());
    if (!parsed.ok) return this.refuseText(parsed);
    if (protection?.isSecured === true && (parsed.envelope.ts === undefined || parsed.envelope.nonce === undefined)) {
      const { id, type } = parsed.envelope;
      return this.refuseText({ id, type, code: ErrorCode.SIGNATURE_INVALID, message: 'a signed message has ts and nonce' });
    }
    if (parsed.envelope.members === undefined) return this.textMessage(parsed);
    const { id, type, members, ts, nonce } = parsed.envelope;
    // Its members are signed by it, and need no times and nonces of their own.
    const replayed = this.replay.refusal(connection, ts, nonce);
    if (replayed !== undefined) return this.refuseText({ id, type, code: ErrorCode.REPLAY_REJECTED, message: replayed.message });
    if (members.length > this.config.websocket.maxBatch) return this.refuseText({ id, type, ...this.tooMany(members.length) });
    connection.outbox.batcher = this.codecs.batcher;
    return members.map((member) => this.textMessage(member));
  }

  /** Of the frame that is `data[start, end)`. */
  readFrame(connection: Connection, data: Buffer, start: number, end: number): ReadMessage | ReadMessage[] {
    const frame = readFrame(data, this.config.websocket.maxMessageBytes, start, end);
    return frame.ok && frame.members !== undefined ? this.batch(connection, frame, frame.members) : this.frameMessage(connection, frame);
  }

  private batch(connection: Connection, frame: Frame, members: readonly ParsedFrame[]): ReadMessage | ReadMessage[] {
    if (members.length > this.config.websocket.maxBatch) {
      const { code, message } = this.tooMany(members.length);
      return this.frameMessage(connection, frame.refuse(code, message));
    }
    connection.outbox.batcher = this.codecs.batcher;
    return members.map((member) => this.frameMessage(connection, member));
  }

  private tooMany(count: number): { code: number; message: string } {
    return { code: ErrorCode.INVALID_MESSAGE, message: `batch of ${count} messages exceeds max_batch ${this.config.websocket.maxBatch}` };
  }

  private textMessage(parsed: ParsedMessage): ReadMessage {
    if (!parsed.ok) return this.refuseText(parsed);
    return new TextInbound(parsed.envelope, this.codecs.text, this.methods.find(parsed.envelope.method));
  }

  private refuseText({ type, id, code, message }: Omit<Refusal, 'ok'>): Refused {
    if (!isAnswer(type)) return { refusal: { code, message }, name: nameOf(code), encode: (error) => this.codecs.text.error(id, 0, error) };
    const encode = (error: WireError): string => this.codecs.text.error('', 0, error);
    return { refusal: { code, message }, name: nameOf(code), encode, ...(id !== '' && { answers: id }) };
  }

  private frameMessage(connection: Connection, parsed: ParsedFrame): ReadMessage {
    const protection = protectionOf(connection);
    const nonce = parsed.ok && parsed.type === MessageType.NOTIFICATION && parsed.has(FrameFlag.SIGNED) ? signatureOf(parsed) : undefined;
    const frame = parsed.ok ? opened(parsed, protection) : parsed;
    if (frame.ok) {
      return new FrameInbound(frame, this.readingWith(protection?.compressor), this.methods.findNumber(frame.method), nonce);
    }
    return this.refuseFrame(frame);
  }

  private refuseFrame({ type, sequenceId, method, code, message }: FrameRefusal): Refused {
    const isOurs = isAnswer(type);
    const encode = (error: WireError): Uint8Array => this.codecs.binary.error(isOurs ? 0 : sequenceId, method, error);
    return { refusal: { code, message }, name: nameOf(code), encode, ...(isOurs && sequenceId !== 0 && { answers: sequenceId }) };
  }
}

/** An id of 128 characters, the type, and what stands before them. */
const LEADING_BYTES = 768;
/** What is signed may have its time and nonce before them. */
const LEADING_HEAD =
  /^\s*\{\s*(?:"ts"\s*:\s*\d+\s*,\s*)?(?:"nonce"\s*:\s*"[^"\\]{8,64}"\s*,\s*)?"id"\s*:\s*"([^"\\]{1,128})"\s*(?:,\s*"type"\s*:\s*([0-6])\s*,)?/;

/** Id and type of a message that is not parsed, where they come first, as clients write them. */
function leadingHead(data: Buffer): { id: string; type: number } {
  const head = LEADING_HEAD.exec(data.toString('utf8', 0, LEADING_BYTES));
  return { id: head?.[1] ?? '', type: Number(head?.[2] ?? -1) };
}

const SIGNATURE_END_BYTES = 24;

/** Enough of the signature to know it again. */
function signatureOf({ bytes, end }: Frame): string {
  return Buffer.from(bytes.subarray(end - SIGNATURE_END_BYTES, end)).toString('base64url');
}

/** The frame without signature or encryption; refused where it has one and no keys were agreed. */
function opened(frame: Frame, protection: Protection | undefined): ParsedFrame {
  if (protection?.isSecured === true) return protection.openFrame(frame);
  if (!frame.has(FrameFlag.SIGNED | FrameFlag.ENCRYPTED)) return frame;
  return frame.refuse(ErrorCode.INVALID_MESSAGE, 'the frame is signed or encrypted, and no keys were agreed in initialize');
}

function protectionOf(connection: Connection): Protection | undefined {
  return connection.sealer instanceof Protection ? connection.sealer : undefined;
}

const NAMES = new Map<number, ErrorName>(Object.entries(ErrorCode).map(([name, code]) => [code, name.toLowerCase() as ErrorName]));

function nameOf(code: number): ErrorName {
  return NAMES.get(code) ?? 'invalid_message';
}
