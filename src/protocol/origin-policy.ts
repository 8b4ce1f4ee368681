// Which web pages may connect: cross-site WebSocket hijacking is kept out by the Origin that browsers send and agents do not.
import type { IncomingMessage } from 'node:http';

/**
 * @param allowed origins (`https://ide.example.com`), `*` for any; empty: only the server's own, as the `Host` names it
 * @returns whether the request's origin may connect; a request without one is no browser's
 */
export function mayConnect(allowed: readonly string[], request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined || allowed.includes('*')) return true;
  if (allowed.length > 0) return allowed.includes(origin);
  return URL.canParse(origin) && new URL(origin).host === host;
}
