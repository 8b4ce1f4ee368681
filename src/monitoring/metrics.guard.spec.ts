import type { ExecutionContext } from '@nestjs/common';
import { describe, expect, it } from 'vitest';

import type { HttpAuthGuard } from '../auth/http-auth.guard.js';
import type { Config } from '../config/config.js';
import { MetricsGuard } from './metrics.guard.js';

/** Whether somebody without a credential is let in. */
function isOpen(host: string, headers: Record<string, string>): boolean {
  const auth = { canActivate: () => Promise.resolve(false) } as unknown as HttpAuthGuard;
  const context = { switchToHttp: () => ({ getRequest: () => ({ headers }) }) } as unknown as ExecutionContext;
  return new MetricsGuard({ host } as Config, auth).canActivate(context) === true;
}

describe('the metrics', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1:8080'],
    ['127.0.0.1', 'localhost:8080'],
    ['::1', '[::1]:8080'],
    ['127.0.0.2', '127.0.0.2:8080'],
  ])('are open on %s, to who asks for %s', (address, host) => {
    expect(isOpen(address, { host })).toBe(true);
  });

  it.each(['0.0.0.0', '10.0.0.5', '::'])('are not where the server listens on %s', (address) => {
    expect(isOpen(address, { host: 'localhost:8080' })).toBe(false);
    expect(isOpen(address, { host: address })).toBe(false);
  });

  it.each(['forwarded', 'via', 'x-real-ip', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'])(
    'are not to who comes by a proxy that adds %s',
    (name) => {
      expect(isOpen('127.0.0.1', { host: '127.0.0.1:8080', [name]: '' })).toBe(false);
    },
  );

  it('are not to who comes by another name, as by a proxy that adds nothing, or by none', () => {
    expect(isOpen('127.0.0.1', { host: 'mcp.example.com' })).toBe(false);
    expect(isOpen('127.0.0.1', {})).toBe(false);
  });
});
