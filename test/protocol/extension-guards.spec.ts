// A gateway that uses what Nest has around a handler keeps it all, and what every method has stays in force before it.
import { resolve } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { createKey } from '../support/keys.js';
import { ENCODINGS } from '../support/message.js';
import { startServer, type TestServer } from '../support/start-server.js';
import type { TestClient } from '../support/test-client.js';

const GUARDED_SERVER = resolve(import.meta.dirname, '../support/fixtures/guarded-server.js');
const UNLIMITED = { websocket: { rate_limit: { enabled: false } } };

/** A server with some of the fixture's modules. */
const startWith = (modules: 'hooks' | 'handlers' | 'global'): Promise<TestServer> =>
  startServer({ main: GUARDED_SERVER, config: UNLIMITED, env: { MODULES: modules } });

const APPLICATIONS = [
  ['an application without more', 'handlers'],
  ['an application with a global guard, interceptor and pipe', 'global'],
] as const;

describe.each(APPLICATIONS)('%s', (_, modules) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startWith(modules);
  });

  describe.each(ENCODINGS)('a handler in %s', (encoding) => {
    let client: TestClient;
    beforeAll(async () => {
      client = await server.client({ encoding });
    });

    it('is run where its guard lets it', async () => {
      expect(await client.call('guarded.say', { word: 'sesame' })).toEqual({ word: 'sesame', tenant: 'default' });
      await server.printed(/guard asked by GuardedGateway\.guarded_say for guarded\.say/);
    });

    it('is 4012 where its guard refuses, and what its guard throws where it throws', async () => {
      expect((await client.request('guarded.say', { word: 'please' })).error).toMatchObject({ code: 4012 });
      expect((await client.request('guarded.say', { word: 'stuck' })).error).toEqual({
        code: 4008,
        message: 'the door is stuck',
        data: { hinge: 'left' },
      });
    });

    it('answers what its interceptor makes of the result', async () => {
      expect(await client.call('guarded.wrapped', { word: 'a' })).toEqual({ inside: { word: 'a', tenant: 'default' } });
    });

    it('gets what its pipe makes of the params', async () => {
      expect(await client.call('guarded.piped', { word: 'quiet' })).toMatchObject({ word: 'QUIET' });
    });

    it('fails as its filter says; what the filter does not catch is 4003, without a word of the inside', async () => {
      expect((await client.request('guarded.filtered', {})).error).toEqual({
        code: 4016,
        message: 'out of order',
        data: { retry_after_ms: 5 },
      });
      const { error } = await client.request('guarded.unfiltered', {});
      expect(error).toMatchObject({ code: 4003, data: { ref: expect.any(String) } });
      expect(JSON.stringify(error)).not.toContain('secret');
    });

    it('is answered {} where its filter keeps silent', async () => {
      expect((await client.request('guarded.silenced', {})).error).toBeUndefined();
    });

    it.each(['plain', 'guarded'])('%s: an observable is answered with its last value, or with what it fails with', async (kind) => {
      const result = await client.call(`${kind}.later`, { word: 'last' });
      expect(kind === 'plain' ? result : result.inside).toEqual({ word: 'last' });
      expect((await client.request(`${kind}.later_failing`, {})).error).toMatchObject({ code: 4009, message: 'no such word' });
    });

    it('a promise of an observable, and anything with a then, are waited for', async () => {
      expect(await client.call('plain.much_later', { word: 'x' })).toEqual({ word: 'x' });
      expect(await client.call('plain.thenable', { word: 'y' })).toEqual({ word: 'y' });
      expect((await client.request('plain.later_crashing', {})).error).toMatchObject({ code: 4003 });
    });

    it('is asked only after scopes and params were checked', async () => {
      const { key } = await createKey(server, { scopes: ['tools:read'] });
      const stranger = await server.client({ key, encoding });
      const before = server.output.length;
      expect((await stranger.request('guarded.say', { word: 'sesame' })).error).toMatchObject({ code: 4012, data: { scope: 'words:say' } });
      for (const params of [{ word: 5 }, { word: 'x'.repeat(11) }, { other: 1 }]) {
        const { error } = await client.request('guarded.say', params);
        expect(error).toMatchObject({ code: 4005, data: { errors: [{ path: expect.stringMatching(/^\/(word|other)$/) }] } });
      }
      await client.call('plain.say', { word: 'z' });
      expect(server.output.slice(before)).not.toContain('guard asked');
    });

    it('runs once for an idempotency key, its guard too', async () => {
      const meta = { idempotency_key: `once-${encoding}` };
      const before = server.output.split('guard asked').length;
      for (let i = 0; i < 3; i++) await client.call('guarded.say', { word: 'sesame' }, meta);
      expect(server.output.split('guard asked').length - before).toBe(1);
    });

    it('of a request-scoped gateway has an instance for each connection', async () => {
      const [one, two] = [await server.client({ encoding }), await server.client({ encoding })];
      expect([await one.call('scoped.plain', {}), await one.call('scoped.plain', {})]).toEqual([{ calls: 1 }, { calls: 2 }]);
      // What is request-scoped is the connection's, whichever of its gateways asks for it.
      expect(await one.call('scoped.count', { word: 'sesame' })).toEqual({ calls: 3 });
      expect(await two.call('scoped.count', { word: 'sesame' })).toEqual({ calls: 1 });
      expect((await two.request('scoped.count', {})).error).toMatchObject({ code: 4012 });
    });
  });
});

describe.each(['hooks', 'handlers', 'global'] as const)('hooks in an application with %s', (modules) => {
  it('handleConnection and handleDisconnect of a gateway are called once for each connection, though it has no methods', async () => {
    const server = await startWith(modules);
    const client = await server.connect({ query: 'visitor=1' });
    await client.initialize({ name: 'the-visitor' });
    await server.printed(/presence: came \/ws\?visitor=1 127\.0\.0\.1/);
    await client.close();
    await server.printed(/presence: went the-visitor/);
    expect(server.output.split('presence: ready')).toHaveLength(2);
    expect(server.output.split('presence: came /ws?visitor=1')).toHaveLength(2);
    expect(server.output.split('presence: went the-visitor')).toHaveLength(2);
  });
});

describe.each(ENCODINGS)('with a global guard, interceptor and pipe, in %s', (encoding) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startWith('global');
  });

  it('the built-in methods do all that they do', async () => {
    const { key } = await createKey(server, { tenant: `all-${encoding}` });
    const client = await server.connect({ key, encoding });
    const session = await client.initialize();
    const { subscription_id: id } = await client.call('event.subscribe', { events: ['job.*'], filter: { n: { $gt: 0 } } });
    await client.call('event.publish', { event: 'job.done', data: { n: 1 } });
    const { cursor } = (await client.next('event')).params;
    const context = await client.call('context.create', {
      name: 'x',
      content: [{ role: 'system', content: 'y' }],
      metadata: { a: { b: 1 } },
    });
    expect(context.items).toHaveLength(1);
    await client.call('context.update', { id: context.id, replace: [{ role: 'user', content: 'z' }], metadata: { a: null, c: [1] } });
    expect(await client.call('context.get', { id: context.id })).toMatchObject({ metadata: { c: [1] }, items: [{ content: 'z' }] });
    const { result } = await client.call('tool.execute', { tool: 'echo', args: { deep: [{ x: 1 }] } });
    expect(result.structured).toEqual({ deep: [{ x: 1 }] });
    await client.call('session.ack', { cursors: { [id]: cursor } });
    const answers = await client.batch([['tool.list'], ['context.get', { id: 'none' }], ['tool.list', { limit: 0 }]]);
    expect(answers.map(({ error }) => error?.code)).toEqual([undefined, 4009, 4005]);
    client.terminate();
    const second = await server.connect({ key, encoding });
    const resume = { session_id: session.session_id, resume_token: session.resume_token };
    expect(await second.initialize({ resume })).toMatchObject({ resumed: true });
    await server.printed(/seen context\.update/);
    await server.printed(/seen initialize/);
  });

  it('the guard is asked for them too, and scopes stay in force', async () => {
    const client = await server.client({ encoding });
    expect((await client.request('context.create', { name: 'forbidden by the guard' })).error).toEqual({
      code: 4012,
      message: 'not at this hour',
    });
    const { key } = await createKey(server, { scopes: ['contexts:read'] });
    const reader = await server.client({ key, encoding });
    expect((await reader.request('context.create', { name: 'x' })).error).toMatchObject({ code: 4012, data: { scope: 'contexts:write' } });
  });
});
