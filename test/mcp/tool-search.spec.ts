// A server with a thousand tools that shows its clients three.
import { beforeAll, describe, expect, it } from 'vitest';

import { createKey } from '../support/keys.js';
import type { TestServer } from '../support/start-server.js';
import type { TestClient } from '../support/test-client.js';
import { startPlain } from './support/fixture.js';
import { McpHttp, type Reply } from './support/mcp-http.js';

const TOOLS = 1_000;
const OF_ONE_AGENT = 100;

let server: TestServer;
let http: McpHttp;

beforeAll(async () => {
  server = await startPlain({ mcp: { tool_mode: 'search' }, websocket: { rate_limit: { enabled: false } } });
  http = new McpHttp(server);
  const tools = Array.from({ length: TOOLS }, (_, i) => ({
    name: `tool_${i}`,
    description: i === 777 ? `Sends an invoice to a customer. ${'More about it. '.repeat(50)}` : `Does thing ${i}`,
    inputSchema: { type: 'object', properties: { amount: { type: 'number' } }, required: i === 777 ? ['amount'] : [] },
  }));
  for (let i = 0; i < TOOLS; i += OF_ONE_AGENT) {
    const agent = await server.client();
    await agent.call('tool.register', { tools: tools.slice(i, i + OF_ONE_AGENT) });
    void answerCalls(agent).catch(() => undefined); // until its connection ends
  }
});

/** Answers each call with what it was. */
async function answerCalls(agent: TestClient): Promise<void> {
  for (;;) {
    const { id, params } = await agent.nextRequest('tool.execute', 600_000);
    const { name, arguments: args } = params as { name: string; arguments: object };
    const content = [{ type: 'text', text: `${name} ${JSON.stringify(args)}` }];
    agent.respond(id ?? '', { status: 'completed', result: { content } });
  }
}

const call = async (name: string, args: object = {}, client = http): Promise<Reply['body']> =>
  (await client.modern('tools/call', { name, arguments: args })).body;

describe('tools that are searched', () => {
  it('are three in the list, in a few hundred words', async () => {
    const { text, body } = await http.modern('tools/list');
    expect(body.result.tools.map(({ name }: { name: string }) => name)).toEqual(['search_tools', 'describe_tools', 'call_tool']);
    expect(text.length).toBeLessThan(3_000);
    const session = await http.open();
    expect((await session.request('tools/list')).body.result.tools).toHaveLength(3);
  });

  it('are found by words, described, and called', async () => {
    const { result } = await call('search_tools', { query: 'invoice customer' });
    expect(result.structuredContent.tools[0].name).toBe('tool_777');
    expect(result.structuredContent.tools[0].description.length).toBeLessThanOrEqual(200);
    expect(JSON.parse(result.content[0].text)).toEqual(result.structuredContent);
    const described = (await call('describe_tools', { names: ['tool_777', 'nobody'] })).result.structuredContent.tools;
    expect(described[0]).toMatchObject({ name: 'tool_777', inputSchema: { required: ['amount'] } });
    expect(described[0].description.length).toBeGreaterThan(200);
    expect(described[1]).toEqual({ name: 'nobody', error: expect.any(String) });
    expect((await call('call_tool', { name: 'tool_777', arguments: { amount: 7 } })).result.content[0].text).toBe('tool_777 {"amount":7}');
  });

  it('are all found without words, page by page', async () => {
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = (await call('search_tools', { limit: 100, ...(cursor !== undefined && { cursor }) })).result.structuredContent;
      names.push(...page.tools.map(({ name }: { name: string }) => name));
      cursor = page.next_cursor;
    } while (cursor !== undefined);
    expect(names.filter((name) => name.startsWith('tool_'))).toHaveLength(TOOLS);
  });

  it('can still be called by those who know them', async () => {
    expect((await call('tool_1', { amount: 1 })).result.content[0].text).toBe('tool_1 {"amount":1}');
  });

  it('tell what is wrong as failures for the model', async () => {
    const wrong: [string, object][] = [
      ['search_tools', { query: 7 }],
      ['search_tools', { limit: 0 }],
      ['search_tools', { limit: 1_000 }],
      ['search_tools', { what: 1 }],
      ['search_tools', { cursor: 'nonsense' }],
      ['describe_tools', {}],
      ['describe_tools', { names: [] }],
      ['describe_tools', { names: Array(21).fill('x') }],
      ['call_tool', {}],
      ['call_tool', { name: 'nobody' }],
      ['call_tool', { name: 'tool_777', arguments: {} }],
      ['call_tool', { name: 'call_tool', arguments: { name: 'tool_1' } }],
    ];
    for (const [name, args] of wrong) expect([name, args, (await call(name, args)).result?.isError]).toEqual([name, args, true]);
  });

  it('are only those that the principal may call', async () => {
    const { key } = await createKey(server, { scopes: ['tools:read', 'tools:execute:tool_1'] });
    const client = new McpHttp(server, { key });
    const found = (await call('search_tools', { query: 'thing' }, client)).result.structuredContent.tools;
    expect(found.map(({ name }: { name: string }) => name)).toEqual(['tool_1']);
    expect((await call('describe_tools', { names: ['tool_2'] }, client)).result.structuredContent.tools[0]).toHaveProperty('error');
    expect((await call('call_tool', { name: 'tool_1', arguments: {} }, client)).result.isError).not.toBe(true);
    expect((await call('call_tool', { name: 'tool_2', arguments: {} }, client)).result.isError).toBe(true);
  });

  it('of other tenants are not found', async () => {
    const { key } = await createKey(server, { tenant: 'globex' });
    const client = new McpHttp(server, { key });
    expect((await call('search_tools', { query: 'invoice' }, client)).result.structuredContent.tools).toEqual([]);
    expect((await call('call_tool', { name: 'tool_777', arguments: { amount: 1 } }, client)).result.isError).toBe(true);
  });
});
