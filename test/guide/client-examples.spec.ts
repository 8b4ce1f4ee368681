// The guide's examples for clients: the JavaScript one is run as printed, those of Go and Python by what their libraries send.
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { resolve } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { within } from '../support/deadline.js';
import { startServer, type TestServer } from '../support/start-server.js';

const GUIDE = readFileSync(resolve(import.meta.dirname, '../../docs/guide.md'), 'utf8');

function example(language: string): string {
  const code = new RegExp('```' + language + '\\n([^]*?)```').exec(GUIDE)?.[1];
  if (code === undefined) throw new Error(`the guide has no ${language} example`);
  return code;
}

interface Upgraded {
  readonly response: IncomingMessage;
  readonly socket: Socket;
}

/** The upgrade request, with the headers of a library. */
async function upgrade(server: TestServer, headers: Record<string, string>): Promise<Upgraded> {
  const asked = request(`${server.url}/ws`, {
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
      ...headers,
    },
  });
  return within(
    'upgrade',
    new Promise<Upgraded>((done, fail) => {
      asked.once('upgrade', (response, socket) => done({ response, socket: socket }));
      asked.once('response', ({ statusCode }) => fail(new Error(`the upgrade was refused: ${statusCode}`)));
      asked.once('error', fail);
      asked.end();
    }),
  );
}

/** One masked text frame of up to 125 bytes. */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  if (payload.length > 125) throw new Error('too long for a short frame');
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}

describe("the guide's client examples", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });

  it('JavaScript: the example as printed, with a key, is answered', async () => {
    const opened: WebSocket[] = [];
    class WithKey extends WebSocket {
      constructor(url: string) {
        expect(url).toBe('ws://localhost:8080/ws');
        super(server.wsUrl, ['mcpw.v1.json', `mcpw.bearer.${Buffer.from(server.adminKey).toString('base64url')}`]);
        opened.push(this);
      }
    }
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the guide's own words
    new Function('WebSocket', 'crypto', example('javascript'))(WithKey, { randomUUID });
    const [socket] = opened as [WebSocket];
    const answer = await within(
      'answer to the example',
      new Promise<string>((done) => {
        socket.onmessage = ({ data }) => done(String(data));
      }),
    );
    expect(JSON.parse(answer)).toMatchObject({ type: 1, result: { version: '1', principal: { tenant: expect.any(String) } } });
    expect(socket.protocol).toBe('mcpw.v1.json');
    socket.close();
  });

  it.each([
    [
      'Go',
      {
        'Sec-WebSocket-Extensions': 'permessage-deflate; client_no_context_takeover; server_no_context_takeover',
        'User-Agent': 'Go-http-client/1.1',
      },
    ],
    ['Python', { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits', 'User-Agent': 'Python/3.11 websockets/10.4' }],
  ])('%s: an upgrade with the Authorization header alone, and initialize as in the example', async (_, headers) => {
    const { response, socket } = await upgrade(server, { ...headers, Authorization: `Bearer ${server.adminKey}` });
    expect(response.statusCode).toBe(101);
    expect(response.headers['sec-websocket-extensions']).toBeUndefined();
    expect(response.headers['sec-websocket-protocol']).toBeUndefined();
    const answer = within('answer', new Promise<Buffer>((done) => socket.once('data', done)));
    socket.write(textFrame(JSON.stringify({ id: 'a', type: 0, method: 'initialize', params: { name: 'my-agent', version: '1.0.0' } })));
    expect((await answer).toString('latin1')).toContain('"session_id"');
    socket.destroy();
  });

  it('the handshake with a wrong key is refused with 401', async () => {
    await expect(upgrade(server, { Authorization: 'Bearer wrong' })).rejects.toThrow('refused: 401');
  });
});
