import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { expect, it } from 'vitest';

import { systemClock } from '../extension/clock.js';
import { jwtKeys } from './jwt-keys.js';

const pemOf = ({ publicKey }: { publicKey: KeyObject }): string => publicKey.export({ type: 'spki', format: 'pem' }).toString();
const keysOf = (settings: object) => jwtKeys({ tenantClaim: 'tenant', ...settings }, systemClock);

it.each([
  ['a secret', { secret: 'x'.repeat(32) }, ['HS256']],
  ['an RSA key', { publicKey: pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 })) }, ['RS256']],
  ['a P-256 key', { publicKey: pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' })) }, ['ES256']],
  ['an Ed25519 key', { publicKey: pemOf(generateKeyPairSync('ed25519')) }, ['EdDSA', 'Ed25519']],
  ['a set', { jwksUrl: 'https://login.test/jwks' }, ['RS256', 'ES256', 'EdDSA', 'Ed25519']],
])('%s fixes the algorithms', (_, settings, algorithms) => {
  expect(keysOf(settings)?.algorithms).toEqual(algorithms);
});

it('without a key there is none', () => {
  expect(keysOf({})).toBeUndefined();
});

it.each([
  ['a short secret', { secret: 'x'.repeat(31) }, /auth\.jwt\.secret: 31 bytes/],
  ['a short RSA key', { publicKey: pemOf(generateKeyPairSync('rsa', { modulusLength: 1024 })) }, /1024 bits/],
  ['another curve', { publicKey: pemOf(generateKeyPairSync('ec', { namedCurve: 'P-384' })) }, /secp384r1/],
  ['another kind of key', { publicKey: pemOf(generateKeyPairSync('x25519')) }, /x25519/],
  ['no key at all', { publicKey: 'hello' }, /auth\.jwt\.public_key: neither/],
  ['two', { secret: 'x'.repeat(32), jwksUrl: 'https://login.test/jwks' }, /only one of secret, jwks_url/],
])("%s is refused at start, with the setting's name", (_, settings, message) => {
  expect(() => keysOf(settings)).toThrow(message);
});
