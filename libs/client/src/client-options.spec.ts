import { describe, expect, it } from 'vitest';

import { settle } from './client-options.js';

const BASE = { url: 'ws://server/ws', name: 'test' };

describe('settle', () => {
  it('encrypts frames and signs text where security is simply wanted', () => {
    expect(settle({ ...BASE, security: true }).security).toBe('sign');
    expect(settle({ ...BASE, security: true, encoding: 'binary' }).security).toBe('encrypt');
    expect(settle({ ...BASE, security: 'sign', encoding: 'binary' }).security).toBe('sign');
    expect(settle(BASE).security).toBe('none');
  });

  it('refuses encrypted text, which there is not', () => {
    expect(() => settle({ ...BASE, security: 'encrypt' })).toThrow('text is signed, not encrypted');
  });

  it.each(['http://server/ws', 'server/ws', ''])('refuses the URL "%s"', (url) => {
    expect(() => settle({ ...BASE, url })).toThrow(TypeError);
  });

  it('fills in what of reconnecting is not said', () => {
    expect(settle({ ...BASE, reconnect: { maxAttempts: 3 } }).reconnect).toEqual({ baseMs: 500, maxMs: 30_000, maxAttempts: 3 });
    expect(settle(BASE).reconnect).toEqual({ baseMs: 500, maxMs: 30_000, maxAttempts: Infinity });
    expect(settle({ ...BASE, reconnect: false }).reconnect).toBeUndefined();
  });
});
