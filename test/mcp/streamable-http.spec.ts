// `/mcp`: MCP's Streamable HTTP, in both eras, with a client that can send what no SDK would.
import { request } from 'node:http';

import { beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../support/deadline.js';
import type { TestServer } from '../support/start-server.js';
import { EventReader } from './support/event-reader.js';
import { startWithFixture } from './support/fixture.js';
import { envelope, LEGACY, McpHttp, MODERN, modernRequest, type Reply } from './support/mcp-http.js';

let server: TestServer;
let http: McpHttp;

beforeAll(async () => {
  server = await startWithFixture({ websocket: { rate_limit: { enabled: false }, max_message_size: '64KB', request_timeout: '20s' } });
  http = new McpHttp(server);
});

/** The same request in either era. */
const asking = {
  [MODERN]: async (method: string, params?: Record<string, unknown>): Promise<Reply> => http.modern(method, params),
  [LEGACY]: async (method: string, params?: Record<string, unknown>): Promise<Reply> => (await http.open()).request(method, params),
};

describe.each([MODERN, LEGACY] as const)('a request of revision %s', (version) => {
  const ask = asking[version];

  it('calls a tool, and gets its text and its structured result', async () => {
    const { status, body } = await ask('tools/call', { name: 'echo', arguments: { text: 'hällo \u{1F600}' } });
    expect(status).toBe(200);
    expect(body.result).toMatchObject({
      content: [{ type: 'text', text: '{"text":"hällo \u{1F600}"}' }],
      structuredContent: { text: 'hällo \u{1F600}' },
    });
    expect(body.result.isError).toBeUndefined();
  });

  it('lists tools with their schemas, titles and hints', async () => {
    const { tools } = (await ask('tools/list')).body.result;
    const echo = tools.find((tool: { name: string }) => tool.name === 'echo');
    expect(echo).toMatchObject({ title: 'Echo', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } });
    expect(echo).not.toHaveProperty('source');
    expect(tools.map((tool: { name: string }) => tool.name)).toEqual(tools.map((tool: { name: string }) => tool.name).toSorted());
  });

  it('is told what is wrong with arguments as the tool’s own failure, for the model to put right', async () => {
    const { status, body } = await ask('tools/call', { name: 'context_read', arguments: { context_id: 7 } });
    expect(status).toBe(200);
    expect(body.result).toMatchObject({
      isError: true,
      content: [{ type: 'text', text: expect.stringContaining('/arguments/context_id') }],
    });
  });

  it('is told of a tool that fails in the tool’s words', async () => {
    const { body } = await ask('tools/call', { name: 'test_error_handling' });
    expect(body.result).toMatchObject({
      isError: true,
      content: [{ type: 'text', text: 'This tool intentionally returns an error for testing' }],
    });
  });

  it.each([
    ['a tool that is not there', 'tools/call', { name: 'nothing' }, -32602],
    ['a call without a name', 'tools/call', { arguments: {} }, -32602],
    ['arguments that are no object', 'tools/call', { name: 'echo', arguments: [1] }, -32602],
    ['a cursor of another list', 'tools/list', { cursor: 'bm90IG9uZQ' }, -32602],
    ['a cursor that is no text', 'tools/list', { cursor: 7 }, -32602],
    ['a cursor of resources that is none', 'resources/list', { cursor: '%%%' }, -32602],
    ['a prompt that is not there', 'prompts/get', { name: 'nothing' }, -32602],
    ['a prompt without a name', 'prompts/get', {}, -32602],
    ['a prompt without its arguments', 'prompts/get', { name: 'test_prompt_with_arguments', arguments: { arg1: 'x' } }, -32602],
    ['a method that is none', 'tools/destroy', {}, -32601],
    ['a method named like a member of every object', '__proto__', {}, -32601],
  ])('%s is a protocol error', async (_, method, params, code) => {
    const { body, status } = await ask(method, params);
    expect(body.error).toMatchObject({ code, message: expect.stringMatching(/\w/) });
    expect(status).toBe(version === MODERN && code === -32601 ? 404 : 200);
  });

  it('hears how far a tool is, on a stream that ends with the answer', async () => {
    const { body, headers } = modernRequest('tools/call', { name: 'test_tool_with_progress' }, {}, { progressToken: 'p1' });
    const session = await http.open();
    const response =
      version === MODERN
        ? await http.post(body, headers)
        : await session.response('tools/call', { name: 'test_tool_with_progress', _meta: { progressToken: 'p1' } });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const messages = (await new EventReader(response).messages()) as any[]; // eslint-disable-line @typescript-eslint/no-explicit-any -- read below
    expect(messages.slice(0, 3).map(({ method, params }) => [method, params.progressToken, params.progress, params.total])).toEqual([
      ['notifications/progress', 'p1', 0, 100],
      ['notifications/progress', 'p1', 50, 100],
      ['notifications/progress', 'p1', 100, 100],
    ]);
    expect(messages[3].result.content).toEqual([{ type: 'text', text: 'Tool with progress executed successfully' }]);
    expect(messages).toHaveLength(4);
  });
});

describe('the newer era', () => {
  it('says with every result what kind it is and who gives it, and how long a list may be kept', async () => {
    const call = await http.modern('tools/call', { name: 'echo', arguments: {} });
    expect(call.body.result).toMatchObject({
      resultType: 'complete',
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: expect.any(String), version: expect.any(String) } },
    });
    expect(call.body.result).not.toHaveProperty('ttlMs');
    for (const method of ['tools/list', 'resources/list', 'resources/templates/list', 'prompts/list', 'server/discover']) {
      const { result } = (await http.modern(method)).body;
      expect(result).toMatchObject({
        resultType: 'complete',
        ttlMs: expect.any(Number),
        cacheScope: expect.stringMatching(/^(public|private)$/),
      });
    }
  });

  it('knows nothing of sessions: a session’s id is passed over, and none is given', async () => {
    const { body, headers } = modernRequest('tools/list', {}, {}, {});
    const reply = await http.send(body, { ...headers, 'mcp-session-id': 'made-up' });
    expect(reply.status).toBe(200);
    expect(reply.headers.get('mcp-session-id')).toBeNull();
  });

  it.each(['initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe'])('has no %s', async (method) => {
    const reply = await http.modern(method, { uri: 'test://static-text', level: 'info' });
    expect(reply.status).toBe(404);
    expect(reply.body.error.code).toBe(-32601);
  });

  it('refuses a revision that nobody knows, and names those it knows', async () => {
    const { body, headers } = modernRequest('tools/list', {}, {}, { 'io.modelcontextprotocol/protocolVersion': '1900-01-01' });
    const reply = await http.send(body, { ...headers, 'mcp-protocol-version': '1900-01-01' });
    expect(reply.status).toBe(400);
    expect(reply.body.error).toMatchObject({
      code: -32022,
      data: { requested: '1900-01-01', supported: expect.arrayContaining([MODERN, LEGACY]) },
    });
  });

  it.each([
    ['no revision in a header', { 'mcp-protocol-version': undefined }, -32020],
    ['another revision in the header', { 'mcp-protocol-version': LEGACY }, -32020],
    ['no method in a header', { 'mcp-method': undefined }, -32020],
    ['another method in the header', { 'mcp-method': 'tools/list' }, -32020],
    ['no name in a header', { 'mcp-name': undefined }, -32020],
    ['another name in the header', { 'mcp-name': 'context_read' }, -32020],
    ['a name in base64 that is none', { 'mcp-name': '=?base64?ZWNob?=' }, -32020],
  ] as const)('refuses a request with %s', async (_, change, code) => {
    const { body, headers } = modernRequest('tools/call', { name: 'echo' }, {}, {});
    const changed = Object.fromEntries(Object.entries({ ...headers, ...change }).filter(([, value]) => value !== undefined)) as Record<
      string,
      string
    >;
    const reply = await http.send(body, changed);
    expect(reply.status).toBe(400);
    expect(reply.body.error.code).toBe(code);
    expect(reply.body.id).toBe((body as { id: number }).id);
  });

  it('takes a name in base64', async () => {
    const { body, headers } = modernRequest('tools/call', { name: 'echo' }, {}, {});
    const reply = await http.send(body, { ...headers, 'mcp-name': `=?base64?${Buffer.from('echo').toString('base64')}?=` });
    expect(reply.body.result.content).toEqual([{ type: 'text', text: '{}' }]);
  });

  it('refuses metadata that is not whole', async () => {
    for (const missing of ['protocolVersion', 'clientCapabilities']) {
      const { body, headers } = modernRequest('tools/list', {}, {}, {});
      const { params } = body as { params: { _meta: Record<string, unknown> } };
      delete params._meta[`io.modelcontextprotocol/${missing}`];
      const reply = await http.send(body, headers);
      expect(reply.status).toBe(400);
      expect(reply.body.error.code).toBe(-32602);
    }
    const level = await http.modern('tools/list', {}, {}, { 'io.modelcontextprotocol/logLevel': 'loud' });
    expect(level.status).toBe(400);
    expect(level.body.error.code).toBe(-32602);
  });

  it('gives up a call whose client has gone', async () => {
    const { body, headers } = modernRequest('tools/call', { name: 'test_waits' }, {}, { progressToken: 1 });
    const gone = new AbortController();
    const response = await http.post(body, headers, gone.signal);
    expect((await new EventReader(response).next())?.data.params.progress).toBe(1);
    gone.abort();
    await eventually('the end of the call', async () => ((await state()).aborted > 0 ? true : undefined));
  });

  it('takes a notification and does nothing about it', async () => {
    const reply = await http.send(
      { jsonrpc: '2.0', method: 'notifications/cancelled', params: { _meta: envelope() } },
      { 'mcp-protocol-version': MODERN },
    );
    expect(reply).toMatchObject({ status: 202, text: '' });
  });
});

describe('a session', () => {
  it('begins with initialize, in the client’s revision or in the newest that it may know', async () => {
    for (const version of ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'])
      expect((await http.open({}, version)).version).toBe(version);
    expect((await http.open({}, '1.0.0')).version).toBe(LEGACY);
    const { welcome, id } = await http.open();
    expect(welcome).toMatchObject({ capabilities: { tools: { listChanged: true } }, serverInfo: { name: expect.any(String) } });
    expect(id).toMatch(/^[\x21-\x7e]{20,}$/);
  });

  it('ends with DELETE: its id is nobody’s from there on', async () => {
    const session = await http.open();
    expect((await session.request('ping')).body.result).toEqual({});
    expect((await session.end()).status).toBe(204);
    expect((await session.request('ping')).status).toBe(404);
    expect((await session.end()).status).toBe(404);
  });

  it('is asked for', async () => {
    const without = await http.send({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    expect(without.status).toBe(400);
    const wrong = await http.send({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, { 'mcp-session-id': 'nothing' });
    expect(wrong.status).toBe(404);
    expect(wrong.body).not.toHaveProperty('id');
  });

  it('refuses a revision in the header that is none', async () => {
    const { id } = await http.open();
    const reply = await http.send({ jsonrpc: '2.0', id: 1, method: 'ping' }, { 'mcp-session-id': id, 'mcp-protocol-version': '1.0' });
    expect(reply.status).toBe(400);
  });

  it('takes notifications and answers, and says nothing to them', async () => {
    const session = await http.open();
    expect(await session.notify('notifications/initialized')).toMatchObject({ status: 202, text: '' });
    expect(await session.answer(77, {})).toMatchObject({ status: 202, text: '' });
  });

  it('goes on with a call whose connection was lost, and gives its answer to who comes back for it', async () => {
    const session = await http.open();
    const lost = new AbortController();
    const response = await http.post(
      {
        jsonrpc: '2.0',
        id: 'lost',
        method: 'tools/call',
        params: { name: 'test_slow', arguments: { ms: 700 }, _meta: { progressToken: 1 } },
      },
      session.headers,
      lost.signal,
    );
    const events = new EventReader(response);
    const primed = await events.next();
    expect(primed).toMatchObject({ data: undefined, id: expect.any(String), retry: expect.any(Number) });
    const progress = await events.next();
    expect(progress?.data.method).toBe('notifications/progress');
    lost.abort();
    const again = await session.stream(primed?.id);
    const messages = (await again.messages()) as any[]; // eslint-disable-line @typescript-eslint/no-explicit-any -- read below
    expect(messages[0]).toEqual(progress?.data);
    expect(messages.at(-1)).toMatchObject({ id: 'lost', result: { content: [{ type: 'text', text: 'slept' }] } });
    const later = await session.stream(progress?.id);
    expect(await later.messages()).toEqual(messages.slice(1));
  });

  it('has no event to go on from that it never sent', async () => {
    const session = await http.open();
    for (const id of ['1.1', '0.0', 'x', '0.99999999999999999999', '../..']) {
      expect((await http.get({ ...session.headers, 'last-event-id': id })).status).toBe(400);
    }
  });

  it('gives a call that takes long a stream, so that its answer can be found again', async () => {
    const session = await http.open();
    const response = await session.response('tools/call', { name: 'test_slow', arguments: { ms: 2_600 } });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const events = new EventReader(response);
    expect((await events.next())?.data).toBeUndefined();
    expect((await events.next())?.data.result.content).toEqual([{ type: 'text', text: 'slept' }]);
  });

  it('ends a call that its client takes back', async () => {
    const session = await http.open();
    const before = (await state()).aborted;
    const answer = session.response('tools/call', { name: 'test_waits' }, 'taken-back');
    await eventually('the call', async () => ((await state()).running > 0 ? true : undefined));
    expect((await session.notify('notifications/cancelled', { requestId: 'taken-back', reason: 'changed my mind' })).status).toBe(202);
    expect(((await (await answer).json()) as { error: { code: number } }).error.code).toBe(4006);
    expect((await state()).aborted).toBe(before + 1);
  });

  it('refuses a second request with the id of one that is under way', async () => {
    const session = await http.open();
    const first = session.response('tools/call', { name: 'test_slow', arguments: { ms: 400 } }, 'same');
    await eventually('the call', async () => ((await state()).running > 0 ? true : undefined));
    const second = await session.response('ping', {}, 'same');
    expect(((await second.json()) as { error: { code: number } }).error.code).toBe(-32600);
    expect(((await (await first).json()) as { result: object }).result).toMatchObject({ content: [{ text: 'slept' }] });
  });

  it('has batches in the one revision that had them', async () => {
    const batch = [
      { jsonrpc: '2.0', id: 1, method: 'ping' },
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'test_slow', arguments: { ms: 20 } } },
      { jsonrpc: '2.0', id: 3, method: 'nothing' },
    ];
    const { headers } = await http.open({}, '2025-03-26');
    const { status, body } = await http.send(batch, headers);
    expect(status).toBe(200);
    const byId = new Map((body as { id: number; result?: object; error?: object }[]).map((answer) => [answer.id, answer]));
    expect([...byId.keys()].toSorted()).toEqual([1, 2, 3]);
    expect(byId.get(2)?.result).toMatchObject({ content: [{ text: 'slept' }] });
    expect(byId.get(3)?.error).toMatchObject({ code: -32601 });
    expect(await http.send([batch[1]], headers)).toMatchObject({ status: 202, text: '' });
    expect((await http.send([], headers)).status).toBe(400);
    expect(
      (
        await http.send(
          Array.from({ length: 101 }, () => batch[0]),
          headers,
        )
      ).status,
    ).toBe(400);
    for (const version of ['2025-11-25', '2025-06-18']) {
      expect((await http.send(batch, (await http.open({}, version)).headers)).status).toBe(400);
    }
    expect((await http.send([modernRequest('tools/list', {}, {}, {}).body], { 'mcp-protocol-version': MODERN })).status).toBe(400);
  });

  it('shows older revisions only what they know', async () => {
    const call = async (version: string, name: string): Promise<Reply> => (await http.open({}, version)).request('tools/call', { name });
    expect((await call('2025-03-26', 'echo')).body.result).not.toHaveProperty('structuredContent');
    expect((await call('2024-11-05', 'test_audio_content')).body.result.content[0].type).toBe('text');
    expect((await call('2025-03-26', 'test_audio_content')).body.result.content[0].type).toBe('audio');
  });
});

describe('what is no message', () => {
  it.each([
    ['nothing', '', 400, -32700],
    ['no JSON', '{"jsonrpc":', 400, -32700],
    ['not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 400, -32700],
    ['a number', '7', 400, -32600],
    ['null', 'null', 400, -32600],
    ['an empty object', '{}', 400, -32600],
    ['JSON-RPC 1.0', '{"jsonrpc":"1.0","id":1,"method":"ping"}', 400, -32600],
    ['a method that is no text', '{"jsonrpc":"2.0","id":1,"method":7}', 400, -32600],
    ['a null id', '{"jsonrpc":"2.0","id":null,"method":"ping"}', 400, -32600],
    ['an id that is no whole number', '{"jsonrpc":"2.0","id":1.5,"method":"ping"}', 400, -32600],
    ['params that are a list', '{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}', 400, -32600],
    ['an empty batch outside a session', '[]', 400, -32600],
  ] as const)('%s is refused', async (_, body, status, code) => {
    const reply = await http.send(body);
    expect(reply.status).toBe(status);
    expect(reply.body.error.code).toBe(code);
  });

  it('as deep as 65 is refused, and as deep as a stack is no danger', async () => {
    const nested = (depth: number): string =>
      `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}`;
    for (const depth of [63, 30_000]) expect((await http.send(nested(depth))).body.error.message).toContain('deeper');
    const session = await http.open();
    expect((await http.send(nested(62), session.headers)).body.result).toEqual({});
  });

  it('too large is refused before it is read', async () => {
    const reply = await http.send(`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":"${'x'.repeat(65_536)}"}}`);
    expect(reply.status).toBe(413);
    for (let i = 0; i < 20; i++) expect(await endless()).toBe(413);
    expect((await http.modern('server/discover')).status).toBe(200);
  });

  it('of another type, or wanting another, is refused', async () => {
    expect((await http.send('{}', { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await http.send('{}', { 'content-type': 'application/json-patch+json' })).status).toBe(415);
    expect((await http.send('{}', { accept: 'text/html' })).status).toBe(406);
  });

  it('by another HTTP method is refused, and names those there are', async () => {
    for (const method of ['PUT', 'PATCH', 'HEAD']) {
      const reply = await http.method(method);
      expect(reply.status).toBe(405);
      expect(reply.headers.get('allow')).toContain('POST');
    }
    expect((await http.get({})).status).toBe(405);
    expect((await http.method('DELETE')).status).toBe(400);
  });

  it('members of every object’s prototype are members like others', async () => {
    const session = await http.open();
    const reply = await http.send(
      '{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"echo","arguments":{"__proto__":{"polluted":true},"constructor":1}}}',
      session.headers,
    );
    expect(reply.body.result.content[0].text).toBe('{"__proto__":{"polluted":true},"constructor":1}');
    expect((await http.modern('tools/call', { name: 'echo', arguments: {} })).body.result.structuredContent).toEqual({});
  });

  it('no path beside it is taken for it', async () => {
    const paths = ['/mcpx', '/mcp/', '/mcp/x', '/MCP'].map(async (path) => (await fetch(server.url + path, { method: 'POST' })).status);
    expect(await Promise.all(paths)).toEqual([404, 404, 404, 404]);
  });
});

/** Sends a body without an end, and without saying how long it is, until there is an answer: its status. */
async function endless(): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${server.adminKey}` };
    let isOver = false;
    const sent = request(http.url, { method: 'POST', headers }, (response) => {
      isOver = true;
      response.resume();
      resolve(response.statusCode);
      sent.destroy();
    });
    sent.on('error', (error) => {
      isOver = true;
      reject(error);
    });
    const more = (): void => {
      if (!isOver) sent.write(Buffer.alloc(16_384, ' '), () => setImmediate(more));
    };
    more();
  });
}

/** What the fixture’s slow tools have seen. */
async function state(): Promise<{ running: number; aborted: number }> {
  return (await http.modern('tools/call', { name: 'test_state' })).body.result.structuredContent;
}
