// What an API key looks like: `mcpw_<id>_<secret><checksum>`, so that scanners of leaked secrets know it by its start and can
// tell it from look-alikes, and a typing error is seen without a lookup. Not whether a key is known: api-key-verifier.ts.
import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const PREFIX = 'mcpw_';
const ID_LENGTH = 12;
/** 62^43 > 2^256. */
const SECRET_LENGTH = 43;
/** 62^6 > 2^32. */
const CHECKSUM_LENGTH = 6;
const SECRET_AT = PREFIX.length + ID_LENGTH + 1;
const CHECKSUM_AT = SECRET_AT + SECRET_LENGTH;
const FORM = /^mcpw_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/;
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** The largest multiple of 62 in a byte: bytes from there up are dropped, or the first eight characters would come more often. */
const EVEN_BYTES = 248;

export interface ParsedApiKey {
  readonly id: string;
  /** SHA-256 of the secret's text: what is stored. Not of the whole key, whose hash goes into a session's keys (PROTOCOL.md §4). */
  readonly secretHash: Buffer;
}

export interface NewApiKey extends ParsedApiKey {
  /** The whole key, to be shown once. */
  readonly text: string;
}

export type RandomBytes = (size: number) => Buffer;

/** @param id of a key that gets another secret; a new key gets a new id */
export function makeApiKey(id?: string, random: RandomBytes = randomBytes): NewApiKey {
  const keyId = id ?? randomText(ID_LENGTH, random);
  const secret = randomText(SECRET_LENGTH, random);
  const body = `${PREFIX}${keyId}_${secret}`;
  return { id: keyId, secretHash: hash('sha256', secret, 'buffer'), text: body + checksum(body) };
}

/** @returns undefined when it is not an API key or was typed wrongly */
export function parseApiKey(text: string): ParsedApiKey | undefined {
  if (!FORM.test(text)) return undefined;
  if (checksum(text.slice(0, CHECKSUM_AT)) !== text.slice(CHECKSUM_AT)) return undefined;
  return {
    id: text.slice(PREFIX.length, PREFIX.length + ID_LENGTH),
    secretHash: hash('sha256', text.slice(SECRET_AT, CHECKSUM_AT), 'buffer'),
  };
}

function checksum(body: string): string {
  let rest = crc32(body);
  let text = '';
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    text = ALPHABET[rest % ALPHABET.length] + text;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return text;
}

function randomText(length: number, random: RandomBytes): string {
  let text = '';
  while (text.length < length) {
    for (const byte of random(length)) {
      if (byte < EVEN_BYTES && text.length < length) text += ALPHABET[byte % ALPHABET.length];
    }
  }
  return text;
}

/** The id in what has the form of an API key, right or wrong: for counting failures by key. */
export function apiKeyIdOf(text: string): string | undefined {
  return FORM.test(text) ? text.slice(PREFIX.length, PREFIX.length + ID_LENGTH) : undefined;
}
