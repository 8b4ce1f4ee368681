// Requests over HTTP, and what MCP sends, do not hold the event loop, whatever their heads and bodies are.
import { beforeAll, describe, expect, it } from 'vitest';

import { McpHttp } from '../../mcp/support/mcp-http.js';
import { McpSocket } from '../../mcp/support/mcp-socket.js';
import type { TestServer } from '../../support/start-server.js';
import { fill, MB, members, ROOM, expectOutcome, type Attack, type Outcomes } from '../support/attack-messages.js';
import { expectNoHold, startWatchedServer } from '../support/event-loop.js';
import { handshake, RawSocket } from '../support/raw-socket.js';

let server: TestServer;
let bearer: string;
beforeAll(async () => {
  server = await startWatchedServer();
  bearer = `Bearer ${server.adminKey}`;
});

describe('an HTTP request', () => {
  const cases: readonly Attack[] = [
    ['with a header that is one long word', /^401/, () => handshakes({ Authorization: `Bearer${'x'.repeat(15_000)}` })],
    ['with a header of blanks', /^401/, () => handshakes({ Authorization: `Bearer${' '.repeat(15_000)}x` })],
    [
      'with a list of subprotocols of commas',
      /^400/,
      () => handshakes({ Authorization: bearer, 'Sec-WebSocket-Protocol': 'a,'.repeat(7_000) + 'a' }),
    ],
    [
      'with as many subprotocols as fit',
      /^101/,
      () => handshakes({ Authorization: bearer, 'Sec-WebSocket-Protocol': Array.from({ length: 2_500 }, (_, i) => `p${i}`).join() }),
    ],
    [
      'with a chain of proxies',
      /^101/,
      () => handshakes({ Authorization: bearer, 'X-Forwarded-For': '1.1.1.1,'.repeat(1_800) + '1.1.1.1' }),
    ],
    [
      'with cookies and an origin of nonsense',
      /^403/,
      () => handshakes({ Authorization: bearer, Cookie: '=;'.repeat(5_000), Origin: `http://${'a.'.repeat(2_000)}` }),
    ],
    [
      'with a token that has the form of a JWT',
      /^401/,
      () => handshakes({ Authorization: `Bearer ${'e'.repeat(2_600)}.${'e'.repeat(2_600)}.${'e'.repeat(2_600)}` }),
    ],
    [
      'with a body of a hundred thousand names',
      /^413 .* more than 8192 different names/,
      () =>
        rest(
          'POST',
          '/api/v1/keys',
          members(MB, (i) => i.toString(36)),
        ),
    ],
    [
      'with a body as deep as can be',
      /^413 .* more than 65536 values/,
      () => rest('POST', '/api/v1/keys', `{"a":${'['.repeat(ROOM / 2)}${']'.repeat(ROOM / 2)}}`),
    ],
    [
      'with a form of as many fields as fit',
      /^413 .*too large/,
      () => rest('POST', '/api/v1/keys', fill('a&'), undefined, { 'content-type': 'application/x-www-form-urlencoded' }),
    ],
    [
      'with a form of as many fields as may be',
      /^400/,
      () => rest('POST', '/api/v1/keys', 'a&'.repeat(8_000), undefined, { 'content-type': 'application/x-www-form-urlencoded' }),
    ],
    [
      'that becomes a WebSocket of MCP, with a hundred thousand names',
      /^4015 .* more than 8192 different names/,
      async () => {
        const socket = await McpSocket.connect(server);
        socket.send(
          `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":${members(MB, (i) => i.toString(36))}}}`,
        );
        const { error } = await socket.next('refusal', (message) => message.error !== undefined);
        socket.socket.terminate();
        return [`${error.code} ${error.message}`];
      },
    ],
    [
      'to /mcp with a hundred thousand names',
      /^413 .* more than 8192 different names/,
      () =>
        mcp(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":${members(MB, (i) => i.toString(36))}}}`),
    ],
    ['to /mcp with a batch of empty messages', /^413 .* more than 65536 values/, () => mcp(`[${fill('{},')}{}]`)],
    [
      'to /mcp as deep as can be',
      /^413 .* more than 65536 values/,
      () => mcp(`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":${'['.repeat(ROOM / 2)}${']'.repeat(ROOM / 2)}}}`),
    ],
    ['for the audit log with what no line has', 'answered', () => rest('GET', `/api/v1/audit?limit=1000&target=${'x'.repeat(200)}`)],
  ];
  it.each(cases)('a request holds up nobody: %s', (_, outcome, attack) =>
    expectNoHold(server, async () => expectOutcome(await attack(), outcome)),
  );

  it.each(['/api/docs/openapi.json', '/api/docs/asyncapi.json', '/api/v1/websocket/metrics', '/health/ready', '/api/v1/keys'])(
    'a hundred at once over one connection hold up nobody: %s',
    async (path) => {
      const { host } = new URL(server.url);
      await expectNoHold(server, async () => {
        const socket = await RawSocket.open(server);
        socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`.repeat(100));
        await socket.until((text) => text.split('HTTP/1.1 ').length > 100);
        expect(socket.isClosed).toBe(false);
        socket.end();
      });
    },
  );

  /** Of a request over HTTP. */
  const rest = async (...request: Parameters<TestServer['rest']>): Promise<Outcomes> => {
    const { status, body } = await server.rest(...request);
    return [status < 300 ? 'answered' : `${status} ${JSON.stringify(body)}`];
  };
  const mcp = async (body: string): Promise<Outcomes> => {
    const { status, text } = await new McpHttp(server).send(body);
    return [status === 200 && !text.includes('"error"') ? 'answered' : `${status} ${text}`];
  };

  async function handshakes(headers: Readonly<Record<string, string>>): Promise<Outcomes> {
    const sockets = await Promise.all(Array.from({ length: 10 }, () => RawSocket.open(server)));
    for (const socket of sockets) socket.write(handshake(headers));
    await Promise.all(sockets.map((socket) => socket.until((received) => received.includes('\r\n\r\n'))));
    for (const socket of sockets) socket.end();
    return sockets.map(({ text }) => text.slice(text.indexOf(' ') + 1, text.indexOf('\r\n')));
  }
});
