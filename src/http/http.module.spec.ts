import { Controller, Get, HttpCode, Logger, Module, Post, ServiceUnavailableException, UseGuards } from '@nestjs/common';
import { Throttle, ThrottlerGuard } from '@nestjs/throttler';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { AuthApp, TEST_ADMIN_KEY } from '../auth/testing/auth-app.js';
import { Failure, type FailureKind } from '../extension/failure.js';
import { HTTP_STATUS } from './failure-status.js';
import { HttpModule } from './http.module.js';

const thrown: { error: unknown } = { error: undefined };

@Controller()
class SpecController {
  @Get('fail')
  fail(): never {
    throw thrown.error;
  }

  @Post('post')
  @HttpCode(200)
  post(): string {
    return 'ok';
  }

  @Get('health/live')
  live(): string {
    return 'alive';
  }

  @Get('own-limit')
  @UseGuards(ThrottlerGuard)
  @Throttle({ default: { limit: 2, ttl: 1_000 } })
  ownLimit(): string {
    return 'ok';
  }
}

@Module({ imports: [HttpModule], controllers: [SpecController] })
class SpecModule {}

let auth: AuthApp;
const start = async (env: Record<string, string> = {}) => {
  auth = await AuthApp.start({ env: { MCPW_ADMIN_KEY: TEST_ADMIN_KEY, ...env }, modules: [SpecModule] });
};
afterEach(async () => {
  vi.restoreAllMocks();
  await auth.stop();
});

const answerTo = async (error: unknown) => {
  thrown.error = error;
  return auth.rest('GET', '/fail');
};

describe('errors', () => {
  it('each kind of failure has its status, code and words', async () => {
    await start();
    const codes = new Set<number>();
    for (const [kind, status] of Object.entries(HTTP_STATUS)) {
      const answer = await answerTo(new Failure(kind as FailureKind, 'the words', { some: 'data' }));
      expect(answer).toMatchObject({ status, body: { error: { code: expect.any(Number), message: 'the words', data: { some: 'data' } } } });
      codes.add(answer.body.error.code);
    }
    expect(codes.size).toBe(Object.keys(HTTP_STATUS).length);
  });

  it('say how to go on: 401 with WWW-Authenticate, 429 and 503 with Retry-After in whole seconds', async () => {
    await start();
    expect((await answerTo(new Failure('authentication_failed', 'x'))).headers).toMatchObject({ 'www-authenticate': 'Bearer' });
    expect((await answerTo(new Failure('rate_limited', 'x', { retry_after_ms: 1_001 }))).headers).toMatchObject({ 'retry-after': '2' });
    expect((await answerTo(new Failure('unavailable', 'x', { retry_after_ms: 1 }))).headers).toMatchObject({ 'retry-after': '1' });
    expect((await answerTo(new Failure('not_found', 'x'))).headers).not.toHaveProperty('retry-after');
  });

  it.each([new Error('the inside'), 'the inside', undefined, null, Object.assign(new Error('the inside'), { statusCode: 500 })])(
    'of the server itself tell nothing but a reference that is in the log',
    async (error) => {
      await start();
      const logged = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
      const { status, body } = await answerTo(error);
      expect(status).toBe(500);
      expect(body).toEqual({ error: { code: 4003, message: 'server error', data: { ref: expect.any(String) } } });
      expect(logged).toHaveBeenCalledWith(expect.stringContaining(body.error.data.ref));
      if (error) expect(logged).toHaveBeenCalledWith(expect.stringContaining('the inside'));
    },
  );

  it.each([
    ['a route that is not there', 'GET', '/nowhere', {}, 404, 4009],
    ['a body that is not JSON', 'POST', '/post', { body: '{', headers: { 'content-type': 'application/json' } }, 400, 4000],
    ['a body of another type', 'POST', '/post', { body: 'x', headers: { 'content-type': 'text/x' } }, 415, 4000],
    ['a body that is too large', 'POST', '/post', { body: { x: 'x'.repeat(1_100_000) } }, 413, 4015],
  ] as const)('of the HTTP stack have the same shape: %s', async (_, method, url, options, status, code) => {
    await start();
    expect(await auth.rest(method, url, options)).toMatchObject({ status, body: { error: { code, message: expect.any(String) } } });
  });

  it('of a route that is not there tells nothing of the query: that may be a ticket', async () => {
    await start();
    const { body } = await auth.rest('GET', '/nowhere?ticket=secret');
    expect(JSON.stringify(body)).toMatch('/nowhere');
    expect(JSON.stringify(body)).not.toMatch('secret');
  });

  it('a body that the thrower made stays as it is: a health report', async () => {
    await start();
    const report = { status: 'error', details: { storage: { status: 'down' } } };
    expect(await answerTo(new ServiceUnavailableException(report))).toMatchObject({ status: 503, body: report });
  });
});

describe('an address that asks too often', () => {
  it('is refused with 429 until the minute is over, for all routes together, also such as are not there', async () => {
    await start({ MCPW_WEBSOCKET_RATE_LIMIT_HANDSHAKES_PER_MINUTE: '3' });
    const statuses = [];
    for (const url of ['/nowhere', '/nowhere', '/api/v1/keys', '/api/v1/keys', '/nowhere'])
      statuses.push((await auth.rest('GET', url)).status);
    expect(statuses).toEqual([404, 404, 200, 429, 429]);
    auth.clock.time += 30_000;
    const { headers, body } = await auth.rest('GET', '/api/v1/keys');
    expect(headers).toMatchObject({ 'retry-after': '30' });
    expect(body.error).toMatchObject({ code: 4002, data: { retry_after_ms: 30_000, scope: 'ip' } });
    auth.clock.time += 30_000;
    expect((await auth.rest('GET', '/api/v1/keys')).status).toBe(200);
  });

  it('may ask whether the server lives', async () => {
    await start({ MCPW_WEBSOCKET_RATE_LIMIT_HANDSHAKES_PER_MINUTE: '1' });
    for (let i = 0; i < 5; i++) expect((await auth.app.inject({ url: '/health/live' })).statusCode).toBe(200);
  });

  it('is not refused where rate limits are off', async () => {
    await start({ MCPW_WEBSOCKET_RATE_LIMIT_HANDSHAKES_PER_MINUTE: '1', MCPW_WEBSOCKET_RATE_LIMIT_ENABLED: 'false' });
    for (let i = 0; i < 5; i++) expect((await auth.rest('GET', '/api/v1/keys')).status).toBe(200);
  });

  it('behind a trusted proxy is the client, not the proxy', async () => {
    await start({ MCPW_WEBSOCKET_RATE_LIMIT_HANDSHAKES_PER_MINUTE: '1', MCPW_WEBSOCKET_SECURITY_TRUSTED_PROXIES: '127.0.0.1' });
    const ask = async (client: string) => (await auth.rest('GET', '/api/v1/keys', { headers: { 'x-forwarded-for': client } })).status;
    expect([await ask('192.0.2.1'), await ask('192.0.2.2'), await ask('192.0.2.1')]).toEqual([200, 200, 429]);
  });
});

it("a module's own routes can have limits of their own, by ThrottlerGuard and @Throttle", async () => {
  await start();
  const statuses = [];
  for (let i = 0; i < 3; i++) statuses.push((await auth.app.inject({ url: '/own-limit' })).statusCode);
  expect(statuses).toEqual([200, 200, 429]);
});
