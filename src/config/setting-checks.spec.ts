import { generateKeyPairSync } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { hostCheck, isLoopback, jwksUrlCheck, networkCheck, originCheck, publicKeyCheck } from './setting-checks.js';

it.each([
  [hostCheck, ['127.0.0.1', '0.0.0.0', '::', '::1', 'localhost', 'mcpw.internal'], ['', 'a b', 'http://x', '1.2.3.4:80', '-x', 'a..b']],
  [
    originCheck,
    ['*', 'https://app.example.com', 'http://localhost:3000', 'https://[::1]:8443', 'vscode-webview://abc'],
    [
      'null',
      'app.example.com',
      'https://app.example.com/',
      'https://app.example.com/x',
      'https://*.example.com',
      'https://a.example:443',
      'HTTPS://A.example',
    ],
  ],
  [networkCheck, ['10.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8'], ['10.0.0.0/33', '10.0.0.0/8/8', '10.0.0.0/', 'proxy', 'fd00::/129', '/8']],
  [
    jwksUrlCheck,
    ['https://login.example.com/jwks', 'http://127.0.0.1:9000/jwks', 'http://localhost/jwks', 'http://[::1]/jwks'],
    ['http://login.example.com/jwks', 'file:///etc/passwd', 'login.example.com', 'http://localhost.example.com/'],
  ],
])('%o accepts what it should and says what it accepts otherwise', (check, good, bad) => {
  for (const text of good) expect(check(text), text).toBeUndefined();
  for (const text of bad) expect(check(text), text).toMatch(/\w+/);
});

it('knows which hosts only this machine reaches', () => {
  for (const host of ['127.0.0.1', '127.1.2.3', 'localhost', '::1']) expect(isLoopback(host), host).toBe(true);
  for (const host of ['0.0.0.0', '::', '10.0.0.1', 'localhost.example.com', '128.0.0.1', 'x127.0.0.1'])
    expect(isLoopback(host), host).toBe(false);
});

describe('a public key', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  it('is taken as PEM or JWK', () => {
    expect(publicKeyCheck(publicKey.export({ type: 'spki', format: 'pem' }).toString())).toBeUndefined();
    expect(publicKeyCheck(JSON.stringify(publicKey.export({ format: 'jwk' })))).toBeUndefined();
  });

  it.each([
    ['a private key', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
    ['a private JWK', JSON.stringify(privateKey.export({ format: 'jwk' }))],
    ['a shared secret', '{"kty":"oct","k":"c2VjcmV0"}'],
    ['a broken PEM', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'],
    ['broken JSON', '{"kty"'],
    ['other text', 'secret'],
  ])('is not %s', (_, text) => {
    expect(publicKeyCheck(text)).toContain('a public key');
  });
});
