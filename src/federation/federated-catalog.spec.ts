// Resources and prompts of upstreams, through real sessions with a real server of the SDK, in both eras.
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { toNodeHandler } from '@modelcontextprotocol/node';
import { Logger } from '@nestjs/common';
import { createMcpHandler, Server, type McpHttpHandler } from '@modelcontextprotocol/server';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import type { Config } from '../config/config.js';
import { readMcpServers } from '../config/mcp-server.js';
import type { CallingClient } from '../extension/calling-client.js';
import { fakeCaller } from '../extension/testing/fake-caller.js';
import { FederatedCatalog } from './federated-catalog.js';
import { ProcessWarden } from './process-warden.js';
import { TransportFactory } from './transport-factory.js';
import { Upstreams } from './upstreams.js';

const GREETING = 'demo://greeting';
const TIMEOUT_MS = 3_000;

function demo(): Server {
  const server = new Server(
    { name: 'demo', version: '1.0.0' },
    { capabilities: { resources: { subscribe: true, listChanged: true }, prompts: { listChanged: true }, completions: {} } },
  );
  server.setRequestHandler('resources/list', () => ({ resources: [{ uri: GREETING, name: 'greeting' }] }));
  server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: [{ uriTemplate: 'demo://item/{id}', name: 'item' }] }));
  server.setRequestHandler('resources/read', ({ params: { uri } }) => {
    if (uri === GREETING || uri.startsWith('demo://item/')) return { contents: [{ uri, text: `this is ${uri}` }] };
    throw Object.assign(new Error('no such resource'), { code: -32_602 });
  });
  server.setRequestHandler('prompts/list', () => ({ prompts: [{ name: 'hello', arguments: [{ name: 'who' }] }] }));
  server.setRequestHandler('prompts/get', async ({ params }) => {
    if (params.name === 'silent') return new Promise(() => undefined);
    return {
      messages: [
        { role: 'user' as const, content: { type: 'text' as const, text: `${params.name} ${params.arguments?.['who'] ?? ''}` } },
        { role: 'user' as const, content: { type: 'resource' as const, resource: { uri: GREETING, text: 'x' } } },
        { role: 'user' as const, content: { type: 'resource_link' as const, uri: GREETING, name: 'greeting' } },
      ],
    };
  });
  server.setRequestHandler('completion/complete', ({ params }) => ({ completion: { values: [`${params.argument.value}da`] } }));
  return server;
}

describe('the catalog of upstreams', () => {
  let http: HttpServer;
  let handler: McpHttpHandler;
  let upstreams: Upstreams;
  let catalog: FederatedCatalog;
  const acme = fakeCaller({ tenant: 'acme' });
  const globex = fakeCaller({ tenant: 'globex' });

  beforeAll(async () => {
    Logger.overrideLogger(false);
    handler = createMcpHandler(() => demo());
    const node = toNodeHandler(handler);
    http = createServer((request, response) => void node(request as never, response as never));
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`;
    const config = {
      tools: { timeoutMs: TIMEOUT_MS },
      mcp: { inputTimeoutMs: 5_000 },
      federation: { allowedHosts: [] },
    } as unknown as Config;
    upstreams = new Upstreams(config, { now: () => Date.now() }, new TransportFactory(config, new ProcessWarden()));
    catalog = new FederatedCatalog(upstreams);
    const servers = readMcpServers({ my_docs: { url, timeout: '1h' }, gone: { url: 'http://127.0.0.1:9/' } }).servers;
    for (const [source, server] of servers) {
      await upstreams.add({ id: source, source, server, origin: 'file', owner: null, tenants: ['acme'] }).start();
    }
  });
  afterAll(async () => {
    await upstreams.stop();
    await handler.close();
    await new Promise((resolve) => http.close(resolve).closeAllConnections());
  });

  it('lists what those have that are reached, under names of this server', async () => {
    expect(await catalog.listResources(acme)).toEqual([{ uri: 'my-docs+demo://greeting', name: 'greeting' }]);
    expect(await catalog.listResourceTemplates(acme)).toEqual([{ uriTemplate: 'my-docs+demo://item/{id}', name: 'item' }]);
    expect(await catalog.listPrompts(acme)).toEqual([{ name: 'my_docs.hello', arguments: [{ name: 'who' }] }]);
  });

  it('is empty for tenants that do not see them, and knows nothing of what they are called', async () => {
    expect(await catalog.listResources(globex)).toEqual([]);
    expect([catalog.owns('acme', 'my-docs+demo://greeting'), catalog.owns('globex', 'my-docs+demo://greeting')]).toEqual([true, false]);
    await expect(catalog.readResource(globex, 'my-docs+demo://greeting')).rejects.toMatchObject({ kind: 'not_found' });
    await expect(catalog.getPrompt(globex, 'my_docs.hello', {})).rejects.toThrow('not found');
  });

  it('reads resources, those of templates too, and gives them the URI that they were asked by', async () => {
    for (const own of ['demo://greeting', 'demo://item/7']) {
      expect(await catalog.readResource(acme, `my-docs+${own}`)).toEqual({ contents: [{ uri: `my-docs+${own}`, text: `this is ${own}` }] });
    }
    await expect(catalog.readResource(acme, 'my-docs+demo://none')).rejects.toMatchObject({
      kind: 'invalid_params',
      message: expect.stringContaining('no such resource') as string,
    });
    await expect(catalog.readResource(acme, 'gone+demo://x')).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('gets prompts and completes their arguments', async () => {
    expect(await catalog.getPrompt(acme, 'my_docs.hello', { who: 'Ada' })).toMatchObject({
      messages: [
        { content: { text: 'hello Ada' } },
        { content: { resource: { uri: `my-docs+${GREETING}` } } },
        { content: { uri: `my-docs+${GREETING}` } },
      ],
    });
    const ref = { type: 'ref/prompt', name: 'my_docs.hello' } as const;
    expect(await catalog.complete(acme, { ref, argument: { name: 'who', value: 'A' } })).toMatchObject({ completion: { values: ['Ada'] } });
  });

  it('waits no longer than this server waits for anything, whatever an upstream is allowed', async () => {
    await expect(catalog.getPrompt(acme, 'my_docs.silent', {})).rejects.toMatchObject({ kind: 'timed_out' });
  });

  it('has nothing for a caller that comes back for what is over', async () => {
    const client: CallingClient = { capabilities: {}, responses: {}, state: { parked: 'x' }, logLevel: undefined, log: () => undefined };
    const over = { kind: 'unavailable', message: expect.stringContaining('call again') as string };
    await expect(catalog.getPrompt({ ...acme, client }, 'my_docs.hello', {})).rejects.toMatchObject(over);
    await expect(catalog.readResource({ ...acme, client }, `my-docs+${GREETING}`)).rejects.toMatchObject(over);
  });

  it('tells of updates of a resource for as long as it is wanted', async () => {
    let updates = 0;
    const stop = await catalog.subscribe(acme, 'my-docs+demo://greeting', () => updates++);
    await vi.waitFor(() => {
      handler.notify.resourceUpdated(GREETING);
      expect(updates).toBeGreaterThan(0);
    });
    stop();
    const before = updates;
    handler.notify.resourceUpdated(GREETING);
    await catalog.readResource(acme, 'my-docs+demo://greeting');
    expect(updates).toBe(before);
  });

  it('tells that a list is another', async () => {
    const told: unknown[] = [];
    const stop = catalog.onChanged({ listChanged: (what, tenants) => told.push([what, tenants]) });
    await vi.waitFor(() => {
      handler.notify.promptsChanged();
      expect(told).toContainEqual(['prompts', ['acme']]);
    });
    stop();
  });
});
