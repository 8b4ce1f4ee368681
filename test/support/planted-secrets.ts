// The secrets of a test file: all that its servers are told or tell of, in each form that they could be written down in. Every server
// is searched for all of them (searched-servers.ts). Helpers plant what they make or get; a test has to do nothing for it.
import { SecretFinder, SHORTEST_SECRET, type Leak } from './secret-finder.js';

const API_KEY = /^mcpw_[0-9A-Za-z]{12}_([0-9A-Za-z]{43})[0-9A-Za-z]{6}$/;
const JWT = /^[\w-]+\.[\w-]+\.([\w-]{16,})$/;
/** Names of settings, headers and variables whose values are nobody else's business. */
const SECRET_NAME = /token|secret|password|authorization|api[_-]?key|admin_key/i;

const finder = new SecretFinder();

/**
 * A key, JWT, ticket or any other text that opens something. Tests also try words as keys: what is shorter than a secret can be is
 * not looked for.
 */
export function plantToken(kind: string, token: string): void {
  if (token.length < SHORTEST_SECRET) return;
  // Of a key and of a JWT the part that proves something: it is in the whole, too.
  finder.add(kind, API_KEY.exec(token)?.[1] ?? JWT.exec(token)?.[1] ?? token);
  const bytes = Buffer.from(token);
  for (const encoding of ['base64', 'base64url'] as const) finder.add(`${kind}, in ${encoding}`, unpadded(bytes.toString(encoding)));
}

export function plantBytes(kind: string, bytes: Buffer): void {
  for (const encoding of ['hex', 'base64', 'base64url'] as const) finder.add(`${kind}, in ${encoding}`, unpadded(bytes.toString(encoding)));
}

/** What settings, headers or variables have in members with the name of a secret, at any depth. */
export function plantNamed(kind: string, members: unknown): void {
  if (typeof members !== 'object' || members === null) return;
  for (const [name, value] of Object.entries(members)) {
    if (typeof value !== 'string') plantNamed(kind, value);
    // `Bearer …` and `${env:…}`: the first is no secret itself, the second names one.
    else if (SECRET_NAME.test(name) && !value.includes('${')) plantToken(`${kind} ${name}`, value.replace(/^bearer /i, ''));
  }
}

/** The secrets that are in a text. */
export function leaksIn(text: string): Leak[] {
  return finder.find(text);
}

function unpadded(base64: string): string {
  return base64.replace(/=+$/, '');
}
