// Nothing crosses tenants: every method, notification, route and metric, with ids of one tenant, by an admin of another. What is not
// there and what is another's are answered alike. A method or a route without a case here fails the test.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { McpHttp } from '../mcp/support/mcp-http.js';
import { McpSocket } from '../mcp/support/mcp-socket.js';
import { DemoServer } from '../federation/support/demo.js';
import { eventually } from '../support/deadline.js';
import { createKey } from '../support/keys.js';
import { ENCODINGS } from '../support/message.js';
import type { RestAnswer } from '../support/server-process.js';
import type { Answer, TestClient } from '../support/test-client.js';
import { madeUp, MARK, OWNER, secretsOf, SHARED, STRANGER, twoTenants, type Ids, type TwoTenants } from './support/two-tenants.js';

const upstream = new DemoServer('http');
let world: TwoTenants;
beforeAll(async () => {
  world = await twoTenants((await upstream.start()).entry.url);
}, 90_000);
afterAll(() => upstream.kill());

const TIMES = ['duration_ms', 'timestamp', 'created_at', 'updated_at', 'last_used_at', 'retry_after_ms'];
const VARYING = [...TIMES, 'id', 'session_id', 'resume_token', 'batched'];

/** What may differ between an answer about what is another's and one about what is not there: the id that was asked for, and times. */
function comparable(answer: unknown, ids: Ids): string {
  let text = JSON.stringify(answer, (name, value: unknown) => (VARYING.includes(name) ? undefined : value));
  for (const [name, id] of Object.entries(ids)) if (id.length > 4) text = text.replaceAll(id, `<${name}>`);
  return text;
}

/** What the stranger registers itself, by names of the owner's sources: its own log tells of it. */
const OWN_TOOL = new RegExp(`${MARK}(?:up|file|api)\\.x\\b`, 'g');

/** Nothing of the owner's is in it but what the asker said itself. */
function expectNoSecret(answers: string, asked: string, where: string): void {
  const text = answers.replaceAll(OWN_TOOL, '');
  for (const secret of secretsOf(world)) if (!asked.includes(secret)) expect(text, where).not.toContain(secret);
}

type Case = (ids: Ids) => readonly [params: object, meta?: object];

/** Of every method that the server knows. */
const METHODS: Readonly<Record<string, readonly Case[]>> = {
  initialize: [({ session, resumeToken }) => [{ name: 'x', version: '1', resume: { session_id: session, resume_token: resumeToken } }]],
  'tool.list': [
    () => [{ limit: 1000 }],
    ({ tool }) => [{ query: tool }],
    () => [{ source: 'agents' }],
    () => [{ source: `${MARK}up` }],
    () => [{ source: `${MARK}api` }],
  ],
  'tool.execute': [
    ({ tool }) => [{ name: tool, arguments: {} }],
    ({ upstreamTool }) => [{ name: upstreamTool, arguments: { text: 'x' } }],
    ({ fileUpstreamTool }) => [{ name: fileUpstreamTool, arguments: { text: 'x' } }],
    ({ apiTool }) => [{ name: apiTool, arguments: {} }],
    ({ context }) => [{ name: 'context_read', arguments: { context_id: context } }],
    ({ context }) => [{ name: 'context_append', arguments: { context_id: context, content: 'x' } }],
    () => [{ name: 'context_search', arguments: { query: MARK } }],
  ],
  'tool.cancel': [({ request }) => [{ request_id: request }], ({ forwarded }) => [{ request_id: forwarded }]],
  'tool.progress': [({ forwarded }) => [{ request_id: forwarded, progress: 1, message: 'x' }]],
  'tool.register': [
    ({ tool }) => [{ tools: [{ name: tool, description: 'x', inputSchema: { type: 'object' } }] }],
    ({ upstreamName }) => [{ tools: [{ name: `${upstreamName}.x`, description: 'x', inputSchema: { type: 'object' } }] }],
    ({ fileUpstreamName }) => [{ tools: [{ name: `${fileUpstreamName}.x`, description: 'x', inputSchema: { type: 'object' } }] }],
    ({ apiName }) => [{ tools: [{ name: `${apiName}.x`, description: 'x', inputSchema: { type: 'object' } }] }],
  ],
  'tool.unregister': [({ tool }) => [{ names: [tool] }]],
  'tool.changed': [() => [{}]],
  'context.create': [
    ({ context }) => [{ id: context, name: 'x' }],
    ({ idempotencyKey }) => [{ name: 'x' }, { idempotency_key: idempotencyKey }],
  ],
  'context.get': [({ context }) => [{ context_id: context }], ({ context, item }) => [{ id: context, before: item }]],
  'context.update': [
    ({ context }) => [{ context_id: context, content: 'x' }],
    ({ context }) => [{ context_id: context, version: 1, content: 'x' }],
    ({ context }) => [{ context_id: context, metadata: { x: 1 } }],
  ],
  'context.delete': [({ context }) => [{ context_id: context }], ({ context }) => [{ context_id: context, version: 99 }]],
  'context.list': [
    () => [{ name_prefix: MARK }],
    ({ key }) => [{ agent_id: `key:${key}` }],
    ({ contextCursor }) => [{ cursor: contextCursor }],
  ],
  'context.search': [() => [{ query: MARK }]],
  'event.subscribe': [() => [{ events: ['**'], since: 'earliest' }], ({ eventCursor }) => [{ events: ['plans.*'], since: eventCursor }]],
  'event.unsubscribe': [({ subscription }) => [{ subscription_id: subscription }], () => [{ events: ['**'] }]],
  'event.publish': [() => [{ event: 'plans.changed', data: { from: 'a stranger' } }]],
  'session.ack': [({ subscription, eventCursor }) => [{ cursors: { [subscription]: eventCursor } }]],
  'session.authenticate': [() => [{ token: world.owner.agent.key }], () => [{ token: world.owner.admin.key }]],
  ping: [() => [{}]],
  pong: [({ forwarded }) => [{ id: forwarded }]],
  event: [({ subscription }) => [{ subscription_id: subscription, event: 'plans.changed', data: {} }]],
  'event.gap': [({ subscription }) => [{ subscription_id: subscription, from: '1', to: '2' }]],
  'server.draining': [() => [{ reconnect_in_ms: 1 }]],
};

/** Of methods that name a thing: what is said of one that is another's. */
const NOT_FOUND = ['context.get', 'context.update', 'context.delete'];

async function strangerIn(encoding: 'json' | 'binary'): Promise<TestClient> {
  return world.server.client({ key: world.strangers.admin.key, encoding }, { capabilities: { tools: true } });
}

describe.each(ENCODINGS)('an admin of another tenant, in %s', (encoding) => {
  it('has every method of the server in the table', async () => {
    const { methods } = await (await world.server.connect({ encoding })).initialize();
    expect(Object.keys(METHODS).sort()).toEqual(Object.keys(methods as object).sort());
  });

  it.each(Object.entries(METHODS).flatMap(([method, cases]) => cases.map((make, i) => [method, i, make] as const)))(
    '%s (%i) says the same of what is the owner’s and of what is nobody’s',
    async (method, _, make) => {
      const outcomes: string[] = [];
      for (const ids of [world.owner.ids, madeUp(world.owner.ids)]) {
        // Each on a connection of its own, so that neither is the other's past.
        const stranger =
          method === 'initialize' ? await world.server.connect({ key: world.strangers.admin.key, encoding }) : await strangerIn(encoding);
        const [params, meta] = make(ids);
        const given =
          encoding === 'binary' && 'request_id' in params
            ? { ...params, request_id: Number(/\d+$/.exec(params.request_id as string)?.[0]) }
            : params;
        const answer = await stranger.request(method, given, meta);
        await stranger.settle();
        // Its own log tells the names of the owner's that it has given to things of its own.
        const own = method === 'event.subscribe' ? [world.owner.ids.context, world.owner.ids.tool] : [];
        expectNoSecret(JSON.stringify(stranger.messages), JSON.stringify([given, meta, own]), method);
        if (NOT_FOUND.includes(method)) expect(answer.error?.code).toBe(4009);
        outcomes.push(comparable(masked(method, answer), ids));
        await stranger.close();
        await forget(method, ids);
      }
      expect(outcomes[0]).toBe(outcomes[1]);
    },
  );

  it('does nothing with notifications and answers that name what is the owner’s', async () => {
    const stranger = await strangerIn(encoding);
    const { ids } = world.owner;
    for (const [method, cases] of Object.entries(METHODS))
      for (const make of cases) if (method !== 'initialize') stranger.notify(method, make(ids)[0]);
    for (const id of [ids.forwarded, ids.request]) {
      const number = encoding === 'binary' ? Number(/\d+$/.exec(id)?.[0]) : id;
      stranger.respond(number, { status: 'completed', result: { content: [{ type: 'text', text: 'forged' }] } });
      stranger.refuse(number, { code: 4003, message: 'forged' });
    }
    await stranger.settle();
    expectNoSecret(JSON.stringify(stranger.messages), JSON.stringify(ids), 'notifications');
    await stranger.close();
    await forget('context.create', ids);
  });

  it('hears nothing of what happens with the owner, from now on or from the past', async () => {
    const stranger = await strangerIn(encoding);
    const end = `own.end-${encoding}`;
    for (const since of ['earliest', 'latest', world.owner.ids.eventCursor])
      await stranger.call('event.subscribe', { events: ['**'], since });
    const { client, toolAgent } = world.owner;
    const { id } = await client.call('context.create', { name: MARK });
    await client.call('event.publish', { event: 'plans.changed', data: { text: MARK } });
    await toolAgent.call('tool.register', { tools: [{ name: `${MARK}_tool`, description: 'x', inputSchema: { type: 'object' } }] });
    await toolAgent.call('tool.unregister', { names: [`${MARK}_tool`] });
    await client.call('context.delete', { context_id: id });
    await stranger.call('event.publish', { event: end, data: {} });
    await eventually('the stranger’s own event', () =>
      eventsOf(stranger).filter((event) => event === end).length === 3 ? true : undefined,
    );
    // Above the stranger has given names of the owner's to things of its own.
    expectNoSecret(JSON.stringify(stranger.messages), world.owner.ids.context + world.owner.ids.tool, 'events');
    expect(stranger.messages.filter(({ method }) => method === 'tool.changed')).toEqual([]);
    await stranger.close();
  });
});

const eventsOf = (client: TestClient): string[] =>
  client.messages.flatMap(({ method, params }) => (method === 'event' ? [(params as { event: string }).event] : []));

/** Lists have the stranger's own things, whose ids are new each time. */
function masked(method: string, { result, error }: Answer): unknown {
  if (error !== undefined) return error;
  if (method === 'initialize') return { resumed: result.resumed };
  if (method === 'event.publish') return { cursor: typeof result.cursor };
  if (method === 'event.subscribe') return { ...result, cursor: '', subscription_id: '' };
  if (method === 'ping') return {};
  return result as unknown;
}

/** What a case made of its own is gone for the next. */
async function forget(method: string, { context }: Ids): Promise<void> {
  if (method !== 'context.create') return;
  const own = await world.server.client({ key: world.strangers.admin.key });
  await own.request('context.delete', { context_id: context });
  await own.close();
}

interface Request {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: object;
  /** Where it is not the same for all that is not the stranger's. */
  readonly status?: number;
}

const RATE = { rate: 1, burst: 1 };
/** Where nobody listens. */
const NOBODY = 'http://127.0.0.1:9/mcp';
/** Of every route of the OpenAPI document. */
const ROUTES: Readonly<Record<string, readonly ((ids: Ids) => Request)[]>> = {
  'POST /api/v1/keys': [({ tenant }) => ({ body: { name: 'x', tenant, scopes: ['admin'] }, status: 403 })],
  'GET /api/v1/keys': [
    () => ({ status: 200 }),
    ({ tenant }) => ({ query: `tenant=${tenant}`, status: 200 }),
    () => ({ query: 'cursor=MQ', status: 200 }),
  ],
  'POST /api/v1/keys/{id}/rotate': [({ key: id }) => ({ path: { id }, status: 404 })],
  'DELETE /api/v1/keys/{id}': [({ key: id }) => ({ path: { id }, status: 404 })],
  'POST /api/v1/websocket/tickets': [() => ({ status: 201 })],
  'POST /api/v1/upstreams': [
    ({ tenant }) => ({ body: { name: `${MARK}up`, url: NOBODY, tenants: [tenant] }, status: 403 }),
    ({ upstreamName: name }) => ({ body: { name, url: NOBODY }, status: 201 }),
    ({ fileUpstreamName: name }) => ({ body: { name, url: NOBODY }, status: 201 }),
    ({ apiName: name }) => ({ body: { name, url: NOBODY }, status: 201 }),
  ],
  'GET /api/v1/upstreams': [() => ({ status: 200 })],
  'GET /api/v1/upstreams/{id}': [
    ({ upstream: id }) => ({ path: { id }, status: 404 }),
    ({ fileUpstream: id }) => ({ path: { id }, status: 404 }),
  ],
  'POST /api/v1/upstreams/{id}/reconnect': [
    ({ upstream: id }) => ({ path: { id }, status: 404 }),
    ({ fileUpstream: id }) => ({ path: { id }, status: 404 }),
  ],
  'DELETE /api/v1/upstreams/{id}': [
    ({ upstream: id }) => ({ path: { id }, status: 404 }),
    ({ fileUpstream: id }) => ({ path: { id }, status: 404 }),
  ],
  'GET /api/v1/limits': [() => ({ status: 200 })],
  'PUT /api/v1/limits/tenants/{tenant}': [({ tenant }) => ({ path: { tenant }, body: RATE, status: 403 })],
  'DELETE /api/v1/limits/tenants/{tenant}': [({ tenant }) => ({ path: { tenant }, status: 403 })],
  'PUT /api/v1/limits/keys/{id}': [({ key: id }) => ({ path: { id }, body: RATE, status: 404 })],
  'DELETE /api/v1/limits/keys/{id}': [({ key: id }) => ({ path: { id }, status: 404 })],
  'PUT /api/v1/limits/tools/{name}': [({ tool: name, tenant }) => ({ path: { name }, query: `tenant=${tenant}`, body: RATE, status: 403 })],
  'DELETE /api/v1/limits/tools/{name}': [
    ({ tool: name, tenant }) => ({ path: { name }, query: `tenant=${tenant}`, status: 403 }),
    ({ tool: name }) => ({ path: { name }, status: 404 }),
  ],
  'GET /api/v1/audit': [
    () => ({ status: 200 }),
    ({ tenant }) => ({ query: `tenant=${tenant}`, status: 200 }),
    ({ key }) => ({ query: `principal=key:${key}`, status: 200 }),
    () => ({ query: 'cursor=MS45OTkuMA', status: 200 }),
  ],
  'GET /api/v1/websocket/stats': [() => ({ status: 403 })],
  'GET /api/v1/websocket/metrics': [() => ({ status: 200 })],
  'GET /api/v1/websocket/health': [() => ({ status: 200 })],
  'GET /health/live': [() => ({ status: 200 })],
  'GET /health/ready': [() => ({ status: 200 })],
  'GET /api/docs/asyncapi.json': [() => ({ status: 200 })],
  'GET /.well-known/oauth-protected-resource': [() => ({ status: 200 })],
  'GET /.well-known/oauth-protected-resource/mcp': [() => ({ status: 200 })],
};
const METRICS = 'GET /api/v1/websocket/metrics';
/** The metrics are the operator's, and name the sources of its file; who runs them on a loopback address opens them to the machine. */
const withoutSources = (metrics: string): string => metrics.replaceAll(/\b(?:upstream|api)="[^"]*"/g, '');
/** Numbers of the whole server, which change from one moment to the next; lists that grow with what the stranger does itself. */
const CHANGING = [METRICS, 'GET /api/v1/websocket/health', 'GET /api/v1/audit', 'POST /api/v1/websocket/tickets'];

describe('over REST, an admin of another tenant', () => {
  const ask = async (route: string, { path = {}, query, body }: Request): Promise<RestAnswer> => {
    const [method, template] = route.split(' ') as [string, string];
    const url = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => path[name] ?? '');
    return world.server.rest(method, query === undefined ? url : `${url}?${query}`, body, world.strangers.admin.key);
  };

  it('has every route of the document in the table', async () => {
    const { body } = await world.server.rest('GET', '/api/docs/openapi.json');
    const routes = Object.entries(body.paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(Object.keys(ROUTES).sort()).toEqual(routes.sort());
  });

  it.each(Object.entries(ROUTES).flatMap(([route, cases]) => cases.map((make, i) => [route, i, make] as const)))(
    '%s (%i) is told nothing of the owner, and not whether there is one',
    async (route, _, make) => {
      const outcomes: string[] = [];
      for (const ids of [world.owner.ids, madeUp(world.owner.ids)]) {
        const request = make(ids);
        const { status, body } = await ask(route, request);
        expect(status, JSON.stringify(body)).toBe(request.status);
        // An admin's own audit log tells what that admin has tried.
        const asked = route === 'GET /api/v1/audit' ? JSON.stringify(world.owner.ids) + MARK : JSON.stringify(request);
        expectNoSecret(route === METRICS ? withoutSources(body as string) : JSON.stringify(body), asked, route);
        // What was added is gone for the next.
        if (route === 'POST /api/v1/upstreams' && status === 201)
          expect(await ask('DELETE /api/v1/upstreams/{id}', { path: { id: body.id as string } })).toMatchObject({ status: 204 });
        outcomes.push(CHANGING.includes(route) ? String(status) : comparable(body, ids));
      }
      expect(outcomes[0]).toBe(outcomes[1]);
    },
  );

  it('reads the audit log of its own tenant, to the last record', async () => {
    const { client } = world.owner;
    await client.call('context.list');
    let cursor: string | undefined;
    const records: { tenant?: string; principal?: string; session?: string }[] = [];
    do {
      const query = cursor === undefined ? '' : `&cursor=${cursor}`;
      const { body } = await world.server.rest('GET', `/api/v1/audit?limit=200${query}`, undefined, world.strangers.admin.key);
      records.push(...body.records);
      cursor = body.next_cursor as string | undefined;
    } while (cursor !== undefined);
    expect(records.length).toBeGreaterThan(20);
    expect(new Set(records.map(({ tenant }) => tenant))).toEqual(new Set([STRANGER]));
    const owners = [world.owner.admin, world.owner.agent, world.owner.idle, world.colleague].map(({ id }) => `key:${id}`);
    expect(records.filter(({ principal, session }) => owners.includes(principal ?? '') || session === world.owner.ids.session)).toEqual([]);
  });

  it('and the metrics have no tenant, principal, session, context or tool of anybody’s', async () => {
    const { body } = await world.server.rest('GET', '/api/v1/websocket/metrics');
    for (const secret of [...secretsOf(world), OWNER, STRANGER]) expect(withoutSources(body as string)).not.toContain(secret);
  });

  it('sees for which tenants an upstream is, as far as it is one of them; the operator sees all', async () => {
    const seenBy = async (key?: string): Promise<unknown> => {
      const { body } = await world.server.rest('GET', '/api/v1/upstreams', undefined, key);
      const [shared] = body.upstreams.filter(({ name }: { name: string }) => name === SHARED);
      const { body: alone } = await world.server.rest('GET', `/api/v1/upstreams/${shared.id}`, undefined, key);
      expect(alone.tenants).toEqual(shared.tenants);
      return shared.tenants as unknown;
    };
    expect(await seenBy(world.strangers.admin.key)).toEqual([STRANGER]);
    expect(await seenBy(world.owner.admin.key)).toEqual([OWNER]);
    expect(await seenBy()).toEqual([OWNER, STRANGER]);
  });

  it('has an upstream of its own by the name of the owner’s API, and each tenant its own tools', async () => {
    const { ids, client } = world.owner;
    const { url } = upstream.entry;
    const added = await ask('POST /api/v1/upstreams', { body: { name: ids.apiName, url } });
    expect(added).toMatchObject({ status: 201, body: { state: 'connected' } });
    const stranger = await strangerIn('json');
    const echo = { name: `${ids.apiName}.echo`, arguments: { text: 'mine' } };
    expect(JSON.stringify(await stranger.call('tool.execute', echo))).toContain('mine');
    expect((await stranger.request('tool.execute', { name: ids.apiTool })).error?.code).toBe(4009);
    expect((await client.request('tool.execute', echo)).error?.code).toBe(4009);
    expect((await client.call('tool.list', { source: ids.apiName, limit: 100 })).tools.length).toBeGreaterThan(10);
    await stranger.close();
    expect((await ask('DELETE /api/v1/upstreams/{id}', { path: { id: added.body.id as string } })).status).toBe(204);
    // Who sees the API has no room for another of its name.
    const taken = { name: ids.apiName, url };
    expect((await world.server.rest('POST', '/api/v1/upstreams', taken, world.owner.admin.key)).status).toBe(409);
    expect((await world.server.rest('POST', '/api/v1/upstreams', taken)).status).toBe(409);
  });

  it('and a stranger without a credential are told by the probe how many upstreams of tenants fare well, and no names', async () => {
    const { status, body } = await world.server.rest('GET', '/health/ready', undefined, null);
    expect(status).toBe(200);
    for (const secret of [...secretsOf(world), SHARED, OWNER, STRANGER]) expect(JSON.stringify(body)).not.toContain(secret);
    expect(body.details['upstreams:of-tenants']).toEqual({ status: 'up', connected: 2, total: 2 });
  });
});

describe('an agent of another tenant that speaks MCP', () => {
  const cases: readonly (readonly [string, (ids: Ids) => object])[] = [
    ['tools/list', () => ({})],
    ['tools/call', ({ tool }) => ({ name: tool, arguments: {} })],
    ['tools/call', ({ upstreamTool }) => ({ name: upstreamTool, arguments: {} })],
    ['tools/call', ({ fileUpstreamTool }) => ({ name: fileUpstreamTool, arguments: {} })],
    ['tools/call', ({ apiTool }) => ({ name: apiTool, arguments: {} })],
    ['tools/call', ({ context }) => ({ name: 'context_read', arguments: { context_id: context } })],
    ['tools/call', ({ context }) => ({ name: 'context_append', arguments: { context_id: context, content: 'x' } })],
    ['tools/call', () => ({ name: 'context_search', arguments: { query: MARK } })],
    ['resources/list', () => ({})],
    ['resources/list', ({ contextCursor }) => ({ cursor: contextCursor })],
    ['resources/templates/list', () => ({})],
    ['resources/read', ({ context }) => ({ uri: `context://${context}` })],
    ['prompts/list', () => ({})],
    ['prompts/get', ({ upstreamName }) => ({ name: `${upstreamName}.hello`, arguments: { who: 'x' } })],
    ['prompts/get', ({ fileUpstreamName }) => ({ name: `${fileUpstreamName}.hello`, arguments: { who: 'x' } })],
    ['resources/read', ({ fileUpstreamName }) => ({ uri: `${fileUpstreamName}+demo://greeting` })],
    [
      'completion/complete',
      ({ context }) => ({ ref: { type: 'ref/resource', uri: 'context://{id}' }, argument: { name: 'id', value: context.slice(0, 8) } }),
    ],
  ];
  const LEGACY_ONLY = [
    ['resources/subscribe', ({ context }: Ids) => ({ uri: `context://${context}` })],
    ['resources/unsubscribe', ({ context }: Ids) => ({ uri: `context://${context}` })],
  ] as const;

  it.each([...cases, ...LEGACY_ONLY])(
    'over HTTP and WebSocket, %s says the same of what is the owner’s and of what is nobody’s',
    async (method, make) => {
      const { key } = world.strangers.agent;
      const http = new McpHttp(world.server, { key });
      const session = await http.open();
      const socket = await McpSocket.open(world.server, {}, undefined, { key });
      const isLegacy = LEGACY_ONLY.some(([name]) => name === method);
      const outcomes: string[] = [];
      for (const ids of [world.owner.ids, madeUp(world.owner.ids)]) {
        const params = make(ids) as Readonly<Record<string, unknown>>;
        const answers = [
          (await session.request(method, params)).body,
          await socket.request(method, params),
          ...(isLegacy ? [] : [(await http.modern(method, params)).body, await socket.modern(method, params)]),
        ] as unknown[];
        expectNoSecret(JSON.stringify(answers), JSON.stringify(params), method);
        outcomes.push(comparable(answers, ids));
      }
      expect(outcomes[0]).toBe(outcomes[1]);
      await session.end();
    },
  );

  it('cannot use or end the owner’s session, nor hear its stream', async () => {
    const { headers } = world.owner.mcpSession;
    for (const { key } of [world.strangers.agent, world.colleague]) {
      const thief = new McpHttp(world.server, { key });
      for (const [stolen, form] of [
        [headers, 'a session'],
        [{ ...headers, 'mcp-session-id': madeUp(world.owner.ids).mcpSession }, 'none'],
      ] as const) {
        const answers = [
          await thief.send({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, stolen),
          await thief.method('DELETE', stolen),
          await thief.get(stolen),
        ];
        expect(
          answers.map(({ status }) => status),
          form,
        ).toEqual([404, 404, 404]);
      }
    }
  });
});

describe('a colleague of the same tenant', () => {
  it.each(ENCODINGS)('has not this one’s session, idempotency key, subscription, calls and tool, in %s', async (encoding) => {
    const { ids } = world.owner;
    const resume = { session_id: ids.session, resume_token: ids.resumeToken };
    const { key } = await createKey(world.server, { tenant: OWNER });
    const thief = await world.server.connect({ key, encoding });
    expect((await thief.initialize({ resume })).resumed).toBe(false);
    const again = await thief.call('context.create', { name: 'x' }, { idempotency_key: ids.idempotencyKey });
    expect(again.id).not.toBe(ids.context);
    await thief.call('context.delete', { context_id: again.id });
    expect((await thief.call('event.unsubscribe', { subscription_id: ids.subscription })).unsubscribed).toEqual([]);
    expect(await thief.call('session.ack', { cursors: { [ids.subscription]: ids.eventCursor } })).toEqual({});
    const numbered = (id: string) => (encoding === 'binary' ? Number(/\d+$/.exec(id)?.[0]) : id);
    for (const id of [ids.request, ids.forwarded])
      expect((await thief.call('tool.cancel', { request_id: numbered(id) })).cancelled).toBe(false);
    thief.notify('tool.progress', { request_id: numbered(ids.forwarded), progress: 1 });
    thief.respond(numbered(ids.forwarded), { status: 'completed', result: { content: [] } });
    expect((await thief.call('tool.unregister', { names: [ids.tool] })).unregistered).toEqual([]);
    for (const { key: token } of [world.owner.agent, world.owner.admin])
      expect((await thief.request('session.authenticate', { token })).error?.code).toBe(4012);
    expect((await world.server.rest('GET', '/api/v1/audit', undefined, key)).status).toBe(403);
    await thief.close();
  });
});

describe('after all that, the owner', () => {
  it('has everything as it was', async () => {
    const { client, toolAgent, ids, agent, admin, mcpSession } = world.owner;
    expect(await client.call('context.get', { context_id: ids.context })).toMatchObject({ version: 1, item_count: 1, name: `${MARK} one` });
    expect((await client.call('context.list', { name_prefix: MARK, limit: 100 })).contexts).toHaveLength(3);
    expect(client.messages.filter(({ id }) => String(id) === ids.request)).toEqual([]);
    expect(toolAgent.messages.filter(({ method }) => method === 'tool.cancel')).toEqual([]);
    expect((await client.call('tool.list', { source: 'agents' })).tools).toHaveLength(1);
    expect((await client.call('tool.list', { query: `${MARK}up`, limit: 1000 })).tools.length).toBeGreaterThan(0);
    expect(client.messages.filter(({ method, params }) => method === 'event' && JSON.stringify(params).includes('stranger'))).toEqual([]);
    toolAgent.respond(ids.forwarded, { status: 'completed', result: { content: [{ type: 'text', text: 'the right answer' }] } });
    const answer = await eventually('the answer', () => client.messages.find(({ id }) => String(id) === ids.request));
    expect(answer.result).toMatchObject({ status: 'completed', result: { content: [{ text: 'the right answer' }] } });
    await client.call('event.publish', { event: 'plans.end', data: {} });
    await eventually('its event', () => eventsOf(client).find((event) => event === 'plans.end'));
    expect((await mcpSession.request('ping')).status).toBe(200);
    expect((await world.server.rest('GET', `/api/v1/upstreams/${ids.upstream}`, undefined, admin.key)).status).toBe(200);
    const { body } = await world.server.rest('GET', '/api/v1/limits', undefined, admin.key);
    expect(body.limits.map(({ rate }: { rate: number }) => rate)).toEqual([1000, 1000, 1000]);
    await world.server.client({ key: agent.key });
    const again = await client.call(
      'context.create',
      { name: `${MARK} one`, content: [{ role: 'user', content: `the ${MARK} plans` }] },
      { idempotency_key: ids.idempotencyKey },
    );
    expect(again.id).toBe(ids.context);
  });
});
