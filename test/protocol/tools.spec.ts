// PROTOCOL.md §5, tools: listed, executed, cancelled, and offered by agents.
import { resolve } from 'node:path';

import { encodeMsgpack } from '@mcpw/protocol';
import { beforeAll, describe, expect, it } from 'vitest';

import { createKey } from '../support/keys.js';
import { frame } from '../support/binary-wire.js';
import { ENCODINGS, ERROR, RESPONSE, type Encoding, type MessageId } from '../support/message.js';
import { sharedServer, startServer, type TestServer } from '../support/start-server.js';
import type { Answer, TestClient } from '../support/test-client.js';

const TOOL_SERVER = resolve(import.meta.dirname, '../support/fixtures/tool-server.js');
const BYTES = Buffer.from([0, 1, 2, 253, 254, 255]);

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ main: TOOL_SERVER, config: { websocket: { rate_limit: { enabled: false } }, tools: { timeout: '3s' } } });
});

/** A client with these scopes only. */
async function holder(encoding: Encoding, scopes: readonly string[], tenant = 'default'): Promise<TestClient> {
  const { key } = await createKey(server, { scopes, tenant });
  return server.client({ key, encoding });
}

interface Listed {
  readonly name: string;
  readonly source: string;
}

const namesOf = (page: { tools: Listed[] }): string[] => page.tools.map(({ name }) => name);

async function timed<T>(work: Promise<T>): Promise<{ value: T; ms: number }> {
  const begin = performance.now();
  return { value: await work, ms: performance.now() - begin };
}

describe.each(ENCODINGS)('tool.list in %s', (encoding) => {
  it('a tool has id, name, description, inputSchema, outputSchema, annotations and source', async () => {
    const client = await server.client({ encoding });
    const { tools } = await client.call('tool.list', { query: 'test_add' });
    expect(tools[0]).toEqual({
      id: 'test_add',
      name: 'test_add',
      description: 'Adds two whole numbers.',
      inputSchema: expect.objectContaining({
        type: 'object',
        properties: expect.objectContaining({ a: { type: 'integer' }, b: { type: 'integer' } }),
        required: ['a', 'b'],
      }),
      outputSchema: expect.objectContaining({ properties: { sum: { type: 'integer' } } }),
      annotations: { title: 'Addition', readOnlyHint: true },
      source: 'local',
    });
  });

  it('query finds words of names and descriptions, the best first', async () => {
    const client = await server.client({ encoding });
    expect(namesOf(await client.call('tool.list', { query: 'vault' }))).toEqual(['test_guarded']);
    expect(namesOf(await client.call('tool.list', { query: 'echo' }))[0]).toBe('echo');
    expect(namesOf(await client.call('tool.list', { query: 'context' }))).toEqual(
      expect.arrayContaining(['context_read', 'context_search', 'context_append']),
    );
    expect(await client.call('tool.list', { query: 'nothingislikethis' })).toEqual({ tools: [] });
    expect(await client.call('tool.list', { query: '.*(\\"$%^' })).toEqual({ tools: [] });
  });

  it('source takes only those of one source', async () => {
    const client = await server.client({ encoding });
    const { tools } = (await client.call('tool.list', { source: 'local' })) as { tools: Listed[] };
    expect(tools.length).toBeGreaterThan(10);
    expect(new Set(tools.map(({ source }) => source))).toEqual(new Set(['local']));
    expect(await client.call('tool.list', { source: 'nowhere' })).toEqual({ tools: [] });
  });

  it.each([undefined, 'test'])('pages with limit and cursor hold each tool once, with the query %s', async (query) => {
    const client = await server.client({ encoding });
    const whole = namesOf(await client.call('tool.list', { query }));
    const paged: string[] = [];
    for (let cursor: string | undefined, more = true; more;) {
      const page = await client.call('tool.list', { query, limit: 3, cursor });
      expect(page.tools.length).toBeLessThanOrEqual(3);
      paged.push(...namesOf(page));
      cursor = page.next_cursor;
      more = cursor !== undefined;
    }
    expect(whole.length).toBeGreaterThan(6);
    expect(paged).toEqual(whole);
  });

  it('a cursor of something else is 4005', async () => {
    const client = await server.client({ encoding });
    for (const cursor of ['x', 'bnVsbA', Buffer.from('["t"]').toString('base64url'), '\u0000']) {
      expect((await client.request('tool.list', { cursor })).error).toMatchObject({ code: 4005, data: { errors: [{ path: '/cursor' }] } });
    }
  });

  it('shows only what the caller may use', async () => {
    const narrow = await holder(encoding, ['tools:read', 'tools:execute:test_s*', 'tools:execute:echo']);
    expect(namesOf(await narrow.call('tool.list'))).toEqual(['echo', 'test_say']);
    const reader = await holder(encoding, ['tools:read']);
    expect(namesOf(await reader.call('tool.list'))).toEqual([]);
    const all = await holder(encoding, ['tools:read', 'tools:execute']);
    const names = namesOf(await all.call('tool.list'));
    expect(names).toContain('test_add');
    for (const needsMore of ['test_guarded', 'context_read', 'event_publish']) expect(names).not.toContain(needsMore);
    const opener = await holder(encoding, ['tools:read', 'tools:execute', 'vault:open']);
    expect(namesOf(await opener.call('tool.list'))).toContain('test_guarded');
  });
});

describe.each(ENCODINGS)('tool.execute in %s', (encoding) => {
  let client: TestClient;
  beforeAll(async () => {
    client = await server.client({ encoding });
  });

  it('answers with tool, status, result and duration_ms', async () => {
    expect(await client.call('tool.execute', { name: 'test_add', arguments: { a: 2, b: 40 } })).toEqual({
      tool: 'test_add',
      status: 'completed',
      result: { content: [{ type: 'text', text: '{"sum":42}' }], structured: { sum: 42 } },
      duration_ms: expect.any(Number),
    });
  });

  it.each([
    ['tool', 'args'],
    ['tool_id', 'parameters'],
    ['name', 'arguments'],
  ])('takes the names %s and %s', async (name, args) => {
    const { result } = await client.call('tool.execute', { [name]: 'test_add', [args]: { a: 1, b: 2 } });
    expect(result.structured).toEqual({ sum: 3 });
  });

  it('text is text, nothing is no content', async () => {
    const said = await client.call('tool.execute', { name: 'test_say', arguments: { text: 'hällo 🌍' } });
    expect(said.result).toEqual({ content: [{ type: 'text', text: 'hällo 🌍' }] });
    const silent = await client.call('tool.execute', { name: 'test_nothing' });
    expect(silent).toMatchObject({ status: 'completed', result: { content: [] } });
  });

  it('bytes come as bytes in binary frames and as base64 in JSON', async () => {
    const expected = encoding === 'json' ? BYTES.toString('base64') : BYTES;
    const { result } = await client.call('tool.execute', { name: 'test_bytes' });
    expect(result.content).toMatchObject([{ type: 'resource', resource: { mimeType: 'application/octet-stream' } }]);
    expect(asPlain(result.content[0].resource.blob)).toEqual(expected);
    const image = await client.call('tool.execute', { name: 'test_image' });
    expect(image.result).toMatchObject({ content: [{ type: 'image', mimeType: 'image/png' }], structured: { width: 1 } });
    expect(asPlain(image.result.content[0].data)).toEqual(expected);
  });

  it('arguments are checked against the inputSchema: 4005 with the path of each error', async () => {
    const { error } = await client.request('tool.execute', { name: 'test_add', arguments: { a: 'one', note: 'x'.repeat(11), extra: 1 } });
    expect(error?.code).toBe(4005);
    const paths = (error?.data as { errors: { path: string; message: string }[] }).errors;
    expect(paths.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/arguments/a', '/arguments/b', '/arguments/note', '/arguments/extra']),
    );
    for (const { message } of paths) expect(message).toMatch(/\w/);
    for (const args of ['text', [1, 2], 5, true])
      expect((await client.request('tool.execute', { name: 'test_add', arguments: args })).error?.code).toBe(4005);
  });

  it('arguments named __proto__ and constructor reach no prototype', async () => {
    const args = JSON.parse('{"a":1,"b":2,"__proto__":{"polluted":1}}') as object;
    expect((await client.request('tool.execute', { name: 'test_add', arguments: args })).error?.code).toBe(4005);
    expect((await client.call('tool.execute', { name: 'echo', arguments: {} })).result.structured.polluted).toBeUndefined();
  });

  it('a tool that does not exist is 4009', async () => {
    for (const name of ['nope', '__proto__', 'constructor', 'test_add ', 'TEST_ADD'])
      expect((await client.request('tool.execute', { name })).error).toMatchObject({ code: 4009 });
  });

  it('a tool that runs and fails is a response with status failed, in the words that it chose', async () => {
    const { status, error, result } = await client.call('tool.execute', { name: 'test_refuse' });
    expect({ status, error, result }).toEqual({
      status: 'failed',
      error: { message: 'the vault is open already', data: { since: 'noon' } },
      result: undefined,
    });
  });

  it.each(['test_crash', 'test_crashLater'])('%s: of an unexpected error only a reference is told, which is in the log', async (name) => {
    const outcome = await client.call('tool.execute', { name });
    expect(outcome).toMatchObject({ status: 'failed', error: { data: { ref: expect.stringMatching(/^[0-9a-f-]{36}$/) } } });
    expect(JSON.stringify(outcome)).not.toContain('secret');
    await server.printed(new RegExp(outcome.error.data.ref));
  });

  it('a tool that takes too long is 4014, be it its own limit, the caller’s or the server’s', async () => {
    const hasty = await timed(client.request('tool.execute', { name: 'test_hasty', arguments: { ms: 8000 } }));
    expect(hasty.value.error).toMatchObject({ code: 4014 });
    expect(hasty.ms).toBeLessThan(2900);
    const asked = await timed(client.request('tool.execute', { name: 'test_deaf', arguments: { ms: 8000 } }, { timeout_ms: 100 }));
    expect(asked.value.error).toMatchObject({ code: 4014 });
    expect(asked.ms).toBeLessThan(2900);
    const limited = await timed(client.request('tool.execute', { name: 'test_walk', arguments: { ms: 9000, label: `limit-${encoding}` } }));
    expect(limited.value.error).toMatchObject({ code: 4014 });
    expect(limited.ms).toBeLessThan(8000);
    await server.printed(new RegExp(`walk limit-${encoding} timed_out`));
  });

  it('stream brings tool.progress, before the answer; without it there is none', async () => {
    const args = { ms: 60, steps: 3, label: 'streamed' };
    const { id, answer } = client.begin('tool.execute', { name: 'test_walk', arguments: args, stream: true });
    const told = [await client.next('tool.progress'), await client.next('tool.progress'), await client.next('tool.progress')];
    expect(told.map(({ params }) => params)).toEqual(
      [1, 2, 3].map((progress) => ({ request_id: id, progress, total: 3, message: `step ${progress}` })),
    );
    const answered = await answer;
    expect(answered.result).toMatchObject({ status: 'completed', result: { content: [{ text: 'arrived' }] } });
    expect(client.messages.indexOf(answered)).toBe(client.messages.length - 1);
    await client.call('tool.execute', { name: 'test_walk', arguments: args });
    expect(client.messages.filter(({ method }) => method === 'tool.progress')).toHaveLength(3);
  });
});

describe.each(ENCODINGS)('tool.cancel in %s', (encoding) => {
  it('the call is answered 4006, its tool is told, and its answer goes nowhere', async () => {
    const client = await server.client({ encoding });
    const label = `cancelled-${encoding}`;
    const { id, answer } = client.begin('tool.execute', { name: 'test_walk', arguments: { ms: 20_000, label } });
    expect(await client.call('tool.cancel', { request_id: id })).toEqual({ cancelled: true });
    expect((await answer).error).toMatchObject({ code: 4006 });
    await server.printed(new RegExp(`walk ${label} cancelled`));
    expect(await client.call('tool.cancel', { request_id: id })).toEqual({ cancelled: false });
    expect(client.messages.filter((message) => message.id === id)).toHaveLength(1);
  });

  it('a call of a tool that does not listen is answered at once all the same', async () => {
    const client = await server.client({ encoding });
    const { id, answer } = client.begin('tool.execute', { name: 'test_deaf', arguments: { ms: 8000 } });
    await client.call('tool.cancel', { request_id: id });
    const { value, ms } = await timed(answer);
    expect(value.error).toMatchObject({ code: 4006 });
    expect(ms).toBeLessThan(7000);
  });

  it('that waited for its turn runs once, and so does what waited behind it', async () => {
    const busy = await sharedServer({ main: TOOL_SERVER, config: { websocket: { max_in_flight: 2, rate_limit: { enabled: false } } } });
    const { key } = await createKey(busy, { tenant: `crowded-${encoding}` });
    const client = await busy.client({ encoding, key });
    const walk = (ms: number): [string, object] => ['tool.execute', { name: 'test_walk', arguments: { ms, label: 'crowded' } }];
    const first = Number(String(client.nextId()).replace('m', ''));
    const id = encoding === 'json' ? `m${first + 1}` : first + 1;
    const answers = await client.batch([
      walk(300),
      walk(20_000),
      ['tool.cancel', { request_id: id }],
      ['context.create', { name: 'behind' }],
    ]);
    expect(answers.map(({ error }) => error?.code)).toEqual([undefined, 4006, undefined, undefined]);
    expect(answers[2]?.result).toEqual({ cancelled: true });
    await client.settle();
    expect(client.messages).toHaveLength(1 + 4);
    expect((await client.call('context.list')).contexts).toHaveLength(1);
  });

  it('reaches no call of another connection', async () => {
    const [mine, theirs] = [await server.client({ encoding }), await server.client({ encoding })];
    const { id, answer } = mine.begin('tool.execute', { name: 'test_walk', arguments: { ms: 300, label: `kept-${encoding}` } });
    expect(await theirs.call('tool.cancel', { request_id: id })).toEqual({ cancelled: false });
    expect((await answer).result).toMatchObject({ status: 'completed' });
  });
});

describe.each(ENCODINGS)('scopes of tools in %s', (encoding) => {
  it('tools:execute:<pattern> opens the tools that the pattern fits, and no other: 4012 names the scope', async () => {
    const narrow = await holder(encoding, ['tools:execute:test_a*', 'tools:execute:*ho']);
    await narrow.call('tool.execute', { name: 'test_add', arguments: { a: 1, b: 1 } });
    await narrow.call('tool.execute', { name: 'echo' });
    for (const name of ['test_say', 'context_read']) {
      expect((await narrow.request('tool.execute', { name })).error).toMatchObject({
        code: 4012,
        data: { scope: `tools:execute:${name}` },
      });
    }
  });

  it('a tool’s own scopes are needed beside tools:execute', async () => {
    const without = await holder(encoding, ['tools:execute']);
    expect((await without.request('tool.execute', { name: 'test_guarded' })).error).toMatchObject({
      code: 4012,
      data: { scope: 'vault:open' },
    });
    const only = await holder(encoding, ['vault:open']);
    expect((await only.request('tool.execute', { name: 'test_guarded' })).error).toMatchObject({
      code: 4012,
      data: { scope: 'tools:execute' },
    });
    const both = await holder(encoding, ['vault:open', 'tools:execute:test_guarded']);
    expect((await both.call('tool.execute', { name: 'test_guarded' })).result.content[0].text).toBe('the treasure');
  });
});

describe.each(ENCODINGS)('the tools built in, in %s', (encoding) => {
  it('echo gives its arguments back as text and as structured content', async () => {
    const client = await server.client({ encoding });
    const args = { text: 'x', list: [1, null, { deep: true }], ключ: 1.5 };
    const { result } = await client.call('tool.execute', { name: 'echo', arguments: args });
    expect(result.structured).toEqual(args);
    expect(JSON.parse(result.content[0].text)).toEqual(args);
    const bytes = encoding === 'binary' ? Uint8Array.of(1, 2) : 'AQI=';
    const answer = await client.call('tool.execute', { name: 'echo', arguments: { bytes } });
    expect(answer.result.content).toEqual([{ type: 'text', text: '{"bytes":"AQI="}' }]);
  });

  it('context_append, context_read and context_search reach the contexts that the methods reach', async () => {
    const client = await holder(encoding, ['tools:execute', 'contexts:read', 'contexts:write'], `tools-${encoding}`);
    const run = async (name: string, args: object): Promise<Answer['result']> =>
      (await client.call('tool.execute', { name, arguments: args })).result.structured;
    const id = 'notes';
    expect((await client.call('tool.execute', { name: 'context_append', arguments: { context_id: id, content: 'x' } })).status).toBe(
      'failed',
    );
    expect(await run('context_append', { context_id: id, name: 'Notes', content: 'the walrus sleeps', role: 'assistant' })).toMatchObject({
      id,
      version: 1,
    });
    expect(await run('context_append', { context_id: id, name: 'Notes', content: 'the otter wakes' })).toMatchObject({
      version: 2,
      item_count: 2,
    });
    expect((await run('context_read', { context_id: id, limit: 1 })).items).toMatchObject([{ role: 'user', content: 'the otter wakes' }]);
    expect((await run('context_search', { query: 'walrus' })).matches).toMatchObject([{ context_id: id, role: 'assistant' }]);
    expect((await client.call('context.get', { context_id: id })).item_count).toBe(2);
  });

  it('event_publish publishes an event', async () => {
    const client = await server.client({ encoding });
    await client.call('event.subscribe', { events: ['tooled.*'] });
    const { result } = await client.call('tool.execute', {
      name: 'event_publish',
      arguments: { event: `tooled.${encoding}`, data: { n: 1 } },
    });
    expect((await client.next('event')).params).toMatchObject({
      event: `tooled.${encoding}`,
      data: { n: 1 },
      cursor: result.structured.cursor,
    });
    const failed = await client.call('tool.execute', { name: 'event_publish', arguments: { event: 'agent.fake', data: 1 } });
    expect(failed.status).toBe('failed');
  });

  it('need the scopes that their methods need', async () => {
    const client = await holder(encoding, ['tools:execute']);
    const needs = {
      context_read: 'contexts:read',
      context_search: 'contexts:read',
      context_append: 'contexts:write',
      event_publish: 'events:publish',
    };
    for (const [name, scope] of Object.entries(needs))
      expect((await client.request('tool.execute', { name })).error, name).toMatchObject({ code: 4012, data: { scope } });
  });
});

/** What an agent offers: any object. */
const offer = (name: string, more: object = {}): object => ({
  name,
  description: `Offered: ${name}`,
  inputSchema: { type: 'object' },
  ...more,
});

const done = (text: string): object => ({ status: 'completed', result: { content: [{ type: 'text', text }] } });

describe.each(ENCODINGS)('tools that agents offer, in %s', (encoding) => {
  let count = 0;
  /** A tenant of the test's own, so that nobody else's tools come and go. */
  const fresh = (): string => `offers-${encoding}-${++count}`;
  const join = (tenant: string, as: Encoding = encoding): Promise<TestClient> =>
    holder(as, ['tools:read', 'tools:execute', 'tools:register', 'events:read'], tenant);

  it('tool.register answers with the names; the tool is listed, and called at its agent', async () => {
    const tenant = fresh();
    const [agent, caller] = [await join(tenant), await join(tenant)];
    const schema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
    expect(await agent.call('tool.register', { tools: [offer('double', { inputSchema: schema }), offer('other.thing')] })).toEqual({
      registered: ['double', 'other.thing'],
    });
    const { tools } = await caller.call('tool.list', { source: 'agents' });
    expect(tools).toMatchObject([{ name: 'double', source: 'agents', inputSchema: schema }, { name: 'other.thing' }]);
    const answer = caller.call('tool.execute', { name: 'double', arguments: { n: 21 } });
    const asked = await agent.nextRequest('tool.execute');
    expect(asked.params).toMatchObject({ name: 'double', arguments: { n: 21 } });
    agent.respond(asked.id as string, { status: 'completed', result: { content: [], structured: { n: 42 } } });
    expect(await answer).toMatchObject({ tool: 'double', status: 'completed', result: { structured: { n: 42 } } });
  });

  it('arguments are checked before the agent is asked', async () => {
    const tenant = fresh();
    const [agent, caller] = [await join(tenant), await join(tenant)];
    await agent.call('tool.register', {
      tools: [offer('strict', { inputSchema: { type: 'object', properties: { n: { type: 'integer' } } } })],
    });
    const { error } = await caller.request('tool.execute', { name: 'strict', arguments: { n: 'x' } });
    expect(error).toMatchObject({ code: 4005, data: { errors: [{ path: '/arguments/n' }] } });
    expect(agent.messages.filter(({ method }) => method === 'tool.execute')).toEqual([]);
  });

  it('a schema that is none, a malformed name, or too many tools are refused, and nothing is registered', async () => {
    const agent = await join(fresh());
    const wrong = [
      offer('ok', { inputSchema: { type: 'nonsense' } }),
      offer('has space'),
      offer(''),
      offer('x'.repeat(129)),
      offer('ok', { inputSchema: 'text' }),
      { name: 'ok', inputSchema: { type: 'object' } },
    ];
    for (const tool of wrong) {
      const { error } = await agent.request('tool.register', { tools: [offer('first'), tool] });
      expect(error, JSON.stringify(tool)).toMatchObject({ code: 4005, data: { errors: [{ path: expect.stringMatching(/^\/tools\/1/) }] } });
    }
    expect((await agent.request('tool.register', { tools: Array.from({ length: 101 }, (_, i) => offer(`t${i}`)) })).error?.code).toBe(4005);
    expect((await agent.call('tool.list', { source: 'agents' })).tools).toEqual([]);
  });

  it('definitions that are more than a megabyte together are 4015, and the server takes others', async () => {
    const tenant = fresh();
    const [agent, other] = [await join(tenant), await join(tenant)];
    const large = (name: string): object => offer(name, { inputSchema: { type: 'object', title: 'x'.repeat(60_000) } });
    const all = Array.from({ length: 17 }, (_, i) => large(`large-${i}`));
    await agent.call('tool.register', { tools: all.slice(0, 9) });
    await agent.call('tool.register', { tools: all.slice(9) });
    expect((await agent.request('tool.register', { tools: [large('one-more')] })).error).toMatchObject({ code: 4015 });
    await other.call('tool.register', { tools: [large('of-another')] });
    await agent.call('tool.unregister', { names: ['large-3'] });
    await agent.call('tool.register', { tools: [large('one-more')] });
  });

  it('a name of the server’s own, or another agent’s with another schema, is 4008', async () => {
    const tenant = fresh();
    const [first, second] = [await join(tenant), await join(tenant)];
    expect((await first.request('tool.register', { tools: [offer('echo')] })).error).toMatchObject({
      code: 4008,
      data: { source: 'local' },
    });
    await first.call('tool.register', { tools: [offer('shared')] });
    const other = offer('shared', { inputSchema: { type: 'object', required: ['x'] } });
    expect((await second.request('tool.register', { tools: [other] })).error).toMatchObject({ code: 4008, data: { source: 'agents' } });
  });

  it('a name that an upstream would give is 4008, though the upstream is not there', async () => {
    const guarded = await sharedServer({ config: { mcpServers: { vault: { command: '/nowhere/mcp-server' } } } });
    const agent = await guarded.client({ encoding });
    expect((await agent.request('tool.register', { tools: [offer('vault.open')] })).error).toMatchObject({
      code: 4008,
      data: { source: 'upstreams' },
    });
    expect(await agent.call('tool.register', { tools: [offer('vaulted.open')] })).toEqual({ registered: ['vaulted.open'] });
  });

  it('two agents may offer the same name: calls go to both, and to the one that is left', async () => {
    const tenant = fresh();
    const [one, two, caller] = [await join(tenant), await join(tenant), await join(tenant)];
    for (const agent of [one, two]) await agent.call('tool.register', { tools: [offer('shared')] });
    expect(namesOf(await caller.call('tool.list', { source: 'agents' }))).toEqual(['shared']);
    const answers = [1, 2, 3, 4].map(() => caller.call('tool.execute', { name: 'shared' }));
    const asked = await Promise.all(
      [one, one, two, two].map(async (agent) => ({ agent, id: (await agent.nextRequest('tool.execute')).id })),
    );
    for (const { agent, id } of asked) agent.respond(id as string, done(agent === one ? 'one' : 'two'));
    const texts = (await Promise.all(answers)).map(({ result }) => result.content[0].text);
    expect(texts.sort()).toEqual(['one', 'one', 'two', 'two']);
    await caller.call('event.subscribe', { events: ['tool.unregistered'] });
    await one.close();
    await caller.next('event');
    const left = caller.call('tool.execute', { name: 'shared' });
    two.respond((await two.nextRequest('tool.execute')).id as string, done('two'));
    expect((await left).result.content[0].text).toBe('two');
  });

  it('an agent that leaves: its calls are answered 4016 at once, then its tool is 4009', async () => {
    const tenant = fresh();
    const [agent, caller] = [await join(tenant), await join(tenant)];
    await agent.call('tool.register', { tools: [offer('leaving')] });
    const answer = caller.request('tool.execute', { name: 'leaving' });
    await agent.nextRequest('tool.execute');
    agent.terminate();
    const { value, ms } = await timed(answer);
    expect(value.error).toMatchObject({ code: 4016 });
    expect(ms).toBeLessThan(10_000);
    expect((await caller.request('tool.execute', { name: 'leaving' })).error).toMatchObject({ code: 4009 });
    expect((await caller.call('tool.list', { source: 'agents' })).tools).toEqual([]);
  });

  it('tool.unregister answers with the names that were offered, and ends the offer', async () => {
    const tenant = fresh();
    const [agent, caller] = [await join(tenant), await join(tenant)];
    await agent.call('tool.register', { tools: [offer('a'), offer('b')] });
    expect(await caller.call('tool.unregister', { names: ['a'] })).toEqual({ unregistered: [] });
    expect(await agent.call('tool.unregister', { names: ['a', 'never', 'a'] })).toEqual({ unregistered: ['a'] });
    expect((await caller.request('tool.execute', { name: 'a' })).error).toMatchObject({ code: 4009 });
    expect(namesOf(await caller.call('tool.list', { source: 'agents' }))).toEqual(['b']);
  });

  it('progress is passed on to a caller that streams, with the caller’s own request id', async () => {
    const tenant = fresh();
    const [agent, caller] = [await join(tenant), await join(tenant)];
    await agent.call('tool.register', { tools: [offer('steps')] });
    const { id, answer } = caller.begin('tool.execute', { name: 'steps', stream: true });
    const asked = await agent.nextRequest('tool.execute');
    agent.notify('tool.progress', { request_id: asked.id, progress: 1, total: 2, message: 'half' });
    expect((await caller.next('tool.progress')).params).toEqual({ request_id: id, progress: 1, total: 2, message: 'half' });
    agent.respond(asked.id as string, done('whole'));
    expect((await answer).result).toMatchObject({ status: 'completed' });
  });

  it('trace context goes to the agent, and comes back with its progress and its answer', async () => {
    const tenant = fresh();
    const [agent, caller] = [await join(tenant), await join(tenant)];
    await agent.call('tool.register', { tools: [offer('traced')] });
    const trace = (span: number): object => ({
      traceparent: `00-${'a'.repeat(32)}-${String(span).repeat(16)}-01`,
      tracestate: `s=${span}`,
    });
    const { answer } = caller.begin('tool.execute', { name: 'traced', stream: true }, { ...trace(1), timeout_ms: 2_000 });
    const asked = await agent.nextRequest('tool.execute');
    expect(asked.meta).toEqual({ ...trace(1), timeout_ms: 2_000 });
    agent.notify('tool.progress', { request_id: asked.id, progress: 1 }, trace(2));
    expect((await caller.next('tool.progress')).meta).toEqual(trace(2));
    agent.respond(asked.id as string, done('whole'), { ...trace(3), idempotency_key: 'none of the caller’s' });
    expect(await answer).toMatchObject({ result: { status: 'completed' }, meta: trace(3) });
    expect((await answer).meta).toEqual(trace(3));

    const plain = caller.begin('tool.execute', { name: 'traced' }, { traceparent: 'of no such form', tracestate: 's=1' });
    const again = await agent.nextRequest('tool.execute');
    expect(again.meta, 'what is no trace context is none, and the limit is the server’s own').toEqual({ timeout_ms: 3_000 });
    agent.respond(again.id as string, done('whole'), { traceparent: 'of no such form' });
    expect((await plain.answer).meta).toBeUndefined();
  });

  it('a cancel is passed on to the agent, and so are a timeout and a caller that leaves', async () => {
    const tenant = fresh();
    const [agent, caller, leaver] = [await join(tenant), await join(tenant), await join(tenant)];
    await agent.call('tool.register', { tools: [offer('long')] });
    const cancelled = caller.begin('tool.execute', { name: 'long' });
    const first = await agent.nextRequest('tool.execute');
    await caller.call('tool.cancel', { request_id: cancelled.id });
    expect((await cancelled.answer).error).toMatchObject({ code: 4006 });
    expect((await agent.next('tool.cancel')).params).toEqual({ request_id: first.id });

    const late = caller.request('tool.execute', { name: 'long' }, { timeout_ms: 100 });
    const second = await agent.nextRequest('tool.execute');
    expect((await late).error).toMatchObject({ code: 4014 });
    expect((await agent.next('tool.cancel')).params).toEqual({ request_id: second.id });

    leaver.begin('tool.execute', { name: 'long' });
    const third = await agent.nextRequest('tool.execute');
    leaver.terminate();
    expect((await agent.next('tool.cancel')).params).toEqual({ request_id: third.id });
    agent.respond(first.id as string, done('too late'));
    await agent.call('tool.list');
  });

  it('a tool that fails at its agent is a response with status failed; an answer that is none is 4016', async () => {
    const tenant = fresh();
    const [agent, caller] = [await join(tenant), await join(tenant)];
    await agent.call('tool.register', { tools: [offer('fails')] });
    const outcome = async (result: unknown): Promise<Answer> => {
      const answer = caller.request('tool.execute', { name: 'fails' });
      agent.respond((await agent.nextRequest('tool.execute')).id as string, result);
      return answer;
    };
    expect((await outcome({ status: 'failed', error: { message: 'no paper', data: { tray: 2 } } })).result).toMatchObject({
      status: 'failed',
      error: { message: 'no paper', data: { tray: 2 } },
    });
    const nonsense = [
      {},
      { status: 'done' },
      { status: 'completed', result: { content: 'x' } },
      { status: 'completed', result: { content: [{ type: 'x' }] } },
      5,
      [],
      null,
    ];
    for (const result of nonsense) expect((await outcome(result)).error, JSON.stringify(result)).toMatchObject({ code: 4016 });
    const refused = async (code: number): Promise<Answer> => {
      const answer = caller.request('tool.execute', { name: 'fails' });
      agent.refuse((await agent.nextRequest('tool.execute')).id as string, { code, message: 'not today' });
      return answer;
    };
    for (const code of [4003, 1]) expect((await refused(code)).result).toMatchObject({ status: 'failed', error: { message: 'not today' } });
    expect((await refused(4016)).error).toMatchObject({ code: 4016, message: 'not today' });
  });

  it('an answer that the server cannot take is 4016 to who waits for it, at once', async () => {
    const tenant = fresh();
    const [agent, caller] = [await join(tenant), await join(tenant)];
    await agent.call('tool.register', { tools: [offer('broken')] });
    const deep = JSON.parse(`${'['.repeat(80)}${']'.repeat(80)}`) as unknown;
    const wide = Array.from({ length: 70_000 }, () => 0);
    const answers: ((id: MessageId) => string | Uint8Array)[] =
      encoding === 'json'
        ? [
            (id) => JSON.stringify({ id, type: 1 }),
            (id) => JSON.stringify({ id, type: 3, error: 'x' }),
            (id) => JSON.stringify({ id, type: 1, result: deep }),
            (id) => JSON.stringify({ id, type: 1, result: {}, meta: 5 }),
            (id) => JSON.stringify({ id, type: 1, result: wide }),
          ]
        : [
            (id) => frame({ type: RESPONSE, id, payload: Buffer.of(0xc1) }),
            (id) => frame({ type: RESPONSE, id, flags: 0x0001, payload: Buffer.from('no gzip') }),
            (id) => frame({ type: RESPONSE, id, flags: 0x4000 }),
            (id) => frame({ type: ERROR, id, payload: encodeMsgpack('x') }),
            (id) => frame({ type: RESPONSE, id, payload: Buffer.from('91'.repeat(80) + '90', 'hex') }),
            (id) => frame({ type: RESPONSE, id, payload: encodeMsgpack(wide) }),
          ];
    for (const broken of answers) {
      const answer = caller.request('tool.execute', { name: 'broken' });
      agent.send(broken((await agent.nextRequest('tool.execute')).id as MessageId));
      expect((await answer).error).toMatchObject({ code: 4016, message: expect.stringMatching('answer was not taken') as string });
      // Of the same id the agent may have a request of its own.
      expect(await agent.nextOther()).toMatchObject({
        id: encoding === 'json' ? '' : 0,
        error: { code: expect.toBeOneOf([4000, 4015]) as number },
      });
    }
  });

  it('are visible within their tenant only', async () => {
    const [here, there] = [await join(fresh()), await join(fresh())];
    await here.call('tool.register', { tools: [offer('ours')] });
    expect((await there.call('tool.list', { source: 'agents' })).tools).toEqual([]);
    const foreign = (await there.request('tool.execute', { name: 'ours' })).error;
    const absent = (await there.request('tool.execute', { name: 'none' })).error;
    expect(foreign).toEqual({ ...absent, message: absent?.message.replace('none', 'ours') });
    await there.call('tool.register', { tools: [offer('ours')] });
  });

  it('tool.changed tells the tenant’s connections, and no other tenant’s', async () => {
    const tenant = fresh();
    const [agent, neighbour, stranger] = [await join(tenant), await join(tenant), await join(fresh())];
    await agent.call('tool.register', { tools: [offer('news')] });
    expect((await neighbour.next('tool.changed')).params).toEqual({});
    await agent.call('tool.unregister', { names: ['news'] });
    await neighbour.next('tool.changed');
    await agent.call('tool.register', { tools: [offer('news')] });
    await neighbour.next('tool.changed');
    agent.terminate();
    await neighbour.next('tool.changed');
    await stranger.settle();
    expect(stranger.messages.filter(({ method }) => method === 'tool.changed')).toEqual([]);
  });

  it('tool.registered and tool.unregistered are events, also for an agent that leaves', async () => {
    const tenant = fresh();
    const [agent, listener] = [await join(tenant), await join(tenant)];
    await listener.call('event.subscribe', { events: ['tool.registered', 'tool.unregistered'] });
    await agent.call('tool.register', { tools: [offer('told')] });
    expect((await listener.next('event')).params).toMatchObject({
      event: 'tool.registered',
      data: { tool: 'told' },
      cursor: expect.any(String),
    });
    agent.terminate();
    expect((await listener.next('event')).params).toMatchObject({ event: 'tool.unregistered', data: { tool: 'told' } });
  });
});

describe('an agent and a caller with different encodings', () => {
  it('bytes pass as bytes between frames, and as base64 where one of the two speaks JSON', async () => {
    for (const [agentSpeaks, callerSpeaks] of [
      ['binary', 'binary'],
      ['binary', 'json'],
      ['json', 'binary'],
      ['json', 'json'],
    ] as const) {
      const tenant = `bytes-${agentSpeaks}-${callerSpeaks}`;
      const scopes = ['tools:read', 'tools:execute', 'tools:register'];
      const [agent, caller] = [await holder(agentSpeaks, scopes, tenant), await holder(callerSpeaks, scopes, tenant)];
      await agent.call('tool.register', { tools: [offer('paint')] });
      const answer = caller.call('tool.execute', { name: 'paint' });
      const { id } = await agent.nextRequest('tool.execute');
      const data = agentSpeaks === 'binary' ? new Uint8Array(BYTES) : BYTES.toString('base64');
      agent.respond(id as string, { status: 'completed', result: { content: [{ type: 'image', data, mimeType: 'image/png' }] } });
      const received = asPlain((await answer).result.content[0].data);
      expect(received, tenant).toEqual(agentSpeaks === 'binary' && callerSpeaks === 'binary' ? BYTES : BYTES.toString('base64'));
    }
  });
});

function asPlain(data: unknown): unknown {
  return data instanceof Uint8Array ? Buffer.from(data) : data;
}
