// Which upstreams there are, who sees them, and who may add what: the file's, the default's, and those added over REST.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../support/deadline.js';
import { signJwt } from '../support/jwt.js';
import { startServer, type TestServer } from '../support/start-server.js';
import { demoCommand, DemoServer } from './support/demo.js';

const SECRET = 'a-secret-of-tests-that-is-long-enough-0123456789';
const demo = new DemoServer('http');

beforeAll(() => demo.start());
afterAll(() => demo.kill());

const keyOf = async (server: TestServer, tenant: string, scopes: string[]): Promise<string> =>
  (await server.rest('POST', '/api/v1/keys', { name: 'test', tenant, scopes })).body.key as string;

const toolsOf = async (server: TestServer, key: string): Promise<string[]> => {
  const client = await server.client({ key });
  const { tools } = await client.call('tool.list', { limit: 1000 });
  await client.close();
  return (tools as { name: string }[]).map(({ name }) => name);
};

describe('a server that nobody has configured', () => {
  it('offers a folder of its own through a file server, to the operator’s tenant', async () => {
    const server = await startServer({ env: { MCPW_MCPSERVERS: '' } });
    const client = await server.client();
    const path = join(server.dataDir, 'workspace', 'note.txt');
    const { status } = await client.call('tool.execute', { name: 'files.write_file', arguments: { path, content: 'remember' } });
    expect(status).toBe('completed');
    expect(readFileSync(path, 'utf8')).toBe('remember');
    const outside = await client.call('tool.execute', { name: 'files.read_text_file', arguments: { path: '/etc/passwd' } });
    expect(outside).toMatchObject({ status: 'failed' });
    expect(await toolsOf(server, await keyOf(server, 'acme', ['tools:read', 'tools:execute']))).not.toContain('files.write_file');
  });
});

describe('upstreams of the file', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer({
      config: {
        mcpServers: {
          'every thing': {
            command: process.execPath,
            args: [join(import.meta.dirname, '../../node_modules/@modelcontextprotocol/server-everything/dist/index.js')],
          },
          acmes: { ...demoCommand(), tenants: ['acme'] },
          some: {
            ...demo.entry,
            allowTools: ['e*', 'add', 'crash'],
            denyTools: ['crash'],
            headers: { Authorization: 'Bearer ${env:UPSTREAM_TOKEN}' },
          },
          gone: { url: 'http://127.0.0.1:9/mcp' },
          web: { command: '/does/not/exist' },
        },
        auth: { jwt: { secret: SECRET } },
      },
      env: { UPSTREAM_TOKEN: 'static-secret-token' },
    });
  });

  it('appear under their names, made fit for tools, as far as they are allowed and reached', async () => {
    const names = await toolsOf(server, server.adminKey);
    expect(names).toContain('every_thing.echo');
    expect(names.filter((name) => name.startsWith('some.'))).toEqual(['some.add', 'some.echo']);
    expect(names.filter((name) => name.startsWith('acmes.'))).toEqual([]);
    expect(await toolsOf(server, await keyOf(server, 'acme', ['admin']))).toContain('acmes.echo');
  });

  it('answer as published servers do', async () => {
    const client = await server.client();
    const { result } = await client.call('tool.execute', { name: 'every_thing.echo', arguments: { message: 'hello' } });
    expect(result.content).toEqual([{ type: 'text', text: 'Echo: hello' }]);
    const picture = await client.call('tool.execute', { name: 'every_thing.get-tiny-image', arguments: {} });
    expect(picture.result.content.map(({ type }: { type: string }) => type)).toContain('image');
    const { answer } = client.begin('tool.execute', {
      name: 'every_thing.trigger-long-running-operation',
      arguments: { duration: 0.3, steps: 3 },
      stream: true,
    });
    expect((await client.next('tool.progress')).params).toMatchObject({ progress: 1, total: 3 });
    expect((await answer).result.status).toBe('completed');
  });

  it('that another tenant alone has are not there', async () => {
    const client = await server.client();
    expect((await client.request('tool.execute', { name: 'acmes.echo', arguments: { text: 'a' } })).error).toMatchObject({
      code: 4009,
      message: 'tool acmes.echo not found',
    });
  });

  it('are listed to administrators, those out of reach too; none of their secrets', async () => {
    const { upstreams } = (await server.rest('GET', '/api/v1/upstreams')).body;
    expect(upstreams.find(({ name }: { name: string }) => name === 'gone')).toMatchObject({
      tools: 0,
      last_error: expect.any(String) as string,
    });
    expect(upstreams.find(({ name }: { name: string }) => name === 'web')).toMatchObject({ tools: 0 });
    for (const text of [JSON.stringify(upstreams), server.output]) expect(text).not.toContain('static-secret-token');
    const acme = (await server.rest('GET', '/api/v1/upstreams', undefined, await keyOf(server, 'acme', ['admin']))).body.upstreams as {
      name: string;
      url?: string;
      last_error?: string;
    }[];
    expect(acme.map(({ name }) => name)).toContain('acmes');
    expect(acme.filter(({ url, last_error }) => url !== undefined || last_error !== undefined)).toEqual([]);
  });

  it('get the headers of the file, with the environment’s values', async () => {
    const other = await startServer({
      config: { mcpServers: { demo: { ...demo.entry, headers: { Authorization: 'Bearer ${env:UPSTREAM_TOKEN}' } } } },
      env: { UPSTREAM_TOKEN: 'static-secret-token' },
    });
    const client = await other.client();
    const { result } = await client.call('tool.execute', { name: 'demo.whoami', arguments: {} });
    expect(result.content[0].text).toBe('Bearer static-secret-token');
    expect(other.output).not.toContain('static-secret-token');
  });

  it('get the caller’s own token where that is allowed: each its own, keys of this server never', async () => {
    const other = await startServer({
      config: {
        mcpServers: { demo: { ...demo.entry, headers: { Authorization: 'Bearer of-the-server' }, forwardCallerToken: true } },
        auth: { jwt: { secret: SECRET } },
      },
    });
    const whoami = async (options: object): Promise<string> => {
      const client = await other.client(options);
      return (await client.call('tool.execute', { name: 'demo.whoami', arguments: {} })).result.content[0].text as string;
    };
    const [ada, alan] = await Promise.all(
      ['ada', 'alan'].map((sub) => signJwt(SECRET, { sub, tenant: 'acme', scopes: ['tools:execute'] })),
    );
    expect(await whoami({ jwt: ada })).toBe(`Bearer ${ada}`);
    expect(await whoami({ jwt: alan })).toBe(`Bearer ${alan}`);
    expect(await whoami({})).toBe('Bearer of-the-server');
    expect(other.output).not.toContain(ada);
  });

  it('that are required keep the server from being ready', async () => {
    const other = await startServer({
      config: { mcpServers: { needed: { url: 'http://127.0.0.1:9/mcp', required: true } } },
      ready: false,
    });
    const refusal = async () => {
      const probe = await other.rest('GET', '/health/ready').catch(() => undefined);
      return probe?.status === 503 ? probe : undefined;
    };
    // As long as a start may take on a machine that does much else.
    const answer = await eventually('refusal', refusal, 60_000);
    expect(answer.body.error).toMatchObject({ 'upstream:needed': { status: 'down' } });
  });
});

describe('upstreams added over REST', () => {
  let server: TestServer;
  const add = (body: object, key?: string) => server.rest('POST', '/api/v1/upstreams', body, key);

  beforeAll(async () => {
    server = await startServer({ config: { mcpServers: {}, federation: { allowed_hosts: ['127.0.0.1'] } } });
  });

  it('work at once, are kept over a restart, and go when they are removed', async () => {
    const added = await add({ name: 'crm', url: demo.entry.url, headers: { 'X-Team': 'hush-hush-of-the-team' } });
    expect(added).toMatchObject({ status: 201, body: { name: 'crm', origin: 'rest', state: 'connected', tenants: null } });
    expect(JSON.stringify(added.body)).not.toContain('hush-hush-of-the-team');
    await eventually('its tools', async () => ((await toolsOf(server, server.adminKey)).includes('crm.echo') ? true : undefined));
    await server.restart();
    expect(await toolsOf(server, server.adminKey)).toContain('crm.echo');
    expect((await add({ name: 'crm', url: demo.entry.url })).status).toBe(409);
    expect((await server.rest('DELETE', `/api/v1/upstreams/${added.body.id}`)).status).toBe(204);
    expect((await server.rest('GET', `/api/v1/upstreams/${added.body.id}`)).status).toBe(404);
    expect(await toolsOf(server, server.adminKey)).not.toContain('crm.echo');
  });

  it('by the administrator of a tenant are that tenant’s, and nobody else’s', async () => {
    const [acme, globex] = await Promise.all([keyOf(server, 'acme', ['admin']), keyOf(server, 'globex', ['admin'])]);
    const { body } = await add({ name: 'own', url: demo.entry.url }, acme);
    expect(body.tenants).toEqual(['acme']);
    expect((await add({ name: 'own', url: demo.entry.url }, globex)).status).toBe(201);
    await eventually('its tools', async () => ((await toolsOf(server, acme)).includes('own.echo') ? true : undefined));
    expect((await server.rest('GET', `/api/v1/upstreams/${body.id}`, undefined, globex)).status).toBe(404);
    expect((await server.rest('DELETE', `/api/v1/upstreams/${body.id}`, undefined, globex)).status).toBe(404);
    expect((await add({ name: 'theirs', url: demo.entry.url, tenants: ['globex'] }, acme)).status).toBe(403);
    expect(await toolsOf(server, server.adminKey)).not.toContain('own.echo');
  });

  it('are not followed to another origin, be its host allowed', async () => {
    let asked = 0;
    const elsewhere = createServer((_, response) => void (asked++, response.end())).listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    const { port } = elsewhere.address() as AddressInfo;
    const leading = createServer((_, response) => void response.writeHead(307, { location: `http://127.0.0.1:${port}/mcp` }).end());
    await once(leading.listen(0, '127.0.0.1'), 'listening');
    try {
      const url = `http://127.0.0.1:${(leading.address() as AddressInfo).port}/mcp`;
      const { body } = await add({ name: 'led', url });
      expect((await server.rest('GET', `/api/v1/upstreams/${body.id}`)).body).toMatchObject({
        last_error: expect.stringContaining('redirects to another origin') as string,
      });
      expect(asked).toBe(0);
      await server.rest('DELETE', `/api/v1/upstreams/${body.id}`);
    } finally {
      for (const http of [elsewhere, leading]) http.close().closeAllConnections();
    }
  });

  it('are for administrators', async () => {
    const key = await keyOf(server, 'acme', ['tools:read']);
    expect((await add({ name: 'x', url: demo.entry.url }, key)).status).toBe(403);
    expect((await server.rest('GET', '/api/v1/upstreams', undefined, key)).status).toBe(403);
    expect((await server.rest('GET', '/api/v1/upstreams', undefined, null)).status).toBe(401);
  });

  it.each([
    [{ name: 'x', command: 'sh', url: 'http://8.8.8.8/' }, 'a command'],
    [{ name: 'x', url: 'stdio:///bin/sh' }, 'another scheme'],
    [{ name: 'x', url: 'file:///etc/passwd' }, 'a file'],
    [{ name: 'x', url: 'http://user:password@8.8.8.8/' }, 'a password in the URL'],
    [{ name: 'x', url: 'http://8.8.8.8/', headers: { a: 'b\r\nc: d' } }, 'a header with a line break'],
    [{ name: 'x', url: 'http://8.8.8.8/', headers: { a: '${env:HOME}' } }, 'the environment'],
    [{ name: 'local', url: 'http://8.8.8.8/' }, 'the server’s own name'],
    [{ name: 'a.b', url: 'http://8.8.8.8/' }, 'a name with a dot'],
    [{ name: 'x' }, 'no URL'],
    [{ name: 'x', url: 'http://localhost:1/' }, 'localhost'],
    [{ name: 'x', url: 'http://[::1]:1/' }, 'IPv6 loopback'],
    [{ name: 'x', url: 'http://[::ffff:10.0.0.1]/' }, 'a private address in IPv6'],
    [{ name: 'x', url: 'http://167772161/' }, '10.0.0.1 as one number'],
    [{ name: 'x', url: 'http://0251.0376.0251.0376/' }, '169.254.169.254 in octal'],
    [{ name: 'x', url: 'http://0xa.1/' }, '10.0.0.1 in hex, shortened'],
    [{ name: 'x', url: 'http://①⓪.⓪.⓪.①/' }, '10.0.0.1 in other digits'],
    [{ name: 'x', url: 'http://10%2e0%2e0%2e1/' }, '10.0.0.1 percent-encoded'],
    [{ name: 'x', url: 'http://[::10.0.0.1]/' }, 'a private address in old IPv6'],
    [{ name: 'x', url: 'http://[64:ff9b::a00:1]/' }, 'a private address by NAT64'],
    [{ name: 'x', url: 'http://[2002:a00:1::]/' }, 'a private address by 6to4'],
    [{ name: 'x', url: 'ws://0.0.0.0:1/' }, 'any address'],
    [{ name: 'x', url: 'http://192.168.0.1.:80/' }, 'a private address with a dot'],
  ] as [object, string][])('refuses %j: %s', async (body) => {
    const answer = await add(body);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({ code: 4005 });
  });
});
