// Opens a WebSocket with a credential in any of the ways of PROTOCOL.md §1.
import type { IncomingMessage } from 'node:http';

import { WebSocket } from 'ws';

import { within } from './deadline.js';
import { plantToken } from './planted-secrets.js';

export interface HandshakeOptions {
  /** An API key or JWT as `Authorization: Bearer`. */
  readonly key?: string;
  readonly jwt?: string;
  /** As `X-API-Key`. */
  readonly apiKeyHeader?: string;
  /** As the subprotocol entry for browsers. */
  readonly bearerSubprotocol?: string;
  /** As `?ticket=`. */
  readonly ticket?: string;
  /** No credential at all. */
  readonly anonymous?: true;
  readonly subprotocols?: readonly string[];
  readonly origin?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Appended to the URL, without `?`. */
  readonly query?: string;
  readonly perMessageDeflate?: boolean;
  /** False: leaves the server's pings unanswered. */
  readonly autoPong?: boolean;
}

/** The server answered the upgrade with something other than 101. */
export class HandshakeRefused extends Error {
  constructor(
    readonly status: number,
    readonly headers: IncomingMessage['headers'],
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each test knows the shape it asked for
    readonly body: any,
  ) {
    super(`the upgrade was refused: ${status} ${JSON.stringify(body)}`);
  }
}

/** @param attach is called before anything can arrive on the socket */
export async function openSocket(wsUrl: string, options: HandshakeOptions, attach: (socket: WebSocket) => void): Promise<void> {
  const { bearerSubprotocol, subprotocols = [], origin, perMessageDeflate = false, autoPong = true } = options;
  for (const name of ['key', 'jwt', 'apiKeyHeader', 'bearerSubprotocol', 'ticket'] as const)
    plantToken(`a credential of a handshake (${name})`, options[name] ?? '');
  const offered =
    bearerSubprotocol === undefined
      ? subprotocols
      : [...subprotocols, `mcpw.bearer.${Buffer.from(bearerSubprotocol).toString('base64url')}`];
  const socket = new WebSocket(urlOf(wsUrl, options), [...offered], {
    headers: headersOf(options),
    ...(origin === undefined ? {} : { origin }),
    perMessageDeflate,
    autoPong,
    maxPayload: 0,
  });
  attach(socket);
  await within(
    'WebSocket upgrade',
    new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
      socket.once('unexpected-response', (_, response) => void refusal(response).then(reject, reject));
    }),
  );
}

function urlOf(wsUrl: string, { ticket, query }: HandshakeOptions): string {
  const parts = [ticket === undefined ? '' : `ticket=${encodeURIComponent(ticket)}`, query ?? ''].filter((part) => part !== '');
  return parts.length === 0 ? wsUrl : `${wsUrl}?${parts.join('&')}`;
}

function headersOf({ key, jwt, apiKeyHeader, headers }: HandshakeOptions): Record<string, string> {
  const bearer = key ?? jwt;
  return {
    ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    ...(apiKeyHeader === undefined ? {} : { 'x-api-key': apiKeyHeader }),
    ...headers,
  };
}

async function refusal(response: IncomingMessage): Promise<HandshakeRefused> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch {
    // not JSON: the test sees the text
  }
  return new HandshakeRefused(response.statusCode ?? 0, response.headers, body);
}
