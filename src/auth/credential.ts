// Where a request carries its credential (PROTOCOL.md §1). Not whether it is a good one.
//
// passport-jwt's extractors are not used: that for `Authorization` matches /(\S+)\s+(\S+)/, which takes 140 ms on a header of
// 16 KB without a space.
import { SUBPROTOCOL } from '@mcpw/protocol';

import { wrongForm } from './refusal.js';

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

/**
 * Of an HTTP request: `Authorization: Bearer`, then `X-API-Key`.
 * @returns null where there is none
 * @throws Failure authentication_failed where there is none but an `Authorization` of another form
 */
export function credentialOf({ headers }: CredentialCarrier): Credential | null {
  return inHeaders(headers) ?? none(headers);
}

/** Of an upgrade: the same, then the subprotocol entry of browsers, then `?ticket=`. First found wins. @throws as `credentialOf` */
export function upgradeCredentialOf({ headers, url }: CredentialCarrier): Credential | null {
  return inHeaders(headers) ?? offeredToken(headers['sec-websocket-protocol']) ?? ticketOf(url) ?? none(headers);
}

function inHeaders(headers: CredentialCarrier['headers']): Credential | null {
  const value = bearerOf(headers.authorization) ?? headers['x-api-key'];
  return typeof value === 'string' ? { kind: 'token', value } : null;
}

/** Who shows something that is no credential here means to show one, and is not to pass for who shows none. */
function none({ authorization }: CredentialCarrier['headers']): null {
  if (authorization !== undefined) throw wrongForm();
  return null;
}

const SCHEME = 'bearer';

/** Another scheme may be a proxy's own (Basic), beside a credential of ours that is somewhere else. */
function bearerOf(header: string | string[] | undefined): string | undefined {
  if (typeof header !== 'string' || header.slice(0, SCHEME.length).toLowerCase() !== SCHEME) return undefined;
  if (header.length === SCHEME.length) return '';
  return header[SCHEME.length] === ' ' ? header.slice(SCHEME.length + 1).trim() : undefined;
}

function offeredToken(header: string | string[] | undefined): Credential | null {
  if (typeof header !== 'string' || !header.includes(SUBPROTOCOL.BEARER_PREFIX)) return null;
  for (const entry of header.split(',')) {
    const name = entry.trim();
    if (name.startsWith(SUBPROTOCOL.BEARER_PREFIX)) {
      return { kind: 'token', value: Buffer.from(name.slice(SUBPROTOCOL.BEARER_PREFIX.length), 'base64url').toString('utf8') };
    }
  }
  return null;
}

function ticketOf(url: string | undefined): Credential | null {
  const query = url?.indexOf('?') ?? -1;
  if (url === undefined || query < 0 || !url.includes('ticket=', query)) return null;
  const value = new URLSearchParams(url.slice(query + 1)).get('ticket');
  return value === null ? null : { kind: 'ticket', value };
}
