import type { IncomingMessage } from 'node:http';

import { describe, expect, it } from 'vitest';

import { mayConnect } from './origin-policy.js';

const from = (origin: string | undefined, host: string): IncomingMessage => ({ headers: { origin, host } }) as IncomingMessage;

describe('mayConnect', () => {
  const own = { allowedOrigins: [], requireAuth: true };
  const open = { allowedOrigins: [], requireAuth: false };

  it.each([
    ['no origin', undefined, 'localhost:8080', true],
    ['the own origin', 'http://localhost:8080', 'localhost:8080', true],
    ['the own origin by a name', 'https://mcpw.example', 'mcpw.example', true],
    ['another port', 'http://localhost:3000', 'localhost:8080', false],
    ['another site', 'https://evil.example', 'mcpw.example', false],
    ['a sandboxed page', 'null', 'localhost:8080', false],
    ['nonsense', 'x', 'x', false],
  ])('%s', (_, origin, host, may) => {
    expect(mayConnect(own, from(origin, host))).toBe(may);
  });

  it('takes those that are listed, and then no others', () => {
    const listed = { allowedOrigins: ['https://ide.example'], requireAuth: true };
    expect(mayConnect(listed, from('https://ide.example', 'mcpw.example'))).toBe(true);
    expect(mayConnect(listed, from('https://mcpw.example', 'mcpw.example'))).toBe(false);
    expect(mayConnect({ allowedOrigins: ['*'], requireAuth: false }, from('https://evil.example', 'mcpw.example'))).toBe(true);
  });

  it.each([
    ['localhost', 'http://localhost:8080', true],
    ['an IPv4 address', 'http://127.0.0.1:8080', true],
    ['an IPv6 address', 'http://[::1]:8080', true],
    ['a name, which anybody may have pointed here', 'http://rebound.example:8080', false],
    ['a name that only begins like an address', 'http://127.0.0.1.rebound.example:8080', false],
  ])('without credentials: %s', (_, origin, may) => {
    expect(mayConnect(open, from(origin, new URL(origin).host))).toBe(may);
  });
});
