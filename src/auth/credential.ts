// Where a request carries its credential (PROTOCOL.md §1). Not whether it is a good one.
//
// passport-jwt's extractors are not used: that for `Authorization` matches /(\S+)\s+(\S+)/, which takes 140 ms on a header of
// 16 KB without a space.
import { SUBPROTOCOL } from '@mcpw/protocol';

/** Sizes above this are refused unread: 16 KB is what Node lets a whole request's headers have. */
export const MAX_CREDENTIAL_LENGTH = 8_192;

export interface Credential {
  readonly kind: 'token' | 'ticket';
  /** Exactly as it was given; may be empty, which is a credential too, and a wrong one. */
  readonly value: string;
}

/** What is read of a request: Node's and Fastify's both fit. */
export interface CredentialCarrier {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly url?: string | undefined;
}

/** Of an HTTP request: `Authorization: Bearer`, then `X-API-Key`. */
export function credentialOf(request: CredentialCarrier): Credential | null {
  const { headers } = request;
  const value = bearerOf(headers.authorization) ?? headers['x-api-key'];
  return typeof value === 'string' ? { kind: 'token', value } : null;
}

/** Of an upgrade: the same, then the subprotocol entry of browsers, then `?ticket=`. First found wins. */
export function upgradeCredentialOf(request: CredentialCarrier): Credential | null {
  const inHeaders = credentialOf(request);
  if (inHeaders !== null) return inHeaders;
  const offered = offeredToken(request.headers['sec-websocket-protocol']);
  if (offered !== null) return { kind: 'token', value: offered };
  const ticket = ticketOf(request.url);
  return ticket === null ? null : { kind: 'ticket', value: ticket };
}

const SCHEME = 'bearer';

/** Another scheme (a proxy's Basic) is not ours, and so no credential. */
function bearerOf(header: string | string[] | undefined): string | undefined {
  if (typeof header !== 'string' || header.slice(0, SCHEME.length).toLowerCase() !== SCHEME) return undefined;
  if (header.length === SCHEME.length) return '';
  return header[SCHEME.length] === ' ' ? header.slice(SCHEME.length + 1).trim() : undefined;
}

function offeredToken(header: string | string[] | undefined): string | null {
  if (typeof header !== 'string' || !header.includes(SUBPROTOCOL.BEARER_PREFIX)) return null;
  for (const entry of header.split(',')) {
    const name = entry.trim();
    if (name.startsWith(SUBPROTOCOL.BEARER_PREFIX)) {
      return Buffer.from(name.slice(SUBPROTOCOL.BEARER_PREFIX.length), 'base64url').toString('utf8');
    }
  }
  return null;
}

function ticketOf(url: string | undefined): string | null {
  const query = url?.indexOf('?') ?? -1;
  if (url === undefined || query < 0 || !url.includes('ticket=', query)) return null;
  return new URLSearchParams(url.slice(query + 1)).get('ticket');
}
