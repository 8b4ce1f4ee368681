// An HTTP request to `/mcp` that was let in.
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Authenticated } from '../../auth/authenticated.js';
import type { Credential } from '../../connection/connection.js';
import type { LimitedPeer } from '../../protocol/rate-limiter.js';

export interface McpRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly who: Authenticated;
  /** Whose rate limits it falls under. */
  readonly peer: LimitedPeer;
  /** Of every response to it. */
  readonly headers: Readonly<Record<string, string>>;
}

export const credentialOf = ({ who: { credential, expiresAt } }: McpRequest): Credential => ({ ...credential, expiresAt });

/** Whether the client takes an answer of this type; one that says nothing takes all. */
export function accepts({ headers: { accept } }: IncomingMessage, type: 'application/json' | 'text/event-stream'): boolean {
  if (accept === undefined) return true;
  return accept.includes(type) || accept.includes('*/*') || accept.includes(`${type.slice(0, type.indexOf('/'))}/*`);
}
