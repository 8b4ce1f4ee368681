// A WebSocket of the `ws` package: it sends headers, shows pings, and tells why an upgrade was refused.
import type { IncomingMessage } from 'node:http';
import type { RawData, WebSocket } from 'ws';

import { UpgradeRefusedError } from './errors.js';
import type { Socket, SocketEvents, UpgradeRequest } from './platform.js';

/** A refusal's body is an error of ours or nothing that is looked at. */
const LARGEST_BODY = 65_536;

export function openWsSocket(
  create: typeof WebSocket,
  request: UpgradeRequest,
  events: SocketEvents,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = new create(request.url, [...request.protocols], {
      headers: { ...request.headers },
      perMessageDeflate: false,
      maxPayload: 0,
    });
    let isOpen = false;
    const giveUp = (): void => socket.terminate();
    signal.addEventListener('abort', giveUp, { once: true });
    socket.on('error', (error) => {
      if (!isOpen) reject(error); // afterwards what follows it is `close`
    });
    socket.once('unexpected-response', (_, response) => {
      void refusal(response).then((error) => {
        reject(error);
        socket.terminate();
      });
    });
    socket.once('open', () => {
      isOpen = true;
      resolve({
        send: (message) => socket.send(message),
        ping: () => socket.ping(),
        close: (code, reason) => socket.close(code, reason),
        terminate: giveUp,
      });
    });
    socket.on('message', (data, isBinary) => events.message(isBinary ? bytesOf(data) : textOf(data)));
    socket.on('ping', () => events.activity());
    socket.on('pong', () => events.activity());
    socket.once('close', (code, reason) => {
      signal.removeEventListener('abort', giveUp);
      if (isOpen) events.closed(code, reason.toString());
      else reject(signal.aborted ? (signal.reason as Error) : new Error('the WebSocket could not be opened'));
    });
  });
}

/** `ws` gives a Buffer of its own for each message, unless told otherwise. */
function bytesOf(data: RawData): Uint8Array {
  return data as Buffer;
}

function textOf(data: RawData): string {
  return (data as Buffer).toString();
}

async function refusal(response: IncomingMessage): Promise<UpgradeRefusedError> {
  const status = response.statusCode ?? 0;
  const retryAfterMs = retryAfter(response.headers['retry-after']);
  let text = '';
  try {
    for await (const chunk of response) {
      text += String(chunk);
      if (text.length > LARGEST_BODY) break;
    }
    const { error } = JSON.parse(text) as { error: { code: number; message: string } };
    return new UpgradeRefusedError(status, error.message, error.code, retryAfterMs);
  } catch {
    return new UpgradeRefusedError(status, `the upgrade was answered with ${status}`, undefined, retryAfterMs);
  }
}

/** Seconds, or a date (RFC 9110 §10.2.3). */
function retryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
