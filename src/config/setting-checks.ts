// Rules for the text of single settings. Each returns what is accepted when the text is not, else undefined.
import { createPublicKey } from 'node:crypto';
import { isIP } from 'node:net';

const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,62})?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,62})?)*$/;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i;

/** Whether only this machine reaches what listens there. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

export const hostCheck = (text: string): string | undefined =>
  isIP(text) !== 0 || HOST_NAME.test(text) ? undefined : 'an IP address or a host name, e.g. 127.0.0.1, 0.0.0.0 or ::';

/** An `Origin` as browsers send it: no path, no final slash, the default port left out. */
export function originCheck(text: string): string | undefined {
  if (text === '*' || text === 'null') return text === '*' ? undefined : 'an origin; "null" is what any sandboxed page sends';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const origin = url && url.host !== '' ? `${url.protocol}//${url.host}` : undefined;
  if (origin !== undefined && origin === text && !text.includes('*')) return undefined;
  const hint = origin !== undefined && !text.includes('*') ? ` (here ${origin})` : '';
  return `"*", or an origin as browsers send it, e.g. https://app.example.com${hint}`;
}

/** An address or a network in CIDR notation. */
export function networkCheck(text: string): string | undefined {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  const isNetwork = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
  return version !== 0 && isNetwork && rest.length === 0 ? undefined : 'an IP address or a network such as 10.0.0.0/8';
}

/** https, or http to this machine: whoever can change the answer of a JWKS URL can sign tokens. */
export function jwksUrlCheck(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url !== undefined && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)));
  return isSafe ? undefined : 'an https URL (http only to this machine)';
}

/** A URL that clients are told: without a query, a fragment or a final slash. */
export function publicUrlCheck(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && !/[?#]|\/$/.test(text);
  return isPlain ? undefined : 'an http or https URL without a query and a final slash, e.g. https://mcp.example.com';
}

/** PEM (SPKI) or JWK text of a public key; a private one does not belong into a verifier's settings. */
export function publicKeyCheck(text: string): string | undefined {
  const form = 'a public key as PEM (-----BEGIN PUBLIC KEY-----) or JWK';
  try {
    if (!text.trimStart().startsWith('{')) {
      if (!text.includes('BEGIN PUBLIC KEY')) return form;
      createPublicKey(text);
      return undefined;
    }
    const jwk = JSON.parse(text) as Record<string, unknown>;
    if ('d' in jwk || 'k' in jwk) return `${form}; this one is private`;
    createPublicKey({ key: jwk, format: 'jwk' });
    return undefined;
  } catch {
    return form;
  }
}
