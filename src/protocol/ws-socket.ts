// The socket of a connection, over `ws`: `ws` does the handshake, reads what is not a whole message in one frame, and sends control
// frames; data frames are written straight to the TCP socket, already framed, many in one write.
import type { Duplex } from 'node:stream';

import { CloseCode } from '@mcpw/protocol';
import { WebSocket } from 'ws';

import type { Connection } from '../connection/connection.js';
import type { SocketPort } from '../connection/socket-port.js';
import { readWholeFrames, type MessageTaker } from './whole-frames.js';

/** What `ws` keeps of a message while it arrives; its fields are not in its types. */
interface FrameReader {
  /** 0 where the next byte is a frame's first. */
  _state: number;
  _bufferedBytes: number;
  /** 0 where the next frame is a message's first. */
  _fragmented: number;
  _errored: boolean;
  _payloadLength: number;
  _opcode: number;
  _maxPayload: number;
  haveLength(callback: (error: Error) => void): void;
  createError(type: ErrorConstructor, message: string, prefix: boolean, statusCode: number, code: string): Error;
  write(chunk: Buffer): boolean;
  readonly writableEnded: boolean;
  end(): void;
  /** Ours: whose messages they are. */
  socket?: AgentWebSocket;
}

const FIRST_CONTROL_OPCODE = 8;
const CLOSE_OPCODE = 8;

/** What sockets tell of. One object serves many: a connection then costs no closures, and keeps nothing of its request alive. */
export interface SocketListeners {
  /** @param data has the message from `start` to `end`; a text is all of it */
  onMessage(connection: Connection, data: Buffer, isBinary: boolean, start: number, end: number): void;
  /** A ping or a pong. @returns whether a ping may be answered */
  onControl(connection: Connection): boolean;
  onError(connection: Connection, error: Error): void;
  onClose(connection: Connection, code: number): void;
}

/** From here on a ping is not answered: who sends pings and reads no pongs is not to fill the memory with them. */
const MOST_UNREAD_BYTES = 64 * 1024;

/** A server's WebSocket that knows its connection, so that all sockets share their listeners. */
export class AgentWebSocket extends WebSocket implements MessageTaker {
  connection!: Connection;
  told!: SocketListeners;
  /** Of a single frame. */
  private maxFrameBytes = Infinity;
  /** Sentences for the closes that `ws` starts by itself. */
  closeReasons: Readonly<Record<number, string>> = {};
  private owedPong: Buffer | undefined;

  listen(connection: Connection, told: SocketListeners): void {
    this.connection = connection;
    this.told = told;
    const { reader } = this;
    reader.socket = this;
    reader.write = readChunk;
    reader.end = endOnce;
  }

  /** What `ws` tells of goes to who listens to all sockets: five listeners of its own would be 250 bytes of each. */
  override emit(event: string | symbol, ...details: unknown[]): boolean {
    const { told, connection } = this;
    // `open` comes before there is a connection; all else later.
    if ((connection as Connection | undefined) === undefined) return super.emit(event, ...details);
    const [first, second] = details;
    if (event === 'message') told.onMessage(connection, first as Buffer, second as boolean, 0, (first as Buffer).length);
    else if (event === 'ping') {
      if (told.onControl(connection)) this.owePong(first as Buffer);
    } else if (event === 'pong') told.onControl(connection);
    else if (event === 'error') told.onError(connection, first as Error);
    else if (event === 'close') told.onClose(connection, first as number);
    else return super.emit(event, ...details);
    return true;
  }

  take(bytes: Buffer, isBinary: boolean, start: number, end: number): void {
    this.told.onMessage(this.connection, bytes, isBinary, start, end);
  }

  get mostBytes(): number {
    return Math.min(this.maxFrameBytes, this.reader._maxPayload);
  }

  /**
   * Answers the newest of a turn's pings, which answers those before it as well (RFC 6455 §5.5.3): who sends ten thousand at once has
   * not the loop write ten thousand pongs.
   */
  private owePong(data: Buffer): void {
    if (this.owedPong === undefined) setImmediate(() => this.payPong());
    this.owedPong = data;
  }

  private payPong(): void {
    const data = this.owedPong;
    this.owedPong = undefined;
    if (this.readyState === WebSocket.OPEN && this.bufferedAmount < MOST_UNREAD_BYTES) this.pong(data);
  }

  override close(code?: number, reason?: string | Buffer): void {
    super.close(code, reason ?? (code === undefined ? undefined : this.closeReasons[code]));
  }

  /** `ws` limits messages; this limits the single frame as well (`websocket.security.max_frame_size`). */
  limitFrames(maxFrameBytes: number): void {
    this.maxFrameBytes = maxFrameBytes;
    const { reader } = this;
    const haveLength = reader.haveLength.bind(reader);
    reader.haveLength = (callback): void => {
      if (reader._opcode < FIRST_CONTROL_OPCODE && reader._payloadLength > maxFrameBytes) {
        const message = 'Max frame size exceeded';
        callback(reader.createError(RangeError, message, false, CloseCode.MESSAGE_TOO_BIG, 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'));
        return;
      }
      haveLength(callback);
    };
  }

  /** From the next frame on. */
  limitMessages(maxMessageBytes: number): void {
    this.reader._maxPayload = maxMessageBytes;
  }

  private get reader(): FrameReader {
    return (this as unknown as { _receiver: FrameReader })._receiver;
  }
}

/** Stands before the receiver of `ws`, which gets what is not whole messages and all that belongs to it. */
function readChunk(this: FrameReader, chunk: Buffer): boolean {
  const { write } = Object.getPrototypeOf(this) as FrameReader;
  const isBetween = this._state === 0 && this._bufferedBytes === 0 && this._fragmented === 0;
  if (!isBetween || this._errored || this._opcode === CLOSE_OPCODE) return write.call(this, chunk);
  const read = readWholeFrames(chunk, this.socket as AgentWebSocket);
  if (read === chunk.length) return true;
  return write.call(this, read === 0 ? chunk : chunk.subarray(read));
}

/** `ws` ends its receiver at the end of the stream and again at its close, where Node makes an error with a stack that nobody reads. */
function endOnce(this: FrameReader): void {
  const { end } = Object.getPrototypeOf(this) as FrameReader;
  if (!this.writableEnded) end.call(this);
}

/** How long a peer may take to answer a close before its socket is cut. */
const CLOSE_PATIENCE_MS = 8000;
/** Its callback comes after those of all that was written before. */
const NO_BYTES = new Uint8Array(0);

export class WsSocket implements SocketPort {
  constructor(
    private readonly ws: AgentWebSocket,
    private readonly tcp: Duplex,
  ) {}

  /** Without a callback: the kernel mostly takes all at once, and then a callback costs more than the rest of the write. */
  write(frames: Uint8Array): void {
    this.tcp.write(frames);
  }

  get holdsBytes(): boolean {
    return this.tcp.writableLength > 0;
  }

  onceTaken(done: () => void): void {
    this.tcp.write(NO_BYTES, done);
  }

  writeTogether(writes: () => void): void {
    this.tcp.cork();
    writes();
    this.tcp.uncork();
  }

  ping(): void {
    if (this.ws.readyState === WebSocket.OPEN) this.ws.ping();
  }

  pause(): void {
    this.ws.pause();
  }

  resume(): void {
    this.ws.resume();
  }

  close(code: number, reason: string): void {
    this.ws.close(code, reason);
    setTimeout(() => this.ws.terminate(), CLOSE_PATIENCE_MS).unref();
  }

  terminate(): void {
    this.ws.terminate();
  }
}
