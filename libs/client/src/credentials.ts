// Who the client says it is, and where an upgrade carries that (protocol §1). Functions are asked anew for every attempt.
import { SUBPROTOCOL, toBase64url } from '@mcpw/protocol';

import { InvalidOptionError } from './errors.js';
import type { UpgradeRequest } from './platform.js';

/** A value, or a function that gives a fresh one each time. */
export type Source = string | (() => string | Promise<string>);

export interface CredentialSources {
  /** An API key. */
  readonly key: string;
  /** A JWT. A function is asked for a fresh one whenever the client connects, and before the one in use expires. */
  readonly token: Source;
  /** A single-use ticket of `POST /api/v1/websocket/tickets`. A string is good for one connection: there is no coming back with it. */
  readonly ticket: Source;
}

/** One of them, and none of the others. */
type Only<K extends keyof CredentialSources> = {
  readonly [Own in keyof Pick<CredentialSources, K>]?: CredentialSources[Own] | undefined;
} & {
  readonly [Other in Exclude<keyof CredentialSources, K>]?: undefined;
};

/** At most one of them; without any the client is anonymous. */
export type CredentialOptions = Only<'key'> | Only<'token'> | Only<'ticket'>;

export interface Presented {
  readonly request: UpgradeRequest;
  /** The credential's exact bytes as text, for key agreement (protocol §4); empty when anonymous. */
  readonly secret: string;
}

export class Credentials {
  private readonly kind: 'key' | 'token' | 'ticket' | 'none';
  private readonly source: Source;
  private ticketIsUsed = false;

  /** @throws InvalidOptionError where more than one is given, and for one that is none */
  constructor({ key, token, ticket }: CredentialOptions) {
    const given = Object.entries({ key, token, ticket }).filter(([, source]) => source !== undefined);
    const kinds = given.map(([kind]) => kind);
    if (kinds.length > 1) throw new InvalidOptionError(kinds.at(-1) ?? '', `give one credential, not ${kinds.join(' and ')}`);
    this.kind = key !== undefined ? 'key' : token !== undefined ? 'token' : ticket !== undefined ? 'ticket' : 'none';
    const [source] = given.map(([, value]) => value);
    if (source !== undefined && typeof source !== 'function') refuseNone(this.kind, `the ${this.kind}`, source);
    this.source = source ?? '';
  }

  /** Whether another one can be had when this one is refused. */
  get isRenewable(): boolean {
    return typeof this.source === 'function';
  }

  /** Whether it is a token that can be renewed on a connection that is open. */
  get isRenewableToken(): boolean {
    return this.kind === 'token' && this.isRenewable;
  }

  /** @throws what the function throws; InvalidOptionError for what it gives that is none; Error for a ticket that was used */
  async fetch(): Promise<string> {
    if (typeof this.source === 'function') {
      const fresh = await this.source();
      refuseNone(this.kind, `the ${this.kind} that its function gave`, fresh);
      return fresh.trim();
    }
    if (this.kind === 'ticket' && this.ticketIsUsed)
      throw new Error('a ticket is good for one connection: give a function that gets a new one');
    this.ticketIsUsed = true;
    return this.source.trim();
  }

  /**
   * @param sendsHeaders where not, the credential is a subprotocol entry
   * @throws as `fetch`; InvalidOptionError for one that a header cannot carry
   */
  async present(url: string, protocol: string, sendsHeaders: boolean): Promise<Presented> {
    const secret = await this.fetch();
    const plain = { url, protocols: [protocol], headers: {} };
    if (this.kind === 'none') return { request: plain, secret };
    if (this.kind === 'ticket') {
      const withTicket = new URL(url);
      withTicket.searchParams.set('ticket', secret);
      return { request: { ...plain, url: withTicket.href }, secret };
    }
    if (sendsHeaders) {
      refuseUnsendable(this.kind, secret);
      return { request: { ...plain, headers: { Authorization: `Bearer ${secret}` } }, secret };
    }
    const entry = SUBPROTOCOL.BEARER_PREFIX + toBase64url(new TextEncoder().encode(secret));
    return { request: { ...plain, protocols: [protocol, entry] }, secret };
  }
}

/** What it is, is not said: it may be nearly right. */
function refuseNone(kind: string, which: string, credential: unknown): void {
  if (typeof credential !== 'string') throw new InvalidOptionError(kind, `${which} is of type ${typeof credential}, not a string`);
  if (credential.trim() === '') throw new InvalidOptionError(kind, `${which} is empty`);
}

function refuseUnsendable(kind: string, credential: string): void {
  if (!/^[\x20-\x7e\x80-\xff]+$/.test(credential))
    throw new InvalidOptionError(kind, `the ${kind} has characters that a header cannot carry`);
}
