import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';

import { parseTry, runTry } from './try-command.js';

const defaults = { url: 'ws://127.0.0.1:1/ws', key: undefined };

let server: WebSocketServer | undefined;
afterEach(async () => {
  for (const client of server?.clients ?? []) client.terminate();
  await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
  server = undefined;
});

interface Asked {
  id: string;
  method: string;
  params: unknown;
}

/** A server that answers as told. @returns its URL, what it was asked, and the keys it was shown */
async function serve(answer: (asked: Asked, socket: WebSocket) => object | undefined, refusal?: object) {
  const asked: Asked[] = [];
  const keys: (string | undefined)[] = [];
  server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    verifyClient: (_: unknown, done: (ok: boolean, code?: number, message?: string) => void) =>
      done(refusal === undefined, 401, JSON.stringify(refusal)),
  });
  server.on('connection', (socket, request) => {
    keys.push(request.headers.authorization);
    socket.on('message', (data) => {
      const message = JSON.parse((data as Buffer).toString()) as Asked;
      asked.push(message);
      const members = answer(message, socket);
      if (members !== undefined) socket.send(JSON.stringify({ id: message.id, ...members }));
    });
  });
  await new Promise((resolve) => server!.once('listening', resolve));
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`, asked, keys };
}

const WELCOME = { server: { name: 'mcpw', version: '9.9.9' }, principal: { id: 'key:k', tenant: 'acme', scopes: ['tools:read'] } };
const answering =
  (result: unknown) =>
  ({ method }: Asked) => ({ type: 1, result: method === 'initialize' ? WELCOME : result });

async function run(url: string, ...args: string[]): Promise<string> {
  const printed: string[] = [];
  await runTry(parseTry(['--url', url, ...args], defaults), (text) => printed.push(text));
  return printed.join('\n');
}

describe('a try', () => {
  it('introduces itself with the key and prints the tools as a table', async () => {
    const tools = [
      { name: 'echo', description: 'Gives back\nmore', inputSchema: { properties: { a: {}, b: {} } } },
      { name: 'other.tool' },
    ];
    const { url, asked, keys } = await serve(answering({ tools }));
    const text = await run(url, '--key', 'k1');
    expect(keys).toEqual(['Bearer k1']);
    expect(asked).toMatchObject([
      { type: 0, method: 'initialize', params: { name: 'mcpw-try' } },
      { type: 0, method: 'tool.list', params: {} },
    ]);
    expect(text).toContain('connected to mcpw 9.9.9');
    expect(text).toContain('as key:k of acme with tools:read');
    expect(text).toMatch(/echo +a b +Gives back\nother\.tool/);
  });

  it('calls another method with params, and prints the answer as JSON', async () => {
    const { url, asked, keys } = await serve(answering({ status: 'completed' }));
    expect(await run(url, 'tool.execute', '{"name":"echo"}')).toContain('{\n  "status": "completed"\n}');
    expect(keys).toEqual([undefined]);
    expect(asked[1]).toMatchObject({ method: 'tool.execute', params: { name: 'echo' } });
  });

  it('stays to watch, and prints what the server sends until it closes', async () => {
    const { url } = await serve(({ method }, socket) => {
      setImmediate(() => {
        if (method !== 'event.subscribe') return;
        socket.send(JSON.stringify({ type: 2, method: 'event', params: { event: 'x.y' } }));
        socket.close(4503, 'draining');
      });
      return { type: 1, result: WELCOME };
    });
    const text = await run(url, '--watch', 'event.subscribe');
    expect(text).toContain('event {\n  "event": "x.y"\n}');
    expect(text).toMatch(/the connection was closed: 4503 draining$/);
  });
});

describe('what goes wrong is told', () => {
  it('an error of the server with its data', async () => {
    const { url } = await serve(({ method }) =>
      method === 'initialize'
        ? { type: 1, result: WELCOME }
        : { type: 3, error: { code: 4012, message: 'needs the scope x', data: { scope: 'x' } } },
    );
    await expect(run(url)).rejects.toThrow(/error 4012: needs the scope x\n\{\n {2}"scope": "x"/);
  });

  it("a refused handshake in the server's words", async () => {
    const { url } = await serve(() => undefined, { error: { code: 4001, message: 'the credential is not valid' } });
    await expect(run(url, '--key', 'wrong')).rejects.toThrow('the server refused: 401 the credential is not valid');
  });

  it('a close in place of an answer', async () => {
    const { url } = await serve((_, socket) => void socket.close(4401, 'not authenticated'));
    await expect(run(url)).rejects.toThrow('the connection was closed: 4401 not authenticated');
  });

  it('no server', async () => {
    await expect(run('ws://127.0.0.1:1/ws')).rejects.toThrow(/no connection to ws:\/\/127\.0\.0\.1:1\/ws: .*ECONNREFUSED/);
  });

  it.each([[['a', 'not json']], [['a', '{}', 'b']], [['--colour', 'red']]])('the words %j', (args) => {
    expect(() => parseTry(args, defaults)).toThrow();
  });
});

it('takes address and key from the settings unless told', () => {
  const settings = { url: 'ws://h/ws', key: 'k' };
  expect(parseTry([], settings)).toEqual({ ...settings, method: 'tool.list', params: {}, isWatching: false });
  expect(parseTry(['--key', 'x', '--url', 'ws://y'], settings)).toMatchObject({ url: 'ws://y', key: 'x' });
});
