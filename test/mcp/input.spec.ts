// What tools, prompts and resources need of their client while they run: its user, its model, its roots. Written once in a module,
// a request that waits in the older era and an answer that is come back with in the newer one.
import { beforeAll, describe, expect, it } from 'vitest';

import { createKey } from '../support/keys.js';
import type { TestServer } from '../support/start-server.js';
import { EventReader } from './support/event-reader.js';
import { startWithFixture } from './support/fixture.js';
import { McpHttp, type Reply } from './support/mcp-http.js';
import { McpSocket } from './support/mcp-socket.js';

const ALL = { elicitation: {}, sampling: {}, roots: {} };
const MAX_IN_FLIGHT = 4;
const NAME = { action: 'accept', content: { name: 'Ada' } };

let server: TestServer;
let http: McpHttp;

beforeAll(async () => {
  server = await startWithFixture({
    websocket: { rate_limit: { enabled: false }, max_in_flight: MAX_IN_FLIGHT },
    mcp: { input_timeout: '3s' },
  });
  http = new McpHttp(server);
});

describe('in the newer era', () => {
  const call = async (name: string, more: object = {}, capabilities: object = ALL, client = http): Promise<Reply['body']> =>
    (await client.modern('tools/call', { name, arguments: {}, ...more }, capabilities)).body;

  it('what is needed is the answer, and the client comes back with it', async () => {
    const first = (await call('test_input_required_result_multiple_inputs')).result;
    expect(first).toMatchObject({
      resultType: 'input_required',
      inputRequests: {
        user_name: { method: 'elicitation/create', params: { requestedSchema: { type: 'object' } } },
        greeting: { method: 'sampling/createMessage' },
        client_roots: { method: 'roots/list' },
      },
    });
    const inputResponses = {
      user_name: NAME,
      greeting: { role: 'assistant', content: { type: 'text', text: 'hi' } },
      client_roots: { roots: [] },
    };
    const second = await call('test_input_required_result_multiple_inputs', { inputResponses, requestState: first.requestState });
    expect(second.result).toMatchObject({ resultType: 'complete', content: [{ text: 'Heard all three' }] });
  });

  it('rounds follow each other, and what is remembered comes back with the client', async () => {
    const tool = 'test_input_required_result_multi_round';
    const first = (await call(tool)).result;
    const second = (await call(tool, { inputResponses: { step1: NAME }, requestState: first.requestState })).result;
    expect(Object.keys(second.inputRequests)).toEqual(['step2']);
    const last = await call(tool, {
      inputResponses: { step2: { action: 'accept', content: { color: 'blue' } } },
      requestState: second.requestState,
    });
    expect(last.result.content[0].text).toBe('Ada likes blue');
  });

  it('what was changed on the way, or is of another call or another principal, is refused', async () => {
    const tool = 'test_input_required_result_tampered_state';
    const { requestState } = (await call(tool)).result;
    const inputResponses = { confirm: { action: 'accept', content: { ok: true } } };
    const other = new McpHttp(server, { key: (await createKey(server)).key });
    const body = requestState.split('.');
    const forged = [
      `${requestState}x`,
      requestState.slice(0, -2),
      `${Buffer.from('{}').toString('base64url')}.${body.at(-1)}`,
      '',
      7,
      null,
      {},
    ];
    for (const state of forged) {
      expect((await call(tool, { inputResponses, requestState: state })).error?.code).toBe(-32602);
    }
    expect((await call(tool, { inputResponses, requestState }, ALL, other)).error.code).toBe(-32602);
    expect((await call(tool, { inputResponses, requestState, arguments: { another: 1 } })).error.code).toBe(-32602);
    expect((await call('test_input_required_result_request_state', { inputResponses, requestState })).error.code).toBe(-32602);
    expect((await call(tool, { inputResponses, requestState })).result.content[0].text).toBe('integrity-ok');
  });

  it('answers that are none are refused', async () => {
    const tool = 'test_input_required_result_elicitation';
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`x${i}`, {}]));
    for (const inputResponses of [7, 'x', [], { user_name: 7 }, { user_name: null }, many]) {
      expect((await call(tool, { inputResponses })).error.code).toBe(-32602);
    }
    expect((await call(tool, { inputResponses: { nobody_asked: {} } })).result.resultType).toBe('input_required');
  });

  it('a client that cannot is told what it would have to be able to do', async () => {
    const { error } = await call('test_input_required_result_elicitation', {}, {});
    expect(error).toMatchObject({ code: -32021, data: { requiredCapabilities: { elicitation: { form: {} } } } });
    expect((await call('test_missing_capability', {}, { elicitation: {} })).error.data.requiredCapabilities).toEqual({ sampling: {} });
  });

  it('prompts ask too', async () => {
    const params = { name: 'test_input_required_result_prompt' };
    const first = (await http.modern('prompts/get', params, ALL)).body.result;
    expect(first.resultType).toBe('input_required');
    const inputResponses = { user_context: { action: 'accept', content: { context: 'tea' } } };
    const second = (await http.modern('prompts/get', { ...params, inputResponses }, ALL)).body.result;
    expect(second.messages[0].content.text).toBe('Prompt with context: tea');
  });
});

describe('in the older era, over HTTP', () => {
  it('the client is asked on the stream of its call, and answers beside it', async () => {
    const session = await http.open(ALL);
    const events = new EventReader(await session.response('tools/call', { name: 'test_input_required_result_multiple_inputs' }));
    const asked = new Map<string, string | number>();
    for (let i = 0; i < 3; i++) {
      const { method, id } = await events.message();
      asked.set(method as string, id as string);
    }
    expect([...asked.keys()].sort()).toEqual(['elicitation/create', 'roots/list', 'sampling/createMessage']);
    await session.answer(asked.get('elicitation/create') ?? '', NAME);
    await session.answer(asked.get('roots/list') ?? '', { roots: [] });
    expect(
      (await session.answer(asked.get('sampling/createMessage') ?? '', { role: 'assistant', content: { type: 'text', text: 'x' } })).status,
    ).toBe(202);
    expect((await events.message()).result.content[0].text).toBe('Heard all three');
  });

  it('a client that cannot fails the tool, in words', async () => {
    const session = await http.open({});
    const { result } = (await session.request('tools/call', { name: 'test_sampling', arguments: { prompt: 'x' } })).body;
    expect(result).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('sampling') }] });
  });

  it('another session’s answer is no answer', async () => {
    const [session, other] = [await http.open(ALL), await http.open(ALL)];
    const events = new EventReader(await session.response('tools/call', { name: 'test_input_required_result_elicitation' }));
    const { id } = await events.message();
    expect((await other.answer(id as number, { action: 'accept', content: { name: 'Eve' } })).status).toBe(202);
    await session.answer(id as number, NAME);
    expect((await events.message()).result.content[0].text).toBe('Hello, Ada!');
  });

  it('an answer that is an error, or none, or never comes, ends the call', async () => {
    const session = await http.open(ALL);
    const ask = async (): Promise<{ events: EventReader; id: number }> => {
      const events = new EventReader(await session.response('tools/call', { name: 'test_input_required_result_elicitation' }));
      return { events, id: (await events.message()).id as number };
    };
    const refused = await ask();
    await http.send({ jsonrpc: '2.0', id: refused.id, error: { code: -1, message: 'the user said no' } }, session.headers);
    expect((await refused.events.message()).result).toMatchObject({ isError: true });
    const strange = await ask();
    await http.send({ jsonrpc: '2.0', id: strange.id, result: 7 }, session.headers);
    await session.answer(strange.id, { action: 'decline' });
    expect((await strange.events.message()).result).toBeDefined();
    const silent = await ask();
    const rest = (await silent.events.messages()) as { method?: string; result?: { isError: boolean } }[];
    expect(rest.some(({ method }) => method === 'notifications/cancelled')).toBe(true);
    expect(rest.at(-1)?.result?.isError).toBe(true);
  });
});

describe('in the older era, over a WebSocket', () => {
  it('the client is asked between other messages', async () => {
    const socket = await McpSocket.open(server, ALL);
    const id = socket.ask('tools/call', { name: 'test_input_required_result_multi_round' });
    const first = await socket.notification('elicitation/create');
    expect((await socket.request('ping')).result).toEqual({});
    socket.send({ jsonrpc: '2.0', id: first.id, result: NAME });
    const second = await socket.notification('elicitation/create');
    expect(second.id).not.toBe(first.id);
    socket.send({ jsonrpc: '2.0', id: second.id, result: { action: 'accept', content: { color: 'red' } } });
    expect((await socket.answer(id)).result.content[0].text).toBe('Ada likes red');
  });

  it('its answers come through, however much is at work and waits', async () => {
    const socket = await McpSocket.open(server, ALL);
    const ids = Array.from({ length: 2 * MAX_IN_FLIGHT - 1 }, () =>
      socket.ask('tools/call', { name: 'test_input_required_result_elicitation' }),
    );
    for (const id of ids) {
      const asked = await socket.notification('elicitation/create');
      socket.send({ jsonrpc: '2.0', id: asked.id, result: NAME });
      expect((await socket.answer(id)).result.content[0].text).toBe('Hello, Ada!');
    }
  });

  it('a call that is cancelled takes back what it asked', async () => {
    const socket = await McpSocket.open(server, ALL);
    const id = socket.ask('tools/call', { name: 'test_input_required_result_elicitation' });
    const asked = await socket.notification('elicitation/create');
    socket.notify('notifications/cancelled', { requestId: id });
    expect((await socket.notification('notifications/cancelled')).params.requestId).toBe(asked.id);
    await socket.request('ping');
    expect(socket.received).toEqual([]);
  });
});
