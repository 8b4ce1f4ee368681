// Secrets stay where they are: a server at its most talkative, told every secret there is in every way there is, writes none of them down,
// nor what messages hold. That no server of any other test does so: test/support/searched-servers.ts.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { McpHttp } from '../mcp/support/mcp-http.js';
import { McpSocket } from '../mcp/support/mcp-socket.js';
import { binaryWire } from '../support/binary-wire.js';
import { signJwt } from '../support/jwt.js';
import { createKey, type TestKey } from '../support/keys.js';
import { startServer, type TestServer } from '../support/start-server.js';
import { checked, forgedKey } from './support/forged-key.js';
import { SecuredClient } from './support/secured-client.js';

const JWT_SECRET = 'the-jwt-secret-of-this-server-0123456789';
const UPSTREAM_TOKEN = 'upstream-token-of-the-file-0123456789';
const REST_UPSTREAM_TOKEN = 'upstream-token-over-rest-0123456789';
const API_TOKEN = 'api/token+of-the-file-0123456789';
/** In everything that is the content of a message. */
const PAYLOAD = 'payload-that-is-nobodys-business';

let server: TestServer;
let upstream: Server;
/** By what each is. Those of `stored` may not be in any file either. */
const planted: Record<string, string> = {};
const stored: Record<string, string> = {};
/** What upstreams and APIs said in their errors, as their callers got it, by how it was asked for. */
const errorsTold: Record<string, string> = {};

function plant(name: string, secret: string): string {
  planted[name] = secret;
  stored[name] = secret;
  return secret;
}

beforeAll(async () => {
  upstream = await indiscreetUpstream();
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/mcp`;
  const document = resolve(import.meta.dirname, '../federation/fixtures/petstore.yaml');
  planted['upstream header of the file'] = UPSTREAM_TOKEN;
  planted['API token of the file'] = API_TOKEN;
  planted['payload'] = PAYLOAD;
  planted['jwt secret'] = JWT_SECRET;
  server = await startServer({
    main: resolve(import.meta.dirname, '../support/fixtures/tool-server.js'),
    config: {
      logging: { level: 'trace', websocket: { verbose: true } },
      mcpServers: {
        indiscreet: { url, headers: { Authorization: `Bearer \${env:UPSTREAM_TOKEN}` } },
        blabs: { url: url.replace('/mcp', '/blabs'), headers: { Authorization: `Bearer \${env:UPSTREAM_TOKEN}` } },
      },
      openapi: { pets: { document, baseUrl: url.replace('/mcp', '/api'), auth: { type: 'bearer', token: '${env:API_TOKEN}' } } },
      federation: { allowed_hosts: ['127.0.0.1'] },
      websocket: { rate_limit: { burst: 200 } },
      auth: { jwt: { secret: JWT_SECRET } },
    },
    env: { UPSTREAM_TOKEN, API_TOKEN },
  });
  plant('admin key', server.adminKey);
  await useEverything(url);
  await server.stop();
}, 90_000);

afterAll(() => new Promise((done) => upstream.close(done)));

/** An upstream that tells of what it is sent wherever it can. */
async function indiscreetUpstream(): Promise<Server> {
  const told = createServer((request, response) => {
    const secret = String(request.headers.authorization);
    if (request.url === '/closes') request.socket.end(`HTTP/1.1 401 ${secret}\r\nWWW-Authenticate: ${secret}\r\n\r\n${secret}`);
    else if (request.url === '/blabs') void blab(request, response);
    else if (request.url?.startsWith('/api/') === true) refuseInEveryForm(request.url, secret, response);
    else {
      response.statusCode = 401;
      response.setHeader('www-authenticate', `Bearer error="invalid_token", error_description="${secret}"`);
      response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code: -32000, message: `no entry for ${secret}`, data: secret } }));
    }
  });
  await new Promise<void>((done) => told.listen(0, '127.0.0.1', done));
  return told;
}

/** Serves well, but for calls of its tools: each fails in another way, and tells of what it was sent. */
async function blab(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST') return void response.writeHead(405).end();
  const { id, method, params } = JSON.parse(await text(request)) as { id?: number; method: string; params?: { name?: string } };
  const { authorization } = request.headers;
  const said = { authorization, [`as ${authorization}`]: [`${'x'.repeat(4_070)}${authorization}`] };
  const answer = (status: number, members: object): void =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, ...members }));
  if (id === undefined) return void response.writeHead(202).end();
  if (method === 'initialize')
    return answer(200, {
      result: { protocolVersion: '2025-06-18', capabilities: { tools: {}, prompts: {} }, serverInfo: { name: 'b', version: '1' } },
    });
  if (method === 'ping') return answer(200, { result: {} });
  if (method === 'tools/list')
    return answer(200, { result: { tools: ['errs', 'fails', 'breaks'].map((name) => ({ name, inputSchema: { type: 'object' } })) } });
  if (method === 'prompts/get' || params?.name === 'errs')
    return answer(200, { error: { code: -32_000, message: `no entry for ${authorization}`, data: said } });
  if (params?.name === 'fails')
    return answer(200, {
      result: {
        content: [
          { type: 'text', text: `no entry for ${JSON.stringify(said)}` },
          { type: 'resource', resource: { uri: `x:${authorization}`, text: authorization } },
          { type: 'resource_link', uri: `x:${authorization}`, name: authorization, description: authorization },
        ],
        structuredContent: said,
        isError: true,
      },
    });
  if (params?.name === 'breaks') return answer(500, said);
  answer(200, { error: { code: -32_601, message: 'no such method' } });
}

/** As JSON, as text, and as more than is passed on: then the secret is where it is cut. */
function refuseInEveryForm(url: string, secret: string, response: ServerResponse): void {
  const [type, body] = url.includes('pets/json')
    ? ['application/json', JSON.stringify({ said: secret, [secret]: [{ deep: secret }] })]
    : url.includes('pets/long')
      ? ['application/json', JSON.stringify({ text: 'x'.repeat(4_060), secret }).replaceAll('/', '\\/')]
      : ['text/plain', `no entry for ${secret} or ${encodeURIComponent(secret)}`];
  response.writeHead(400, { 'content-type': type }).end(body);
}

async function useEverything(upstreamUrl: string): Promise<void> {
  const key = await createKey(server);
  plant('api key', key.key);
  const rotated = (await server.rest('POST', `/api/v1/keys/${key.id}/rotate`)).body as TestKey;
  plant('rotated key', rotated.key);
  const jwt = plant('jwt', await signJwt(JWT_SECRET, { sub: 'ada', tenant: 'default', scopes: ['admin'] }));
  await credentialsInEveryPlace(rotated.key, jwt);
  await wrongCredentials(rotated);
  await sessions(rotated.key);
  await messages();
  await broken();
  await overRest(upstreamUrl);
  await overMcp(rotated.key);
  await errorsOfUpstreams(rotated.key);
  await securedOnes();
  await server.rest('GET', '/api/v1/websocket/stats');
  await server.rest('DELETE', `/api/v1/keys/${key.id}`);
}

async function credentialsInEveryPlace(key: string, jwt: string): Promise<void> {
  const ticket = (await server.rest('POST', '/api/v1/websocket/tickets', undefined, key)).body as { ticket: string };
  plant('ticket', ticket.ticket);
  const ways = [
    { key },
    { jwt },
    { apiKeyHeader: key },
    { bearerSubprotocol: key, subprotocols: ['mcpw.v1.json'] },
    { ticket: ticket.ticket },
    { key, query: `token=${key}&key=${jwt}` },
  ];
  for (const way of ways) await (await server.client(way)).close();
  plant('key as a subprotocol', Buffer.from(key).toString('base64url'));
  const inBand = await server.connect({ anonymous: true });
  await inBand.initialize({ token: jwt });
  await inBand.request('session.authenticate', { token: jwt });
  await inBand.request('session.authenticate', { token: key });
  // Used up, in two places at once, and where none is looked for.
  for (const way of [{ ticket: ticket.ticket }, { anonymous: true as const, query: `token=${key}&key=${jwt}` }, { key: `${key} ${jwt}` }])
    await server.connect(way).catch(() => undefined);
  await fetch(`${server.url}/api/v1/keys?token=${key}`, { headers: { 'x-api-key': `${key}x`, cookie: `token=${jwt}` } });
  await fetch(`${server.url}/${key}/${jwt}`, { headers: { authorization: `Basic ${Buffer.from(`admin:${key}`).toString('base64')}` } });
}

async function wrongCredentials({ id, key }: TestKey): Promise<void> {
  const other = await createKey(server);
  const wrong = [
    plant('a key with another secret', forgedKey(id, other.key)),
    plant('a key of nobody', checked(`mcpw_AAAAAAAAAAAA_${'s'.repeat(43)}`)),
    plant('a mistyped key', `${key.slice(0, -1)}-`),
    plant('a password', 'correct-horse-battery-staple'),
    plant('a token of another issuer', await signJwt('another-secret-0123456789-0123456789', { sub: 'eve', tenant: 'x' })),
    plant('a token that is over', await signJwt(JWT_SECRET, { sub: 'ada', tenant: 'default' }, Math.floor(Date.now() / 1000) - 100)),
    plant('a token without a tenant', await signJwt(JWT_SECRET, { sub: 'ada' })),
  ];
  for (const token of wrong) {
    await server.connect({ key: token }).catch(() => undefined);
    const late = await server.connect({ anonymous: true });
    await late.request('initialize', { name: 'x', version: '1', token });
    await server.rest('GET', '/api/v1/keys', undefined, token);
    await new McpHttp(server, { key: token }).modern('tools/list');
  }
}

async function sessions(key: string): Promise<void> {
  const first = await server.connect({ key });
  const session = await first.initialize();
  plant('resume token', session.resume_token as string);
  await first.call('event.subscribe', { events: ['**'], filter: { text: { $ne: PAYLOAD } } });
  first.terminate();
  const again = await server.connect({ key });
  const resumed = await again.initialize({ resume: { session_id: session.session_id, resume_token: session.resume_token } });
  plant('second resume token', resumed.resume_token as string);
  const failed = await server.connect({ key });
  await failed.initialize({ resume: { session_id: session.session_id, resume_token: plant('a wrong resume token', 'w'.repeat(43)) } });
}

async function messages(): Promise<void> {
  for (const encoding of ['json', 'binary'] as const) {
    const client = await server.client({ encoding }, { capabilities: { tools: true } });
    await client.call('event.subscribe', { events: ['**'] });
    await client.call('event.publish', { event: 'told.once', data: { text: PAYLOAD } });
    const { id } = await client.call(
      'context.create',
      { name: PAYLOAD, content: PAYLOAD, metadata: { text: PAYLOAD } },
      { idempotency_key: 'once' },
    );
    await client.request('context.create', { name: 'other', content: PAYLOAD }, { idempotency_key: 'once' });
    await client.call('context.update', { context_id: id, content: PAYLOAD });
    await client.call('context.search', { query: PAYLOAD });
    for (const name of ['echo', 'say', 'add', 'crash', 'crashLater', 'refuse', PAYLOAD])
      await client.request('tool.execute', { name, arguments: { text: PAYLOAD, a: PAYLOAD } });
    await client.request('context.get', { context_id: PAYLOAD });
    await client.request('context.list', { cursor: PAYLOAD });
    await client.request('tool.list', { [PAYLOAD]: 1 });
    await client.request(PAYLOAD, { text: PAYLOAD });
    await client.request('event.subscribe', { events: [`${PAYLOAD}..`], filter: { [`$${PAYLOAD}`]: 1 } });
    await client.request('tool.register', { tools: [{ name: 'told', description: PAYLOAD, inputSchema: { type: PAYLOAD } }] });
    await client.call('tool.register', { tools: [{ name: `told_${encoding}`, description: PAYLOAD, inputSchema: { type: 'object' } }] });
    const call = client.request('tool.execute', { name: `told_${encoding}`, arguments: { text: PAYLOAD } });
    client.respond((await client.nextRequest()).id ?? '', { status: PAYLOAD });
    await call;
    await client.close(1000, PAYLOAD);
  }
}

async function broken(): Promise<void> {
  const client = await server.client({ encoding: 'binary' }); // which reads texts as well
  client.send(`{"id":"1","type":0,"method":"tool.list","params":{"text":"${PAYLOAD}`);
  client.send(`{"id":"${PAYLOAD}","type":77}`);
  client.sendJson({ id: PAYLOAD, type: 0, method: 'tool.list', nonce: PAYLOAD, meta: { traceparent: PAYLOAD, odd: PAYLOAD } });
  client.send(Buffer.from(PAYLOAD));
  client.send(binaryWire().request(3, 'tool.execute', { name: 'crash', arguments: { text: PAYLOAD } }));
  await client.settle();
  client.send(Buffer.from(`\xff\xfe${PAYLOAD}`, 'latin1'), { asText: true });
  await client.closed;
  const flooded = await server.client();
  for (let i = 0; i < 3_000; i++) flooded.sendJson({ id: `${PAYLOAD}${i}`, type: 0, method: 'tool.list' });
  await flooded.closed;
}

async function overRest(upstreamUrl: string): Promise<void> {
  planted['upstream header over REST'] = REST_UPSTREAM_TOKEN;
  const headers = { Authorization: `Bearer ${REST_UPSTREAM_TOKEN}` };
  for (const [name, url] of [
    ['told', upstreamUrl],
    ['closes', upstreamUrl.replace('/mcp', '/closes')],
    ['away', 'http://127.0.0.1:9/mcp'],
  ] as const) {
    const { body } = await server.rest('POST', '/api/v1/upstreams', { name, url, headers });
    expect(JSON.stringify(body)).not.toContain(REST_UPSTREAM_TOKEN);
    await server.rest('POST', `/api/v1/upstreams/${body.id}/reconnect`);
    expect(JSON.stringify((await server.rest('GET', `/api/v1/upstreams/${body.id}`)).body)).not.toContain(REST_UPSTREAM_TOKEN);
  }
  const { body } = await server.rest('GET', '/api/v1/upstreams');
  for (const token of [REST_UPSTREAM_TOKEN, UPSTREAM_TOKEN]) expect(JSON.stringify(body)).not.toContain(token);
  await server.rest('POST', '/api/v1/keys', { name: PAYLOAD.repeat(20), tenant: 'a b', scopes: [PAYLOAD] });
  await server.rest('POST', '/api/v1/keys', `{"name":"${PAYLOAD}`);
  await server.rest('POST', `/api/v1/keys/${PAYLOAD}/rotate`);
  await server.rest('GET', `/api/v1/audit?cursor=${PAYLOAD}`);
}

async function overMcp(key: string): Promise<void> {
  const http = new McpHttp(server, { key });
  await http.modern('tools/call', { name: 'crash', arguments: { text: PAYLOAD } });
  await http.modern('tools/call', { name: 'echo', arguments: { text: PAYLOAD } });
  await http.modern('resources/read', { uri: `context://${PAYLOAD}` });
  await http.send(`{"jsonrpc":"2.0","id":1,"method":"${PAYLOAD}`);
  const session = await http.open();
  plant('session id of MCP', session.id);
  await session.request('tools/call', { name: 'crashLater', arguments: { text: PAYLOAD } });
  await session.end();
  const socket = await McpSocket.open(server, {}, undefined, { key });
  await socket.request('tools/call', { name: 'crash', arguments: { text: PAYLOAD } });
  await socket.request(PAYLOAD, { text: PAYLOAD });
  socket.socket.terminate();
}

async function errorsOfUpstreams(key: string): Promise<void> {
  const calls = [
    ...['errs', 'fails', 'breaks'].map((name) => ({ name: `blabs.${name}`, arguments: {} })),
    ...['json', 'text', 'long'].map((petId) => ({ name: 'pets.getPet', arguments: { petId } })),
  ];
  for (const encoding of ['json', 'binary'] as const) {
    const client = await server.client({ key, encoding });
    for (const params of calls) await client.request('tool.execute', params);
    errorsTold[encoding] = JSON.stringify(client.messages);
    await client.close();
  }
  const http = new McpHttp(server, { key });
  const session = await http.open();
  const socket = await McpSocket.open(server, {}, undefined, { key });
  const ways: Record<string, (method: string, params: Readonly<Record<string, unknown>>) => Promise<unknown>> = {
    'MCP over HTTP': async (method, params) => (await session.request(method, params)).text,
    'MCP over HTTP, newer era': async (method, params) => (await http.modern(method, params)).text,
    'MCP over WebSocket': (method, params) => socket.request(method, params),
    'MCP over WebSocket, newer era': (method, params) => socket.modern(method, params),
  };
  for (const [way, ask] of Object.entries(ways)) {
    const answers = [await ask('prompts/get', { name: 'blabs.any' })];
    for (const params of calls) answers.push(await ask('tools/call', params));
    errorsTold[way] = JSON.stringify(answers);
  }
  await session.end();
  socket.socket.terminate();
}

async function securedOnes(): Promise<void> {
  const secured = await SecuredClient.open(server);
  for (const [name, bytes] of Object.entries(secured.keys) as [string, Buffer][]) {
    plant(`${name} in hex`, bytes.toString('hex'));
    plant(`${name} in base64`, bytes.toString('base64').slice(0, 40));
    plant(`${name} in base64url`, bytes.toString('base64url'));
  }
  await secured.ask('tool.execute', { name: 'echo', arguments: { text: PAYLOAD } });
  secured.send(secured.text('tool.execute', { name: 'echo', arguments: { text: PAYLOAD } }).replace('echo', 'ecco'));
  await secured.client.closed;
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

const found = (text: string, secrets: Readonly<Record<string, string>>): string[] =>
  Object.entries(secrets).flatMap(([name, secret]) => (text.includes(secret) ? [name] : []));

describe('of all secrets that a server was told', () => {
  it('none is in what it printed at level trace, which told of everything', () => {
    expect(server.output).toMatch(/"level":(10|20)/);
    expect(server.output).toContain('tool.execute');
    expect(found(server.output, planted)).toEqual([]);
  });

  it('none is in the audit log, which told of everything', () => {
    const audit = filesOf(join(server.dataDir, 'audit'))
      .map((file) => readFileSync(file, 'utf8'))
      .join('');
    for (const action of ['authenticate', 'refuse', 'key.create', 'key.rotate', 'key.revoke', 'tool.execute', 'close'])
      expect(audit).toContain(`"${action}"`);
    const { payload, ...credentials } = planted;
    expect(found(audit, credentials)).toEqual([]);
    // What was asked for by name, and is not there, is a name, and no content.
    expect(audit.split(payload ?? '').length - 1).toBe(audit.split(`"target":"${payload}"`).length - 1);
  });

  it('none that proves who somebody is is in any file of the data folder', () => {
    const files = filesOf(server.dataDir).filter((file) => !file.endsWith('test-config.yaml'));
    expect(files.some((file) => file.endsWith('.db') || file.endsWith('.sqlite'))).toBe(true);
    for (const file of files) expect(found(readFileSync(file, 'latin1'), stored), file).toEqual([]);
  });

  it('none is in the metrics', async () => {
    await server.restart();
    await useEverything('http://127.0.0.1:9/mcp');
    const { body } = await server.rest('GET', '/api/v1/websocket/metrics');
    expect(body).toContain('websocket_errors_total');
    expect(found(body as string, planted)).toEqual([]);
  });
});

describe('an upstream that tells its credential in its errors', () => {
  it.each(['json', 'binary', 'MCP over HTTP', 'MCP over HTTP, newer era', 'MCP over WebSocket', 'MCP over WebSocket, newer era'])(
    'does not tell it to who calls, in %s',
    (way) => {
      const told = errorsTold[way] ?? '';
      // What it says beside is passed on.
      expect(told.match(/no entry for (?:Bearer )?\[secret\]/g)?.length).toBeGreaterThanOrEqual(2);
      for (const credential of [UPSTREAM_TOKEN, API_TOKEN]) {
        // Not in part either, where a text was cut, nor as it stands in URLs and in JSON.
        const forms = [credential.slice(0, 12), encodeURIComponent(credential), credential.replaceAll('/', '\\/'), credential.slice(-12)];
        for (const form of forms) expect(told).not.toContain(form);
      }
    },
  );
});

describe('the data folder', () => {
  it('is its owner’s alone, and so are the files in it', () => {
    expect(statSync(server.dataDir).mode & 0o777).toBe(0o700);
    for (const file of filesOf(server.dataDir).filter((name) => !name.endsWith('test-config.yaml')))
      expect(statSync(file).mode & 0o077, file).toBe(0);
  });
});
