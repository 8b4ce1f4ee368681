// Answers that who asks for the endpoint gets in place of a WebSocket (PROTOCOL.md §1).
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

import { ErrorCode } from '@mcpw/protocol';

export interface Refusal {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const DISABLED_RETRY_S = 3600;

export const REFUSALS = {
  unauthenticated: (message: string): Refusal => ({
    status: 401,
    code: ErrorCode.AUTHENTICATION_FAILED,
    message,
    headers: { 'WWW-Authenticate': 'Bearer' },
  }),
  origin: { status: 403, code: ErrorCode.FORBIDDEN, message: 'this origin may not connect' },
  unprotected: (message: string): Refusal => ({ status: 403, code: ErrorCode.SIGNATURE_INVALID, message }),
  notFound: { status: 404, code: ErrorCode.NOT_FOUND, message: 'no WebSocket endpoint here' },
  /** RFC 6455 §4.2.1: what came is no handshake. `Sec-WebSocket-Version` says which there is. */
  noHandshake: (message: string) => ({
    status: 400,
    code: ErrorCode.INVALID_MESSAGE,
    message,
    headers: { 'Sec-WebSocket-Version': '13' },
  }),
  upgradeRequired: {
    status: 426,
    code: ErrorCode.INVALID_MESSAGE,
    message:
      'this is a WebSocket endpoint, and no upgrade was asked for: a proxy before it must pass on the headers Upgrade and Connection',
    headers: { Upgrade: 'websocket', Connection: 'Upgrade' },
  },
  rateLimited: (message: string, retryAfterMs: number): Refusal => ({
    status: 429,
    code: ErrorCode.RATE_LIMITED,
    message,
    headers: { 'Retry-After': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) },
  }),
  unavailable: (message: string, retryAfterSeconds: number): Refusal => ({
    status: 503,
    code: ErrorCode.UNAVAILABLE,
    message,
    headers: { 'Retry-After': String(retryAfterSeconds) },
  }),
  disabled: {
    status: 503,
    code: ErrorCode.UNAVAILABLE,
    message: 'WebSocket is disabled here',
    headers: { 'Retry-After': String(DISABLED_RETRY_S) },
  },
  failed: { status: 500, code: ErrorCode.SERVER_ERROR, message: 'server error' },
} as const;

export const bodyOf = ({ code, message }: Refusal): object => ({ error: { code, message } });

/** Writes the refusal and ends the socket. A peer that has reset it meanwhile does not end the process: nobody else listens for its error. */
export function refuseUpgrade(socket: Duplex, refusal: Refusal): void {
  const { status, headers } = refusal;
  const body = JSON.stringify(bodyOf(refusal));
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.on('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
