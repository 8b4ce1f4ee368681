import { expect, it } from 'vitest';

import { nearAddress } from './near-address.js';

const none = {};

it.each([
  ['127.0.0.1', '127.0.0.1:8080'],
  ['0.0.0.0', '127.0.0.1:8080'],
  ['::', '[::1]:8080'],
  ['fd00::7', '[fd00::7]:8080'],
  ['mcpw.example', 'mcpw.example:8080'],
])('a server on %s is near at %s', (host, authority) => {
  expect(nearAddress({ host, port: 8080, tls: none })).toEqual({ isSecure: false, authority });
});

it('with a certificate it speaks TLS', () => {
  expect(nearAddress({ host: 'h', port: 1, tls: { cert: 'a', key: 'b' } }).isSecure).toBe(true);
});
