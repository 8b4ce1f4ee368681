import { beforeEach, describe, expect, it } from 'vitest';

import { HostNames } from './host-names.js';

const KEPT_HOSTS = 64;

describe('names by which the server is reached', () => {
  let names: HostNames;
  /** Those that are not looked into again. */
  let known: ReadonlySet<string>;
  beforeEach(() => {
    names = HostNames.ofLoopback('127.0.0.1');
    known = (names as unknown as { good: ReadonlySet<string> }).good;
  });

  it('are known again, but no more of them than may be, whatever a client says', () => {
    for (let port = 1; port <= KEPT_HOSTS; port++) expect(names.has(`localhost:${port}`)).toBe(true);
    expect(known).toContain('localhost:1');
    expect(known.size).toBe(KEPT_HOSTS);
    expect(names.has(`localhost:${KEPT_HOSTS + 1}`)).toBe(true);
    expect([...known]).toEqual([`localhost:${KEPT_HOSTS + 1}`]);
    expect(names.has('localhost:1')).toBe(true);
  });

  it('are not known for having been refused', () => {
    for (let i = 0; i < 2; i++) expect(names.has('evil.example')).toBe(false);
    expect(known.size).toBe(0);
    expect(names.has('localhost')).toBe(true);
  });

  it.each(['localhost', 'LOCALHOST:8080', '127.0.0.1:8080', '[::1]:8080', '[::1]'])('of a loopback address are %s', (host) => {
    expect(names.has(host)).toBe(true);
  });

  it.each(['mcp.example.com', 'localhost.example.com', '127.0.0.2', '10.0.0.1:8080', '', undefined])('of 127.0.0.1 are not %s', (host) => {
    expect(names.has(host)).toBe(false);
  });

  it('are those that are given, and no others, addresses of IPv6 in brackets', () => {
    const given = new HostNames(['MCP.example.com', '2001:db8::1']);
    expect(['mcp.example.com:443', '[2001:db8::1]', 'localhost'].map((host) => given.has(host))).toEqual([true, true, false]);
  });
});
