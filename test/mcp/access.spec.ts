// Who may use `/mcp`, and what of it: credentials, scopes, limits, names, origins, tenants, sessions.
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';

import { beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../support/deadline.js';
import { ALL_SCOPES, createKey } from '../support/keys.js';
import type { TestServer } from '../support/start-server.js';
import { EventReader } from './support/event-reader.js';
import { startPlain, startWithFixture } from './support/fixture.js';
import { LEGACY, McpHttp, MODERN, modernRequest } from './support/mcp-http.js';

const ISSUER = 'https://login.example.com';

let server: TestServer;
let admin: McpHttp;

beforeAll(async () => {
  server = await startPlain({
    auth: { jwt: { secret: 'a-secret-of-the-tests-0123456789abcdef', issuer: ISSUER } },
    websocket: { rate_limit: { enabled: false }, security: { allowed_origins: ['https://ide.example.com'] } },
  });
  admin = new McpHttp(server);
});

describe('a credential', () => {
  it('is needed, and where to get one is told', async () => {
    const reply = await new McpHttp(server, { key: null }).modern('tools/list');
    expect(reply.status).toBe(401);
    const challenge = reply.headers.get('www-authenticate') ?? '';
    expect(challenge).toMatch(
      /^Bearer resource_metadata="http:\/\/127\.0\.0\.1:\d+\/\.well-known\/oauth-protected-resource\/mcp", scope="[^"]+"$/,
    );
    const url = /resource_metadata="([^"]+)"/.exec(challenge)?.[1] ?? '';
    const metadata = (await (await fetch(url)).json()) as object;
    expect(metadata).toMatchObject({
      resource: `${server.url}/mcp`,
      authorization_servers: [ISSUER],
      bearer_methods_supported: ['header'],
      scopes_supported: expect.arrayContaining(['tools:read', 'tools:execute']),
    });
    const atRoot = await fetch(`${server.url}/.well-known/oauth-protected-resource`);
    expect(await atRoot.json()).toEqual(metadata);
    expect(atRoot.headers.get('access-control-allow-origin')).toBe('*');
  });

  it('that is wrong is refused, whatever its form', async () => {
    for (const key of ['', 'wrong', 'mcpw_nothing_at_all', 'eyJhbGciOiJub25lIn0.e30.']) {
      const { status } = await new McpHttp(server, { key }).modern('tools/list');
      expect(status).toBe(401);
    }
  });

  it('in the address is none', async () => {
    const { body, headers } = modernRequest('tools/list', {}, {}, {});
    const response = await fetch(`${server.url}/mcp?access_token=${server.adminKey}&token=${server.adminKey}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(401);
  });

  it('as X-API-Key is as good', async () => {
    expect((await new McpHttp(server, { key: null, headers: { 'x-api-key': server.adminKey } }).modern('tools/list')).status).toBe(200);
  });

  it('that is revoked ends its sessions and streams, on connections that are open', async () => {
    const { key, id } = await createKey(server);
    const http = new McpHttp(server, { key });
    const session = await http.open();
    const stream = await session.stream();
    const listen = await http.modernResponse('subscriptions/listen', { notifications: { toolsListChanged: true } });
    expect((await server.rest('DELETE', `/api/v1/keys/${id}`)).status).toBeLessThan(300);
    await eventually('the refusal', async () => ((await session.request('ping')).status === 401 ? true : undefined));
    await expect(stream.messages().catch(() => [])).resolves.toBeInstanceOf(Array);
    await expect(
      listen.text().then(
        () => 'ended',
        () => 'ended',
      ),
    ).resolves.toBe('ended');
    expect((await admin.modern('tools/list')).status).toBe(200);
  });
});

describe('a scope', () => {
  it('that is missing is named, as OAuth has it', async () => {
    const { key } = await createKey(server, { scopes: ['tools:read'] });
    const http = new McpHttp(server, { key });
    const reply = await http.modern('tools/call', { name: 'echo' });
    expect(reply.status).toBe(403);
    expect(reply.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
    expect(reply.headers.get('www-authenticate')).toContain('scope="tools:execute"');
    expect(reply.body.error).toMatchObject({ code: 4012, data: { scope: 'tools:execute' } });
    const session = await http.open();
    expect((await session.request('tools/call', { name: 'echo' })).status).toBe(403);
  });

  it('narrows the tools that are there', async () => {
    const { key } = await createKey(server, { scopes: ['tools:read', 'tools:execute:ech*'] });
    const http = new McpHttp(server, { key });
    const { tools } = (await http.modern('tools/list')).body.result;
    expect(tools.map(({ name }: { name: string }) => name)).toEqual(['echo']);
    expect((await http.modern('tools/call', { name: 'echo' })).status).toBe(200);
    expect((await http.modern('tools/call', { name: 'context_search', arguments: { query: 'x' } })).status).toBe(403);
  });

  it('for contexts is asked for where contexts are', async () => {
    const writer = await server.client();
    const { id } = await writer.call('context.create', { name: 'secret' });
    const { key } = await createKey(server, { scopes: ['tools:read'] });
    const http = new McpHttp(server, { key });
    expect((await http.modern('resources/list')).body.result.resources).toEqual([]);
    expect((await http.modern('resources/templates/list')).body.result.resourceTemplates).toEqual([]);
    expect((await http.modern('resources/read', { uri: `context://${id}` })).status).toBe(403);
    const session = await http.open();
    expect((await session.request('resources/subscribe', { uri: `context://${id}` })).status).toBe(403);
  });
});

describe('another tenant', () => {
  it('sees nothing of this one’s contexts, in the same words as of what is not there', async () => {
    const owner = await createKey(server, { tenant: 'acme', scopes: ALL_SCOPES });
    const other = await createKey(server, { tenant: 'globex', scopes: ALL_SCOPES });
    const writer = await server.client({ key: owner.key });
    const { id } = await writer.call('context.create', { name: 'plans', content: 'of acme' });
    const uri = `context://${id}`;
    const own = new McpHttp(server, { key: owner.key });
    const foreign = new McpHttp(server, { key: other.key });
    expect((await own.modern('resources/read', { uri })).body.result.contents[0].text).toContain('of acme');
    expect((await foreign.modern('resources/list')).body.result.resources).toEqual([]);
    const nothing = (await foreign.modern('resources/read', { uri: 'context://nothing' })).body.error;
    expect((await foreign.modern('resources/read', { uri })).body.error).toEqual({ ...nothing, data: { uri } });
    const session = await foreign.open();
    expect((await session.request('resources/subscribe', { uri })).body.error).toEqual({ ...nothing, code: -32002, data: { uri } });
    expect((await foreign.modern('tools/call', { name: 'context_read', arguments: { context_id: id } })).body.result.isError).toBe(true);
    const response = await foreign.modernResponse('subscriptions/listen', { notifications: { resourceSubscriptions: [uri] } });
    const { value } = await (response.body as ReadableStream<Uint8Array>).getReader().read();
    expect(Buffer.from(value ?? []).toString()).toContain('"notifications":{}');
  });

  it('and another principal have none of this one’s sessions', async () => {
    const [owner, colleague, stranger] = [await createKey(server), await createKey(server), await createKey(server, { tenant: 'globex' })];
    const session = await new McpHttp(server, { key: owner.key }).open();
    for (const { key } of [colleague, stranger]) {
      const thief = new McpHttp(server, { key });
      const stolen = { 'mcp-session-id': session.id, 'mcp-protocol-version': LEGACY };
      expect((await thief.send({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, stolen)).status).toBe(404);
      expect((await thief.send({ jsonrpc: '2.0', id: 1, result: {} }, stolen)).status).toBe(404);
      expect((await thief.get(stolen)).status).toBe(404);
      expect((await thief.method('DELETE', stolen)).status).toBe(404);
    }
    expect((await session.request('ping')).status).toBe(200);
  });
});

describe('a web page', () => {
  it('of another origin is refused, by any method', async () => {
    for (const method of ['POST', 'GET', 'DELETE', 'OPTIONS']) {
      expect((await admin.method(method, { origin: 'https://evil.example.com' })).status).toBe(403);
    }
  });

  it('of an origin that is allowed may call, and read the answer', async () => {
    const http = new McpHttp(server, { headers: { origin: 'https://ide.example.com' } });
    const preflight = await http.method('OPTIONS', {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization, content-type, mcp-method, mcp-param-region, x-evil',
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-methods')).toContain('POST');
    expect(preflight.headers.get('access-control-allow-headers')).toContain('mcp-param-region');
    expect(preflight.headers.get('access-control-allow-headers')).not.toContain('x-evil');
    const reply = await http.modern('server/discover');
    expect(reply.status).toBe(200);
    expect(reply.headers.get('access-control-allow-origin')).toBe('https://ide.example.com');
    expect(reply.headers.get('access-control-expose-headers')?.toLowerCase()).toContain('mcp-session-id');
    expect(reply.headers.get('vary')).toContain('Origin');
  });

  it('that has its own name point here is refused', async () => {
    const status = async (host: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const { body, headers } = modernRequest('server/discover', {}, {}, {});
        const sent = request(
          admin.url,
          { method: 'POST', headers: { ...headers, host, 'content-type': 'application/json', authorization: `Bearer ${server.adminKey}` } },
          (response) => {
            response.resume();
            resolve(response.statusCode);
          },
        );
        sent.on('error', reject);
        sent.end(JSON.stringify(body));
      });
    for (const host of ['evil.example.com', 'evil.example.com:80', 'localhost.evil.example.com', '127.0.0.1.nip.io', '[::2]', 'a b']) {
      expect(await status(host)).toBe(403);
    }
    for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1:9', '[::1]']) expect(await status(host)).toBe(200);
  });
});

describe('limits', () => {
  it('are those of messages: one takes one token, whichever way it comes', async () => {
    const limited = await startPlain({
      websocket: { rate_limit: { rate: 0.1, burst: 5, user_burst: 8, user_rate: 0.1, ip_burst: 1000, tenant_burst: 1000 } },
    });
    const { key } = await createKey(limited);
    const http = new McpHttp(limited, { key });
    const replies = await Promise.all(Array.from({ length: 20 }, async () => http.modern('server/discover')));
    const refused = replies.find(({ status }) => status === 429);
    expect(replies.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(8);
    expect(refused?.body.error).toMatchObject({
      code: 4002,
      data: { retry_after_ms: expect.any(Number), scope: expect.stringMatching(/^(user|connection)$/) },
    });
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await new McpHttp(limited, { key }).send('not even JSON')).status).toBe(429);
  });

  it('bound the sessions of one user: the one idle longest makes room', async () => {
    const small = await startPlain({ mcp: { max_sessions: 5, max_sessions_per_user: 2 }, websocket: { rate_limit: { enabled: false } } });
    const [first, second] = [await createKey(small), await createKey(small)];
    const http = new McpHttp(small, { key: first.key });
    const [a, b] = [await http.open(), await http.open()];
    expect((await a.request('ping')).status).toBe(200);
    await http.open();
    expect((await b.request('ping')).status).toBe(404);
    expect((await a.request('ping')).status).toBe(200);
    const others = new McpHttp(small, { key: second.key });
    await others.open();
    await others.open();
    await new McpHttp(small).open();
    const full = await new McpHttp(small).send({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: LEGACY, capabilities: {}, clientInfo: { name: 'x', version: '1' } },
    });
    expect(full.status).toBe(503);
    expect(Number(full.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('bound the streams that are open, and calls go on without', async () => {
    const small = await startPlain({ mcp: { max_streams: 1 }, websocket: { rate_limit: { enabled: false } } });
    const http = new McpHttp(small);
    const [one, two] = [await http.open(), await http.open()];
    const stream = await one.stream();
    expect((await http.get(two.headers)).status).toBe(503);
    const listen = await http.modern('subscriptions/listen', { notifications: { toolsListChanged: true } });
    expect(listen.body.error.code).toBe(4016);
    expect((await two.request('tools/call', { name: 'echo', _meta: { progressToken: 1 } })).status).toBe(200);
    await stream.cancel();
    await eventually('room', async () => ((await http.get(two.headers)).status === 200 ? true : undefined));
  });

  it('end sessions that are idle, and not those that listen', async () => {
    const brief = await startPlain({ mcp: { session_timeout: '300ms' } });
    const http = new McpHttp(brief);
    const [idle, listening] = [await http.open(), await http.open()];
    const stream = await listening.stream();
    await eventually('the end of the idle one', async () => {
      await new Promise((resolve) => setTimeout(resolve, 400));
      return (await idle.request('ping')).status === 404 ? true : undefined;
    });
    expect((await listening.request('ping')).status).toBe(200);
    await stream.cancel();
  });
});

describe('a server', () => {
  it('that has no MCP has none of it', async () => {
    const none = await startPlain({ mcp: { enabled: false } });
    expect((await new McpHttp(none).modern('server/discover')).status).toBe(404);
  });

  it('without an issuer of tokens sends nobody to one', async () => {
    const plain = await startPlain();
    const reply = await new McpHttp(plain, { key: null }).modern('tools/list');
    expect(reply.headers.get('www-authenticate')).toBe('Bearer');
    expect((await fetch(`${plain.url}/.well-known/oauth-protected-resource`)).status).toBe(404);
  });

  it('says where it is reached, where that is set', async () => {
    const named = await startPlain({
      mcp: {
        public_url: 'https://mcp.example.com',
        authorization_servers: ['https://id.example.com'],
        allowed_hosts: ['mcp.example.com', '127.0.0.1'],
      },
    });
    const reply = await new McpHttp(named, { key: null }).modern('tools/list');
    expect(reply.headers.get('www-authenticate')).toContain('"https://mcp.example.com/.well-known/oauth-protected-resource/mcp"');
    const metadata = (await (await fetch(`${named.url}/.well-known/oauth-protected-resource/mcp`)).json()) as object;
    expect(metadata).toMatchObject({ resource: 'https://mcp.example.com/mcp', authorization_servers: ['https://id.example.com'] });
  });

  it('that ends finishes what is under way, tells who listens, and takes nothing new', async () => {
    const ending = await startWithFixture();
    const http = new McpHttp(ending);
    const listen = await http.modernResponse('subscriptions/listen', { notifications: { toolsListChanged: true } });
    const session = await http.open();
    const stream = await session.stream();
    const slow = await http.modernResponse('tools/call', { name: 'test_slow', arguments: { ms: 1500 } }, {}, { progressToken: 1 });
    ending.process.signal('SIGTERM');
    expect(await listen.text()).toMatch(/"result":\{"resultType":"complete","_meta":\{"io\.modelcontextprotocol\/subscriptionId":\d+/);
    const late = await http.modern('server/discover').catch(() => undefined);
    expect(late?.status ?? 503).toBe(503);
    expect((await new EventReader(slow).messages()).at(-1)).toMatchObject({ result: { content: [{ text: 'slept' }] } });
    expect(await stream.messages()).toEqual([]);
    expect((await ending.process.exited).code).toBe(0);
  });

  it('that ends waits for nobody who asks nothing, or half of something', async () => {
    const ending = await startPlain();
    const sockets = await Promise.all(
      [
        '',
        'POST /mcp HT',
        `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${ending.adminKey}\r\nContent-Length: 9\r\n\r\n{`,
      ].map(async (text) => {
        const socket = connect(ending.process.port, '127.0.0.1');
        socket.on('error', () => undefined);
        await once(socket, 'connect');
        if (text !== '') socket.write(text);
        return socket;
      }),
    );
    expect((await ending.stop()).code).toBe(0);
    for (const socket of sockets) socket.destroy();
  });

  it('counts MCP with the rest of its traffic, and tells of its calls', async () => {
    const watcher = await server.client();
    await watcher.call('event.subscribe', { events: ['tool.*', 'agent.*'] });
    const session = await admin.open();
    const { event, data } = (await watcher.next('event')).params as { event: string; data: { session_id: string } };
    const { session_id } = data;
    expect([event, typeof session_id]).toEqual(['agent.connected', 'string']);
    // Others hear of it: it is not what the session is found by.
    const guess = { 'mcp-session-id': session_id, 'mcp-protocol-version': LEGACY };
    expect((await admin.send({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, guess)).status).toBe(404);
    await session.request('tools/call', { name: 'echo' });
    expect((await watcher.next('event')).params).toMatchObject({ event: 'tool.executed', data: { tool: 'echo', session_id } });
    const metrics = (await server.rest('GET', '/api/v1/websocket/metrics')).body as string;
    expect(metrics).toMatch(/websocket_message_latency_count\{method="mcp tools\/call"\} [1-9]/);
    expect(metrics).toMatch(/mcpw_mcp_sessions [1-9]/);
    expect(metrics).toMatch(/mcpw_mcp_streams \d/);
    expect(metrics).not.toContain(MODERN);
    await session.end();
    expect((await watcher.next('event')).params).toMatchObject({ event: 'agent.disconnected', data: { session_id } });
  });
});
