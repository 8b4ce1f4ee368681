// The socket of a connection, over `ws`: `ws` does the handshake, reads frames and sends control frames; data frames are
// written straight to the TCP socket, already framed, many in one write.
import type { Duplex } from 'node:stream';

import { CloseCode } from '@mcpw/protocol';
import { WebSocket } from 'ws';

import type { Connection } from '../connection/connection.js';
import type { SocketPort } from '../connection/socket-port.js';

/** What `ws` keeps of a message while it arrives; its fields are not in its types. */
interface FrameReader {
  _payloadLength: number;
  _opcode: number;
  _maxPayload: number;
  haveLength(callback: (error: Error) => void): void;
  createError(type: ErrorConstructor, message: string, prefix: boolean, statusCode: number, code: string): Error;
}

const FIRST_CONTROL_OPCODE = 8;

/** A server's WebSocket that knows its connection, so that all sockets share their listeners. */
export class AgentWebSocket extends WebSocket {
  connection!: Connection;
  /** Sentences for the closes that `ws` starts by itself. */
  closeReasons: Readonly<Record<number, string>> = {};

  override close(code?: number, reason?: string | Buffer): void {
    super.close(code, reason ?? (code === undefined ? undefined : this.closeReasons[code]));
  }

  /** `ws` limits messages; this limits the single frame as well (`websocket.security.max_frame_size`). */
  limitFrames(maxFrameBytes: number): void {
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
