// Whether two requests ask for the same: a hash of their params that the order of members does not change.
import { createHash, type Hash } from 'node:crypto';

/** SHA-256, hex, of the value's canonical form. Bytes, big integers and times are told apart from each other and from text. */
export function canonicalHash(value: unknown): string {
  const hash = createHash('sha256');
  feed(hash, value);
  return hash.digest('hex');
}

function feed(hash: Hash, value: unknown): void {
  if (typeof value !== 'object' || value === null) feedScalar(hash, value);
  else if (value instanceof Uint8Array) hash.update(`b${value.byteLength}:`).update(value);
  else if (value instanceof Date) hash.update(`d${value.getTime()};`);
  else if (Array.isArray(value)) {
    hash.update(`[${value.length}:`);
    for (const element of value) feed(hash, element);
  } else feedObject(hash, value);
}

function feedObject(hash: Hash, value: object): void {
  // A member that is undefined is no member, as in JSON.
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  hash.update(`{${members.length}:`);
  for (const [key, member] of members) {
    feedScalar(hash, key);
    feed(hash, member);
  }
}

function feedScalar(hash: Hash, value: unknown): void {
  // Lengths come first, so that no text can look like the end of one and the beginning of another.
  if (typeof value === 'string') hash.update(`s${value.length}:`).update(value, 'utf16le');
  else hash.update(`${typeof value === 'bigint' ? 'n' : 'v'}${String(value)};`);
}
