// Both SDKs' clients on both transports, in both eras, with a server behind the gateway that nobody here wrote.
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../support/deadline.js';
import type { TestServer } from '../support/start-server.js';
import { startWithFixture } from './support/fixture.js';
import { LEGACY, McpHttp, MODERN } from './support/mcp-http.js';
import { sdkClients, type SdkClient } from './support/sdk-clients.js';

const EVERYTHING = join(import.meta.dirname, '../../node_modules/@modelcontextprotocol/server-everything/dist/index.js');

let server: TestServer;

beforeAll(async () => {
  server = await startWithFixture({
    websocket: { rate_limit: { enabled: false } },
    mcpServers: { everything: { command: process.execPath, args: [EVERYTHING, 'stdio'] } },
  });
  const http = new McpHttp(server);
  await eventually('the upstream’s tools', async () =>
    (await http.modern('tools/call', { name: 'everything.echo', arguments: { message: 'x' } })).body.result?.content === undefined
      ? undefined
      : true,
  );
});

describe.each(Object.entries(sdkClients))('%s', (name, connect) => {
  let client: SdkClient;

  beforeAll(async () => {
    client = await connect(server);
  });

  afterAll(async () => {
    await client.close();
  });

  it('agrees on a revision', () => {
    expect(client.version).toBe(/newer era|what is there/.test(name) ? MODERN : LEGACY);
  });

  it('lists tools, of the server and of its upstreams', async () => {
    const { tools } = await client.listTools();
    const names = tools.map((tool: { name: string }) => tool.name) as string[];
    expect(names).toEqual(expect.arrayContaining(['echo', 'context_search', 'test_simple_text', 'everything.echo', 'everything.get-sum']));
    expect(tools.find((tool: { name: string }) => tool.name === 'everything.get-sum').inputSchema).toMatchObject({
      type: 'object',
      required: ['a', 'b'],
    });
  });

  it('calls them: texts, pictures, structures, links', async () => {
    const sum = await client.callTool({ name: 'everything.get-sum', arguments: { a: 2, b: 3 } });
    expect(sum.content[0].text).toContain('5');
    const image = await client.callTool({ name: 'everything.get-tiny-image' });
    expect(
      image.content.some(({ type, mimeType }: { type: string; mimeType: string }) => type === 'image' && mimeType === 'image/png'),
    ).toBe(true);
    const weather = await client.callTool({ name: 'everything.get-structured-content', arguments: { location: 'Chicago' } });
    expect(weather.structuredContent).toMatchObject({ temperature: expect.any(Number), conditions: expect.any(String) });
    const links = await client.callTool({ name: 'everything.get-resource-links', arguments: { count: 2 } });
    const link = links.content.find(({ type }: { type: string }) => type === 'resource_link');
    expect((await client.readResource({ uri: link.uri })).contents[0].uri).toBe(link.uri);
  });

  it('hears how far they are', async () => {
    const heard: number[] = [];
    const result = await client.callTool(
      { name: 'everything.trigger-long-running-operation', arguments: { duration: 0.4, steps: 4 } },
      { onprogress: ({ progress }) => void heard.push(progress) },
    );
    expect(result.content[0].text).toContain('completed');
    // What comes together with the answer the SDKs do not tell.
    expect(heard.slice(0, 3)).toEqual([1, 2, 3]);
  });

  it('gives up on one', async () => {
    const abort = new AbortController();
    const call = client.callTool({ name: 'test_waits' }, { signal: abort.signal, onprogress: () => abort.abort() });
    await expect(call).rejects.toThrow();
    await eventually('its end', async () => {
      const { content } = await client.callTool({ name: 'test_state' });
      return (JSON.parse(content[0].text) as { running: number }).running === 0 ? true : undefined;
    });
  });

  it('is told of failures: a tool’s in its result, a call’s as an error', async () => {
    expect(await client.callTool({ name: 'everything.get-sum', arguments: { a: 'x' } })).toMatchObject({ isError: true });
    await expect(client.callTool({ name: 'nobody' })).rejects.toMatchObject({ code: -32602 });
  });

  it('is asked for what a tool needs of its user', async () => {
    const { content } = await client.callTool({ name: 'test_input_required_result_multi_round' });
    expect(content[0].text).toMatch(/^Ada likes/);
  });

  it('is asked for what an upstream’s tool needs of its user', async () => {
    const { content } = await client.callTool({ name: 'everything.trigger-elicitation-request' });
    expect(content.map(({ text }: { text: string }) => text).join('\n')).toContain('Name: Ada');
  });

  it('reads resources and prompts, and completes arguments', async () => {
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }: { uri: string }) => uri)).toContain('test://static-text');
    const upstream = resources.find(({ uri }: { uri: string }) => uri.includes('everything') || uri.startsWith('demo://'));
    expect((await client.readResource({ uri: upstream.uri })).contents[0].text).toEqual(expect.any(String));
    const { prompts } = await client.listPrompts();
    expect(prompts.map((prompt: { name: string }) => prompt.name)).toEqual(
      expect.arrayContaining(['test_simple_prompt', 'everything.simple-prompt']),
    );
    const prompt = await client.getPrompt({ name: 'everything.args-prompt', arguments: { city: 'Paris', state: 'Texas' } });
    expect(prompt.messages[0].content.text).toContain('Paris');
    const completed = await client.complete({
      ref: { type: 'ref/prompt', name: 'everything.completable-prompt' },
      argument: { name: 'department', value: 'E' },
    });
    expect(completed.completion.values).toContain('Engineering');
  });

  it('is told when the list of tools is another', async () => {
    const before = client.changes();
    const agent = await server.client();
    await agent.call('tool.register', { tools: [{ name: 'for_a_while', description: 'x', inputSchema: { type: 'object' } }] });
    await eventually('the change', () => (client.changes() > before ? true : undefined));
    expect((await client.listTools()).tools.map((tool: { name: string }) => tool.name)).toContain('for_a_while');
    agent.terminate();
    await eventually('the next change', () => (client.changes() > before + 1 ? true : undefined));
  });
});
