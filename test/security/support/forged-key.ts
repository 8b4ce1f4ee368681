// An API key of somebody's id with another secret and a checksum that fits: what a guesser sends who knows the form of keys.
import { crc32 } from 'node:zlib';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SECRET_AT = 'mcpw_'.length + 12 + 1;
const CHECKSUM_LENGTH = 6;

/** @param key whose secret is used */
export function forgedKey(id: string, key: string): string {
  return checked(`mcpw_${id}_${key.slice(SECRET_AT, -CHECKSUM_LENGTH)}`);
}

/** The CRC-32 of what is before it, as six digits to the base of 62. */
export function checked(body: string): string {
  let rest = crc32(body);
  let checksum = '';
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    checksum = (ALPHABET[rest % ALPHABET.length] ?? '') + checksum;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return body + checksum;
}
