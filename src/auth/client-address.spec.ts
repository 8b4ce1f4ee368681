import { describe, expect, it } from 'vitest';

import { clientAddress } from './client-address.js';

const from = (remoteAddress: string | undefined, forwarded?: string) => ({
  socket: { remoteAddress },
  headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
});

describe('without trusted proxies', () => {
  const addressOf = clientAddress([]);

  it("is the socket's, whatever the client says", () => {
    expect(addressOf(from('192.0.2.1', '198.51.100.7'))).toBe('192.0.2.1');
  });

  it('is plain IPv4 where that is mapped into IPv6, and empty when the socket is gone', () => {
    expect(addressOf(from('::ffff:192.0.2.1'))).toBe('192.0.2.1');
    expect(addressOf(from('2001:db8::1'))).toBe('2001:db8::1');
    expect(addressOf(from(undefined))).toBe('');
  });
});

describe('behind trusted proxies', () => {
  const addressOf = clientAddress(['10.0.0.0/8', '192.0.2.1', '2001:db8:1::/48']);

  it.each([
    ['what the proxy heard', '10.1.2.3', '198.51.100.7', '198.51.100.7'],
    ['also over IPv4 mapped into IPv6', '::ffff:10.1.2.3', '198.51.100.7', '198.51.100.7'],
    ['also over IPv6', '2001:db8:1::9', '2001:db8:2::7', '2001:db8:2::7'],
    ['the nearest that is no proxy', '10.1.2.3', '203.0.113.9, 198.51.100.7, 192.0.2.1', '198.51.100.7'],
    ['not what the client made up before it', '10.1.2.3', '127.0.0.1, 198.51.100.7', '198.51.100.7'],
    ['the farthest where all are proxies', '10.1.2.3', '10.0.0.7, 10.0.0.8', '10.0.0.7'],
    ['without a port', '10.1.2.3', '198.51.100.7:4711', '198.51.100.7'],
    ['without a port and brackets', '10.1.2.3', '[2001:db8:2::7]:4711', '2001:db8:2::7'],
    ['the proxy where it passed on nonsense', '10.1.2.3', '198.51.100.7, unknown', '10.1.2.3'],
    ['the proxy where it passed on nothing', '10.1.2.3', '', '10.1.2.3'],
    ['the socket of one that is no proxy', '198.51.100.9', '203.0.113.9', '198.51.100.9'],
  ])('is %s', (_, remote, forwarded, expected) => {
    expect(addressOf(from(remote, forwarded))).toBe(expected);
  });
});
