// Operations of an API with an OpenAPI document as tools, against a real HTTP server.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../support/deadline.js';
import { freePort } from '../support/free-port.js';
import { startServer, type TestServer } from '../support/start-server.js';
import type { TestClient } from '../support/test-client.js';

const DOCUMENT = resolve(import.meta.dirname, 'fixtures/petstore.yaml');
const KEY = 'key-of-the-pet-store';
const PNG = Buffer.from('iVBORw0KGgo=', 'base64');

/** The store: keeps pets, and says what it was sent. */
class PetStore {
  readonly server: Server = createServer((request, response) => void this.answer(request, response));
  readonly pets = new Map<string, object>();
  url = '';
  aborted = 0;
  isServingDocument = true;

  async start(): Promise<void> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const url = new URL(request.url ?? '', this.url);
    const json = (status: number, value: unknown): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (url.pathname === '/openapi.yaml')
      return void (this.isServingDocument ? response.end(readFileSync(DOCUMENT)) : response.writeHead(503).end());
    if (request.headers['x-api-key'] !== KEY) return json(401, { message: 'no key' });
    const echo = { method: request.method, url: request.url, headers: request.headers, body: bytes.toString('utf8') };
    const [, version, area, id, what] = url.pathname.split('/');
    if (version !== 'v1') return json(404, { message: 'no such version' });
    switch (`${request.method} ${area} ${what ?? ''}`.trim()) {
      case 'GET pets':
        return id === undefined
          ? json(200, echo)
          : this.pets.has(id)
            ? json(200, this.pets.get(id))
            : json(404, { message: `no pet ${id}` });
      case 'POST pets': {
        const pet = { ...(JSON.parse(bytes.toString()) as object), id: String(this.pets.size + 1) };
        this.pets.set(pet.id, pet);
        return json(201, pet);
      }
      case 'DELETE pets':
        this.pets.delete(id ?? '');
        return void response.writeHead(204).end();
      case 'GET pets photo':
        return void response.writeHead(200, { 'content-type': 'image/png' }).end(PNG);
      case 'PUT pets photo':
        return json(200, { size: bytes.length });
      case 'GET pets file':
        return void response.writeHead(200, { 'content-type': 'application/zip' }).end('zip');
      case 'GET store':
        if (id === 'slow') return void request.socket.once('close', () => this.aborted++);
        if (id === 'huge') return void response.end('x'.repeat(1_000_000));
        if (id === 'away') return void response.writeHead(307, { location: 'http://127.0.0.1:1/elsewhere' }).end();
        return void response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end('grüße');
      default:
        return json(200, echo);
    }
  }
}

const store = new PetStore();
let server: TestServer;
let client: TestClient;
const execute = (name: string, args: object = {}, more: object = {}, meta?: object) =>
  client.request('tool.execute', { name: `pets.${name}`, arguments: args, ...more }, meta);
const structured = async (name: string, args: object = {}) => (await execute(name, args)).result.result.structured;

beforeAll(async () => {
  await store.start();
  server = await startServer({
    config: {
      openapi: {
        pets: {
          document: DOCUMENT,
          baseUrl: `${store.url}/v1`,
          auth: { type: 'apiKey', in: 'header', name: 'X-Api-Key', value: '${env:PET_KEY}' },
          maxResponseSize: '64KB',
        },
        remote: { document: `${store.url}/openapi.yaml`, baseUrl: `${store.url}/v1/`, allowOperations: ['get*'], tenants: ['default'] },
      },
    },
    env: { PET_KEY: KEY },
  });
  client = await server.client();
});
afterAll(() => new Promise((done) => store.server.close(done).closeAllConnections()));

describe('an API with a document', () => {
  it('is a tool for each operation, with what it takes as its schema', async () => {
    const { tools } = await client.call('tool.list', { source: 'pets' });
    expect(tools.map(({ name }: { name: string }) => name)).toEqual(
      [
        'createPet',
        'deletePet',
        'getFile',
        'getPet',
        'getPhoto',
        'listPets',
        'placeOrder',
        'post_store_upload',
        'putPhoto',
        'replacePet',
        'slow',
        'huge',
        'away',
        'text',
        'styles',
        'updatePet',
      ]
        .map((name) => `pets.${name}`)
        .sort(),
    );
    const create = tools.find(({ name }: { name: string }) => name === 'pets.createPet');
    expect(create).toMatchObject({ description: 'Add a pet', annotations: { title: 'Add a pet', readOnlyHint: false } });
    expect(create.inputSchema).toMatchObject({
      type: 'object',
      required: ['body'],
      properties: { body: { $ref: '#/$defs/Pet' } },
      $defs: {
        Pet: { required: ['name'], properties: { friends: { items: { $ref: '#/$defs/Pet' } }, nickname: { type: ['string', 'null'] } } },
        Category: { properties: { parent: { $ref: '#/$defs/Category' } } },
      },
    });
    const list = tools.find(({ name }: { name: string }) => name === 'pets.listPets');
    expect(list.description).toBe('List pets\n\nFilters may be combined.');
    expect(list.inputSchema.properties).toMatchObject({
      limit: { type: 'integer', description: 'How many' },
      'X-Request-Tag': { description: 'Comes back in the answer' },
    });
    expect(JSON.stringify(tools)).not.toContain(KEY);
  });

  it('keeps and gives what it is sent', async () => {
    const pet = await structured('createPet', {
      body: { name: 'Rex', nickname: null, category: { name: 'dog', parent: { name: 'animal' } }, friends: [{ name: 'Mia' }] },
    });
    expect(pet).toMatchObject({ name: 'Rex', id: expect.any(String) as string });
    expect(await structured('getPet', { petId: pet.id })).toEqual(pet);
    const gone = await execute('deletePet', { petId: pet.id });
    expect(gone.result).toMatchObject({ status: 'completed', result: { content: [{ type: 'text', text: '204 No Content' }] } });
  });

  it('is asked nothing that its schemas refuse, however deep', async () => {
    const { error } = await execute('createPet', { body: { name: 'Rex', friends: [{ name: 'Mia', friends: [{ nickname: 'x' }] }] } });
    expect(error).toMatchObject({ code: 4005, data: { errors: [{ path: '/arguments/body/friends/0/friends/0/name' }] } });
    expect((await execute('listPets', { limit: 0 })).error).toMatchObject({ code: 4005 });
    expect((await execute('listPets', { unknown: 1 })).error).toMatchObject({ code: 4005 });
    expect((await execute('getPet')).error).toMatchObject({ code: 4005 });
  });

  it('gets the trace context, and what is none stays here', async () => {
    const headersWith = async (meta: object) => (await execute('listPets', {}, {}, meta)).result.result.structured.headers;
    const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'vendor=1' };
    expect(await headersWith(trace)).toMatchObject(trace);
    const headers = await headersWith({ traceparent: 'of no such form ✓', tracestate: 'vendor=1' });
    expect([headers.traceparent, headers.tracestate]).toEqual([undefined, undefined]);
  });

  it('gets each argument in its place and style', async () => {
    const sent = await structured('listPets', {
      limit: 5,
      status: ['sold', 'pending'],
      tags: ['a b', 'c,d'],
      pipes: ['x', 'y'],
      filter: { color: 'red&blue', age: 3 },
      'X-Request-Tag': 'tagged',
      session: 's=1',
    });
    expect(sent.url).toBe(
      '/v1/pets?limit=5&status=sold&status=pending&tags=a%20b,c%2Cd&pipes=x%7Cy&filter[color]=red%26blue&filter[age]=3',
    );
    expect(sent.headers).toMatchObject({ 'x-request-tag': 'tagged', cookie: 'session=s%3D1', 'x-api-key': KEY });
    expect((await structured('styles', { petId: 'a/b?c#d', coordinates: [1, 2], label: [3, 4], query_petId: 'q' })).url).toBe(
      '/v1/pets/a%2Fb%3Fc%23d/matrix/;coordinates=1;coordinates=2/.3,4?petId=q',
    );
  });

  it('gets bodies in their media type', async () => {
    const order = await structured('placeOrder', { body: { petId: 'a&b', quantity: 2, notes: ['x', 'y'] } });
    expect(order).toMatchObject({
      body: 'petId=a%26b&quantity=2&notes=x&notes=y',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect((await execute('placeOrder', { body: { petId: 'a', quantity: 0 } })).error).toMatchObject({ code: 4005 });
    const upload = await structured('post_store_upload', { body: { title: 'grüße' } });
    expect(upload.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    expect(upload.body).toContain('grüße');
    expect(await structured('putPhoto', { petId: '1', body: PNG.toString('base64') })).toEqual({ size: PNG.length });
    expect((await structured('updatePet', { petId: '1', body: { a: null } })).headers['content-type']).toBe('application/merge-patch+json');
  });

  it('cannot be led to another path or another caller’s rights', async () => {
    for (const petId of ['..', '.', '%2e%2e', '.%2E']) {
      const answer = await execute('getPet', { petId });
      if (petId.includes('%'))
        expect(answer.result).toMatchObject({
          status: 'failed',
          error: { data: { status: 404, body: { message: expect.stringContaining('%25') as string } } },
        });
      else
        expect(answer.result).toMatchObject({
          status: 'failed',
          error: { message: expect.stringContaining('/arguments/petId') as string },
        });
    }
    expect((await execute('listPets', { 'X-Request-Tag': 'a\r\nx-api-key: other' })).result).toMatchObject({ status: 'failed' });
  });

  it('answers with text, pictures and files as what they are', async () => {
    expect((await execute('text')).result.result.content).toEqual([{ type: 'text', text: 'grüße' }]);
    expect((await execute('getPhoto', { petId: '1' })).result.result.content).toEqual([
      { type: 'image', data: PNG.toString('base64'), mimeType: 'image/png' },
    ]);
    expect((await execute('getFile', { petId: '1' })).result.result.content).toMatchObject([
      { type: 'resource', resource: { mimeType: 'application/zip', blob: 'emlw' } },
    ]);
  });

  it('that answers with an error has its tool fail with the status and its words', async () => {
    expect((await execute('getPet', { petId: 'nobody' })).result).toMatchObject({
      status: 'failed',
      error: { message: 'the API answered 404', data: { status: 404, body: { message: 'no pet nobody' } } },
    });
    expect((await client.request('tool.execute', { name: 'remote.getPet', arguments: { petId: '1' } })).result).toMatchObject({
      error: { data: { status: 401 } },
    });
  });

  it('is bounded in time and size, and not followed elsewhere', async () => {
    const { id, answer } = client.begin('tool.execute', { name: 'pets.slow', arguments: {} });
    await execute('text');
    await client.call('tool.cancel', { request_id: id });
    expect((await answer).error).toMatchObject({ code: 4006 });
    await eventually('end of the request', () => (store.aborted > 0 ? true : undefined));
    expect((await execute('huge')).error).toMatchObject({ code: 4015 });
    expect((await execute('away')).result).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('redirects') as string },
    });
  });

  it('is had from a URL, as far as it is allowed', async () => {
    const { tools } = await client.call('tool.list', { source: 'remote' });
    expect(tools.map(({ name }: { name: string }) => name)).toEqual(['remote.getFile', 'remote.getPet', 'remote.getPhoto']);
  });
});

describe('an API that is not there', () => {
  it('is left alone after some calls, and tried again; its calls are counted', async () => {
    const port = await freePort();
    const server = await startServer({ config: { openapi: { pets: { document: DOCUMENT, baseUrl: `http://127.0.0.1:${port}/v1` } } } });
    const client = await server.client();
    const errorOf = async () => (await client.request('tool.execute', { name: 'pets.listPets' })).error;
    for (let i = 0; i < 5; i++)
      expect(await errorOf()).toMatchObject({ code: 4016, message: expect.stringContaining('not reached') as string });
    const refused = await errorOf();
    expect(refused).toMatchObject({ code: 4016, data: { retry_after_ms: expect.any(Number) as number } });
    const metrics = (await server.rest('GET', '/api/v1/websocket/metrics')).body as string;
    expect(metrics).toContain('mcpw_api_circuit_open{api="pets"} 1');
    expect(metrics).toContain('mcpw_api_calls_total{outcome="unavailable",api="pets"} 6');
    expect(metrics).toContain('mcpw_api_call_seconds_count{api="pets"} 6');
    const late = createServer((_, response) => void response.writeHead(500, { 'content-type': 'text/plain' }).end('there, and failing'));
    await new Promise<void>((done) => late.listen(port, '127.0.0.1', done));
    try {
      const back = await eventually(
        'the trial',
        async () => (await client.request('tool.execute', { name: 'pets.listPets' })).result,
        15_000,
        250,
      );
      expect(back).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('500') as string } });
      for (let i = 0; i < 7; i++)
        expect((await client.request('tool.execute', { name: 'pets.listPets' })).result).toMatchObject({ status: 'failed' });
    } finally {
      await new Promise((done) => late.close(done).closeAllConnections());
    }
  });
});

describe('documents that cannot be used', () => {
  it('stop the start where they are files', async () => {
    const broken = await startServer({ config: { openapi: { x: { document: '/does/not/exist.yaml' } } }, ready: false });
    expect(await broken.process.exited).toMatchObject({ code: 1 });
    expect(broken.output).toContain('openapi.x.document cannot be read');
  });

  it('stop the start where their tools would be called like those of an MCP server', async () => {
    const broken = await startServer({
      config: {
        openapi: {
          'my-pets': { document: `${store.url}/openapi.yaml` },
          off: { document: 'x', disabled: true },
          both: { document: `${store.url}/openapi.yaml`, tenants: ['acme', 'globex'] },
          apart: { document: `${store.url}/openapi.yaml`, tenants: ['acme'] },
        },
        mcpServers: {
          'my-pets': { url: store.url },
          off: { url: store.url },
          both: { url: store.url, tenants: ['globex', 'initech'] },
          apart: { url: store.url, tenants: ['globex'] },
        },
      },
      ready: false,
    });
    expect(await broken.process.exited).toMatchObject({ code: 1 });
    expect(broken.output).toMatch(/openapi.*my-pets is a name in mcpServers too/);
    expect(broken.output).toMatch(/openapi.*both is a name in mcpServers too/);
    // No tenant sees both.
    for (const name of ['off', 'apart']) expect(broken.output).not.toContain(`${name} is a name`);
  });

  it('keep their names from servers that are added over REST', async () => {
    const server = await startServer({ config: { openapi: { pets: { document: `${store.url}/openapi.yaml`, baseUrl: store.url } } } });
    const answer = await server.rest('POST', '/api/v1/upstreams', { name: 'pets', url: 'http://8.8.8.8/mcp' });
    expect(answer.status).toBe(409);
    expect(answer.body.error).toMatchObject({ code: 4008, message: expect.stringContaining('pets') as string });
  });

  it('are asked for again where they are URLs', async () => {
    store.isServingDocument = false;
    const waiting = await startServer({ config: { openapi: { late: { document: `${store.url}/openapi.yaml`, baseUrl: store.url } } } });
    const late = await waiting.client();
    expect((await late.call('tool.list', { source: 'late' })).tools).toEqual([]);
    store.isServingDocument = true;
    await late.next('tool.changed', 10_000);
    expect((await late.call('tool.list', { source: 'late' })).tools.length).toBeGreaterThan(10);
  });
});
