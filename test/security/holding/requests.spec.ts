// Requests over HTTP, and what MCP sends, do not hold the event loop, whatever their heads and bodies are.
import { beforeAll, describe, it } from 'vitest';

import { McpHttp } from '../../mcp/support/mcp-http.js';
import { McpSocket } from '../../mcp/support/mcp-socket.js';
import type { TestServer } from '../../support/start-server.js';
import { fill, MB, members, ROOM } from '../support/attack-messages.js';
import { expectNoHold, startWatchedServer, type Attack } from '../support/event-loop.js';
import { handshake, RawSocket } from '../support/raw-socket.js';

let server: TestServer;
let bearer: string;
beforeAll(async () => {
  server = await startWatchedServer();
  bearer = `Bearer ${server.adminKey}`;
});

describe('an HTTP request', () => {
  const cases: readonly Attack[] = [
    ['with a header that is one long word', () => handshakes({ Authorization: `Bearer${'x'.repeat(15_000)}` })],
    ['with a header of blanks', () => handshakes({ Authorization: `Bearer${' '.repeat(15_000)}x` })],
    [
      'with a list of subprotocols of commas',
      () => handshakes({ Authorization: bearer, 'Sec-WebSocket-Protocol': 'a,'.repeat(7_000) + 'a' }),
    ],
    ['with a chain of proxies', () => handshakes({ Authorization: bearer, 'X-Forwarded-For': '1.1.1.1,'.repeat(1_800) + '1.1.1.1' })],
    [
      'with cookies and an origin of nonsense',
      () => handshakes({ Authorization: bearer, Cookie: '=;'.repeat(5_000), Origin: `http://${'a.'.repeat(2_000)}` }),
    ],
    [
      'with a token that has the form of a JWT',
      () => handshakes({ Authorization: `Bearer ${'e'.repeat(2_600)}.${'e'.repeat(2_600)}.${'e'.repeat(2_600)}` }),
    ],
    [
      'with a body of a hundred thousand names',
      () =>
        server.rest(
          'POST',
          '/api/v1/keys',
          members(MB, (i) => i.toString(36)),
        ),
    ],
    ['with a body as deep as can be', () => server.rest('POST', '/api/v1/keys', `{"a":${'['.repeat(ROOM / 2)}${']'.repeat(ROOM / 2)}}`)],
    [
      'with a form of as many fields as fit',
      () => server.rest('POST', '/api/v1/keys', fill('a&'), undefined, { 'content-type': 'application/x-www-form-urlencoded' }),
    ],
    [
      'that becomes a WebSocket of MCP, with a hundred thousand names',
      async () => {
        const socket = await McpSocket.connect(server);
        socket.send(
          `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":${members(MB, (i) => i.toString(36))}}}`,
        );
        await socket.next('refusal', (message: { error?: object }) => message.error !== undefined);
        socket.socket.terminate();
      },
    ],
    [
      'to /mcp with a hundred thousand names',
      () =>
        new McpHttp(server).send(
          `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":${members(MB, (i) => i.toString(36))}}}`,
        ),
    ],
    ['to /mcp with a batch of empty messages', () => new McpHttp(server).send(`[${fill('{},')}{}]`)],
    [
      'to /mcp as deep as can be',
      () =>
        new McpHttp(server).send(`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":${'['.repeat(ROOM / 2)}${']'.repeat(ROOM / 2)}}}`),
    ],
    ['for the audit log with what no line has', () => server.rest('GET', `/api/v1/audit?limit=1000&target=${'x'.repeat(200)}`)],
  ];
  it.each(cases)('a request holds up nobody: %s', (_, attack) => expectNoHold(server, attack));

  async function handshakes(headers: Readonly<Record<string, string>>): Promise<void> {
    const sockets = await Promise.all(Array.from({ length: 10 }, () => RawSocket.open(server)));
    for (const socket of sockets) socket.write(handshake(headers));
    await Promise.all(sockets.map((socket) => socket.until((received) => received.includes('\r\n\r\n'))));
    for (const socket of sockets) socket.end();
  }
});
