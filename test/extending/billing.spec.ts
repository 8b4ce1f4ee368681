// A team's own module gets what the built-in methods have, without a line for it.
import { resolve } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { AsyncApi } from '../support/async-api.js';
import { createKey } from '../support/keys.js';
import { startServer, type TestServer } from '../support/start-server.js';

const BILLING_SERVER = resolve(import.meta.dirname, '../../dist/examples/billing/server.js');

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ main: BILLING_SERVER });
});

describe.each(['json', 'binary'] as const)('a module of a team’s own, in %s', (encoding) => {
  it('its methods answer, each tenant by itself', async () => {
    const account = `a-${encoding}`;
    const [acme, globex] = await Promise.all(
      ['acme', 'globex'].map(async (tenant) => {
        const { key } = await createKey(server, { tenant, scopes: ['billing:write', 'billing:read'] });
        return server.client({ key, encoding });
      }),
    );
    await acme?.call('billing.charge', { account, amount_cents: 250 });
    expect(await acme?.call('billing.balance', { account })).toEqual({ account, charged_cents: 250 });
    expect((await globex?.request('billing.balance', { account }))?.result?.charged_cents ?? 0).toBe(0);
  });

  it('authentication and scopes are in force', async () => {
    const { key } = await createKey(server, { scopes: ['billing:read'] });
    const client = await server.client({ key, encoding });
    expect((await client.request('billing.charge', { account: 'a', amount_cents: 1 })).error).toMatchObject({
      code: 4012,
      data: { scope: 'billing:write' },
    });
    const early = await server.connect({ key, encoding });
    expect((await early.request('billing.balance', { account: 'a' })).error?.code).toBeOneOf([4013, 4004]);
  });

  it('its DTOs are', async () => {
    const client = await server.client({ encoding });
    const { error } = await client.request('billing.charge', { account: 'a', amount_cents: 'many', extra: 1 });
    expect(error).toMatchObject({
      code: 4005,
      data: { errors: expect.arrayContaining([expect.objectContaining({ path: expect.any(String) })]) },
    });
  });

  it('a request with an idempotency key charges once', async () => {
    const client = await server.client({ encoding });
    const account = `once-${encoding}`;
    const meta = { idempotency_key: `charge-${encoding}` };
    await client.call('billing.charge', { account, amount_cents: 100 }, meta);
    await client.call('billing.charge', { account, amount_cents: 100 }, meta);
    expect((await client.call('billing.balance', { account })).charged_cents).toBe(100);
  });

  it('its tool is listed with a schema from its DTO, and runs', async () => {
    const client = await server.client({ encoding });
    const { tools } = await client.call('tool.list', { query: 'billing' });
    const tool = tools.find(({ name }: { name: string }) => name === 'billing_balance');
    expect(tool.inputSchema).toMatchObject({ type: 'object', properties: { account: { type: 'string' } } });
    await client.call('billing.charge', { account: `tool-${encoding}`, amount_cents: 5 });
    const { result } = await client.call('tool.execute', { name: 'billing_balance', arguments: { account: `tool-${encoding}` } });
    expect(result.structured).toEqual({ account: `tool-${encoding}`, charged_cents: 5 });
  });

  it('its tool writes into a context of the caller’s tenant', async () => {
    const tenant = `statements-${encoding}`;
    const { key } = await createKey(server, {
      tenant,
      scopes: ['billing:write', 'billing:read', 'tools:execute', 'contexts:write', 'contexts:read'],
    });
    const client = await server.client({ key, encoding });
    await client.call('billing.charge', { account: 'a', amount_cents: 5 });
    for (const version of [1, 2]) {
      const { result } = await client.call('tool.execute', { name: 'billing_statement', arguments: { account: 'a' } });
      expect(result.structured).toMatchObject({ id: 'billing-statements', tenant_id: tenant, version });
    }
    const { items } = await client.call('context.get', { context_id: 'billing-statements' });
    expect(items.map(({ content }: { content: string }) => content)).toEqual(Array(2).fill('a was charged 5 cents'));
    const { key: reader } = await createKey(server, { tenant, scopes: ['billing:read', 'tools:execute'] });
    const { error } = await (
      await server.client({ key: reader, encoding })
    ).request('tool.execute', {
      name: 'billing_statement',
      arguments: { account: 'a' },
    });
    expect(error).toMatchObject({ code: 4012, data: { scope: 'contexts:write' } });
  });

  it('what it publishes reaches who is subscribed, of the same tenant, and who comes back later', async () => {
    const client = await server.client({ encoding });
    await client.call('event.subscribe', { events: ['billing.*'] });
    const charged = async (account: string) => client.call('billing.charge', { account, amount_cents: 3 });
    await charged(`heard-${encoding}`);
    const { params: heard } = await client.next('event');
    expect(heard).toMatchObject({ event: 'billing.charged', data: { account: `heard-${encoding}`, amount_cents: 3 } });

    await charged(`missed-${encoding}`);
    const { params: first } = await client.next('event');
    const later = await server.client({ encoding });
    await later.call('event.subscribe', { events: ['billing.*'], since: heard.cursor });
    expect((await later.next('event')).params).toMatchObject({ cursor: first.cursor, data: { account: `missed-${encoding}` } });
  });

  it('its methods have numbers from 0x1000 up', async () => {
    const client = await server.connect({ encoding });
    const { methods } = await client.initialize();
    expect(methods['billing.balance']).toBe(0x1000);
    expect(methods['billing.charge']).toBe(0x1001);
  });
});

it('what it logs is a line like all others', async () => {
  const client = await server.client();
  for (let i = 0; i < 11; i++) await client.request('billing.charge', { account: 'much', amount_cents: 10_000_000 });
  const [line] = await server.printed(/^.*"msg":"credit limit".*$/m);
  expect(JSON.parse(line)).toMatchObject({ level: 40, time: expect.any(Number), context: 'Ledger', account: 'much' });
});

describe('the AsyncAPI document', () => {
  it('is valid, and has its methods beside the built-in ones', async () => {
    const api = await AsyncApi.of(server);
    api.expectValid();
    expect(Object.keys(api.methods)).toEqual(expect.arrayContaining(['initialize', 'tool.execute', 'billing.balance', 'billing.charge']));
    expect(api.methods['billing.charge']).toMatchObject({
      action: 'receive',
      summary: 'Charges an account.',
      'x-mcpw-method-number': 0x1001,
      'x-mcpw-scope': 'billing:write',
    });
    expect(api.document.components.schemas).toMatchObject({
      'billing.charge.params': {
        properties: { account: { type: 'string', maxLength: 64 }, amount_cents: { type: 'integer', maximum: 10_000_000 } },
        required: ['account', 'amount_cents'],
        additionalProperties: false,
      },
      'billing.charge.result': { properties: { account: { type: 'string' }, charged_cents: { type: 'integer' } } },
    });
  });

  it('says of its methods what is so', async () => {
    const api = await AsyncApi.of(server);
    const client = await server.client();
    const params = { account: 'documented', amount_cents: 1 };
    api.expectParams('billing.charge', params);
    api.expectAnswer('billing.charge', await client.request('billing.charge', params));
    api.expectAnswer('billing.balance', await client.request('billing.balance', { account: 'documented' }));
    const unknown = await client.request('billing.balance', { account: 'unknown' });
    expect(unknown.error?.code).toBe(4009);
    api.expectAnswer('billing.balance', unknown);
    expect(api.unseen().filter((member) => member.startsWith('billing.'))).toEqual([]);
  });
});

describe('limits and metrics', () => {
  it('its messages count', async () => {
    const strict = await startServer({ main: BILLING_SERVER, config: { websocket: { rate_limit: { rate: 1, burst: 5 } } } });
    const client = await strict.client();
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.request('billing.balance', { account: 'a' })));
    expect(answers.filter(({ error }) => error?.code === 4002).length).toBeGreaterThanOrEqual(5);
    const metrics = (await strict.rest('GET', '/api/v1/websocket/metrics')).body as string;
    expect(metrics).toMatch(/websocket_message_latency_count\{[^}]*method="billing\.balance"[^}]*\} \d+/);
  });
});
