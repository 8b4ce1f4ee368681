// A WebSocket as the standard has it: that of browsers, and Node's own since 22. It shows neither pings nor why an upgrade
// was refused.
import type { Socket, SocketEvents } from './platform.js';

/** What is used of it; the standard's own type is the browser's, and Node's differs. */
export interface StandardWebSocket {
  binaryType: string;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: unknown) => void) | null;
  send(data: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
}

const CLOSED_ABNORMALLY = 1006;

export function openStandardSocket(create: () => StandardWebSocket, events: SocketEvents, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = create();
    socket.binaryType = 'arraybuffer';
    let isOpen = false;
    let isClosed = false;
    const closed = (code: number, reason: string): void => {
      if (isClosed) return;
      isClosed = true;
      signal.removeEventListener('abort', giveUp);
      if (isOpen) events.closed(code, reason);
      else reject(signal.aborted ? (signal.reason as Error) : new Error('the WebSocket could not be opened'));
    };
    const giveUp = (): void => {
      socket.close();
      closed(CLOSED_ABNORMALLY, 'given up');
    };
    signal.addEventListener('abort', giveUp, { once: true });
    socket.onopen = () => {
      isOpen = true;
      resolve({
        send: (message) => socket.send(message),
        close: (code, reason) => socket.close(code, reason),
        terminate: giveUp,
      });
    };
    socket.onmessage = ({ data }) => {
      if (!isClosed) events.message(typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer));
    };
    socket.onclose = ({ code, reason }) => closed(code, reason);
    socket.onerror = () => undefined; // what follows it is `close`
  });
}
