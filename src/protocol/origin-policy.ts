// Which web pages may connect: cross-site WebSocket hijacking is kept out by the Origin that browsers send and agents do not.
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

import type { WebSocketConfig } from '../config/config.js';
import { isLoopback } from '../config/setting-checks.js';

/**
 * @param security its `allowedOrigins`: origins (`https://ide.example.com`), `*` for any; empty: only the server's own, as the `Host`
 * names it. Where callers need no credential a name does not do: whoever owns it can have it point here (DNS rebinding).
 * @returns whether the request's origin may connect; a request without one is no browser's
 */
export function mayConnect(
  { allowedOrigins, requireAuth }: Pick<WebSocketConfig['security'], 'allowedOrigins' | 'requireAuth'>,
  request: IncomingMessage,
): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined || allowedOrigins.includes('*')) return true;
  if (allowedOrigins.length > 0) return allowedOrigins.includes(origin);
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  return url !== undefined && url.host === host && (requireAuth || isAddress(url.hostname));
}

function isAddress(hostname: string): boolean {
  return isLoopback(hostname) || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
}
