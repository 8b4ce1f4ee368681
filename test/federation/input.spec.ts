// What an upstream asks of the client behind a call: its user, its model, its roots. Passed to that client in the words of its era,
// whichever era the upstream is of, and to no other.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { EventReader } from '../mcp/support/event-reader.js';
import { McpHttp } from '../mcp/support/mcp-http.js';
import { McpSocket } from '../mcp/support/mcp-socket.js';
import { createKey } from '../support/keys.js';
import { startServer, type TestServer } from '../support/start-server.js';
import { demoCommand, DemoServer } from './support/demo.js';

type Message = any; // eslint-disable-line @typescript-eslint/no-explicit-any -- each test knows the shape it waits for

const ALL = { elicitation: {}, sampling: {}, roots: {} };
const NAME = { action: 'accept', content: { name: 'Ada' } };
const ANSWERS: Readonly<Record<string, object>> = {
  'elicitation/create': NAME,
  'sampling/createMessage': { role: 'assistant', model: 'm', content: { type: 'text', text: 'hello' } },
  'roots/list': { roots: [{ uri: 'file:///here' }] },
};
const TRACE = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-0000000000000007-01', tracestate: 'demo=7' };
const TOOL = 'demo.ask';
const INPUT_MS = 2_000;
/** Beyond the time that a client has for its answer. */
const GRACE_MS = 5_000;

const asks = (...what: string[]): { name: string; arguments: object } => ({ name: TOOL, arguments: { what } });
const textOf = ({ content }: { content: { text: string }[] }): string => content[0]?.text ?? '';
const saidBy = (result: Message): unknown => JSON.parse(textOf(result));

/** A client that comes back with what it was asked for until it has a result. */
async function comeBack(client: McpHttp, method: string, params: object): Promise<{ result: Message; asked: Message[] }> {
  const asked: Message[] = [];
  let more = {};
  for (let round = 0; round < 10; round++) {
    const { body } = await client.modern(method, { ...params, ...more }, ALL);
    if (body.result?.resultType !== 'input_required') return { result: body.result ?? body.error, asked };
    const entries = Object.entries<Message>(body.result.inputRequests);
    asked.push(...entries.map(([, request]) => request));
    more = {
      inputResponses: Object.fromEntries(entries.map(([name, request]) => [name, ANSWERS[request.method]])),
      ...(body.result.requestState !== undefined && { requestState: body.result.requestState }),
    };
  }
  throw new Error('asked without an end');
}

/** A client that is asked on its connection while its call waits. */
async function answerAll(
  socket: McpSocket,
  method: string,
  params: Readonly<Record<string, unknown>>,
): Promise<{ result: Message; asked: Message[] }> {
  const id = socket.ask(method, params);
  const asked: Message[] = [];
  for (;;) {
    const message = await socket.next(
      'a question or the answer',
      (one) => one.id !== undefined && (one.method !== undefined || one.id === id),
    );
    if (message.method === undefined) return { result: message.result ?? message.error, asked };
    asked.push(message);
    socket.send({ jsonrpc: '2.0', id: message.id, result: ANSWERS[message.method as string] });
  }
}

describe.each(['stdio', 'http', 'ws', 'older', 'sessions'] as const)('an upstream over %s', (kind) => {
  const isOlder = kind === 'older' || kind === 'sessions';
  let demo: DemoServer | undefined;
  let server: TestServer;
  let http: McpHttp;

  beforeAll(async () => {
    if (kind !== 'stdio' && kind !== 'older') demo = await new DemoServer(kind).start();
    const entry = demo?.entry ?? demoCommand(kind === 'older' ? 'older' : 'stdio');
    server = await startServer({
      config: {
        websocket: { rate_limit: { enabled: false } },
        mcpServers: { demo: { ...entry, timeout: '20s', idleTimeout: '1500ms' } },
        mcp: { input_timeout: `${INPUT_MS}ms` },
      },
    });
    http = new McpHttp(server);
  });
  afterAll(async () => demo?.kill());

  it('asks a client of the newer era, which comes back with answers, round after round', async () => {
    const { result, asked } = await comeBack(http, 'tools/call', asks('name', 'model', 'name'));
    expect(asked.map(({ method }) => method)).toEqual(['elicitation/create', 'sampling/createMessage', 'elicitation/create']);
    expect(asked[0].params).toMatchObject({ message: 'Your name?', requestedSchema: { properties: { name: { type: 'string' } } } });
    expect(saidBy(result)).toEqual([NAME, ANSWERS['sampling/createMessage'], NAME]);
  });

  it('asks a client of the older era while its call waits', async () => {
    const socket = await McpSocket.open(server, ALL);
    const { result, asked } = await answerAll(socket, 'tools/call', asks('model', 'name'));
    expect(asked.map(({ method }) => method)).toEqual(['sampling/createMessage', 'elicitation/create']);
    expect(saidBy(result)).toEqual([ANSWERS['sampling/createMessage'], NAME]);
  });

  it('asks on the stream of the call, over HTTP', async () => {
    const session = await http.open(ALL);
    const events = new EventReader(await session.response('tools/call', asks('name')));
    const asked = await events.message();
    await session.answer(asked.id as number, NAME);
    expect(saidBy((await events.message()).result)).toEqual([NAME]);
  });

  it('has its own trace context with what it asks, and none of its other metadata', async () => {
    const { asked } = await comeBack(http, 'tools/call', asks('name'));
    expect(asked[0].params._meta).toEqual(TRACE);
  });

  it('asks in prompts too', async () => {
    const newer = await comeBack(http, 'prompts/get', { name: 'demo.ask' });
    expect(newer.asked).toHaveLength(1);
    expect(JSON.parse(newer.result.messages[0].content.text as string)).toEqual([NAME]);
    const older = await answerAll(await McpSocket.open(server, ALL), 'prompts/get', { name: 'demo.ask' });
    expect(JSON.parse(older.result.messages[0].content.text as string)).toEqual([NAME]);
  });

  it('has roots for a call, and none for a session that callers share', async () => {
    const { result, asked } = await comeBack(http, 'tools/call', asks('roots'));
    if (isOlder) expect([asked, result.isError]).toEqual([[], true]);
    else expect(saidBy(result)).toEqual([ANSWERS['roots/list']]);
  });

  it('is told that there is nobody to ask, and its tool fails in words', async () => {
    const client = await server.client();
    const { status, error } = await client.call('tool.execute', asks('name'));
    expect([status, error.message]).toEqual(['failed', expect.stringMatching(/ask|client|elicitation/i)]);
    for (const capabilities of [{}, { sampling: {} }]) {
      const { body } = await http.modern('tools/call', asks('name'), capabilities);
      const said = body.error === undefined ? [body.result.isError, textOf(body.result)] : [true, JSON.stringify(body.error)];
      expect(said).toEqual([true, expect.stringMatching(/ask|client|elicitation/i)]);
    }
    const { result } = await answerAll(await McpSocket.open(server), 'tools/call', asks('name'));
    expect([result.isError, textOf(result)]).toEqual([true, expect.stringMatching(/ask|client|elicitation/i)]);
  });

  it('gets answers from the principal of the call alone, and for this call alone', async () => {
    const first = (await http.modern('tools/call', asks('name'), ALL)).body.result;
    const name = Object.keys(first.inputRequests as object)[0] as string;
    const back = { inputResponses: { [name]: NAME }, requestState: first.requestState };
    const other = new McpHttp(server, { key: (await createKey(server)).key });
    expect((await other.modern('tools/call', { ...asks('name'), ...back }, ALL)).body.error.code).toBe(-32602);
    expect((await http.modern('tools/call', { ...asks('name', 'name'), ...back }, ALL)).body.error.code).toBe(-32602);
    expect(saidBy((await http.modern('tools/call', { ...asks('name'), ...back }, ALL)).body.result)).toEqual([NAME]);
  });

  it('waits for the client beyond its own idle time, and a silent tool does not outlive it', async () => {
    const socket = await McpSocket.open(server, ALL);
    const id = socket.ask('tools/call', asks('name'));
    const { id: asked } = await socket.notification('elicitation/create');
    await new Promise((resolve) => setTimeout(resolve, 1_700));
    socket.send({ jsonrpc: '2.0', id: asked, result: NAME });
    expect(saidBy((await socket.answer(id)).result)).toEqual([NAME]);
    const silent = await socket.request('tools/call', { name: 'demo.sleep', arguments: { ms: 15_000 } });
    expect([silent.result.isError, textOf(silent.result)]).toEqual([true, expect.stringContaining('in time')]);
  });

  it('hears of a client that says no, or nothing, or takes its call back', async () => {
    const socket = await McpSocket.open(server, ALL);
    const refused = socket.ask('tools/call', asks('name'));
    const question = await socket.notification('elicitation/create');
    socket.send({ jsonrpc: '2.0', id: question.id, error: { code: -1, message: 'the user said no' } });
    expect(textOf((await socket.answer(refused)).result)).toContain('the user said no');

    const silent = socket.ask('tools/call', asks('name'));
    expect(textOf((await socket.answer(silent)).result)).toContain(String(INPUT_MS));

    const taken = socket.ask('tools/call', asks('name'));
    const last = await socket.next('the last question', (one) => one.method === 'elicitation/create' && one.id > question.id + 1);
    socket.notify('notifications/cancelled', { requestId: taken });
    await socket.next('what is taken back', (one) => one.method === 'notifications/cancelled' && one.params.requestId === last.id);
    expect(textOf((await socket.request('tools/call', { name: 'demo.echo', arguments: { text: 'still there' } })).result)).toBe(
      'still there',
    );
  });

  if (isOlder) {
    it('goes on once with what the client came back with, in prompts too', async () => {
      const prompt = { name: 'demo.ask' };
      const first = (await http.modern('prompts/get', prompt, ALL)).body.result;
      const name = Object.keys(first.inputRequests as object)[0] as string;
      const back = { ...prompt, inputResponses: { [name]: NAME }, requestState: first.requestState };
      expect((await http.modern('prompts/get', back, ALL)).body.result.messages).toHaveLength(1);
      expect((await http.modern('prompts/get', back, ALL)).body.error).toMatchObject({
        code: 4016,
        message: expect.stringContaining('call again') as string,
      });
    });

    it('waits for a client that comes back as long as it may, and no longer', async () => {
      const first = (await http.modern('tools/call', asks('name'), ALL)).body.result;
      const name = Object.keys(first.inputRequests as object)[0] as string;
      await new Promise((resolve) => setTimeout(resolve, INPUT_MS + GRACE_MS + 200));
      const back = { inputResponses: { [name]: NAME }, requestState: first.requestState };
      const { result } = (await http.modern('tools/call', { ...asks('name'), ...back }, ALL)).body;
      expect([result.isError, textOf(result)]).toEqual([true, expect.stringContaining('call again')]);
    });
  }

  if (kind === 'older') {
    it('has no call left of those that are over: by one pipe, a question is only asked for the only one under way', async () => {
      const { result, asked } = await comeBack(http, 'tools/call', asks('name'));
      expect([asked.length, saidBy(result)]).toEqual([1, [NAME]]);
    });
  }

  it('of several calls at once each asks its own client, or nobody', async () => {
    const keys = await Promise.all([1, 2, 3].map(async () => (await createKey(server)).key));
    const sockets = await Promise.all(keys.map((key) => McpSocket.open(server, ALL, undefined, { key })));
    const ids = sockets.map((socket) => socket.ask('tools/call', asks('name')));
    if (kind === 'older') {
      // All of them come by one pipe: nobody could say whose a question is.
      const results = await Promise.all(sockets.map(async (socket, i) => (await socket.answer(ids[i] as number)).result));
      expect(results.filter(({ isError }) => isError === true).length).toBeGreaterThanOrEqual(2);
      return;
    }
    const questions = await Promise.all(sockets.map((socket) => socket.notification('elicitation/create')));
    for (const [i, socket] of sockets.entries()) {
      socket.send({ jsonrpc: '2.0', id: questions[i].id, result: { action: 'accept', content: { name: `caller ${i}` } } });
    }
    for (const [i, socket] of sockets.entries()) {
      expect(saidBy((await socket.answer(ids[i] as number)).result)).toEqual([{ action: 'accept', content: { name: `caller ${i}` } }]);
    }
  });
});
