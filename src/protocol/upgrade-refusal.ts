// Answers that an upgrade gets in place of a WebSocket (PROTOCOL.md §1).
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

import { ErrorCode } from '@mcpw/protocol';

export interface Refusal {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

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
  failed: { status: 500, code: ErrorCode.SERVER_ERROR, message: 'server error' },
} as const;

/** Writes the refusal and ends the socket. */
export function refuseUpgrade(socket: Duplex, { status, code, message, headers }: Refusal): void {
  const body = JSON.stringify({ error: { code, message } });
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.once('finish', () => socket.destroy());
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
