// Before authentication: connections are few, in all and of one address, and cheap. How short they are: patience.spec.ts.
import { beforeAll, describe, expect, it } from 'vitest';

import { eventually, within } from '../support/deadline.js';
import { HandshakeRefused } from '../support/handshake.js';
import { startServer, type TestServer } from '../support/start-server.js';
import type { TestClient } from '../support/test-client.js';
import { handshake, RawSocket } from './support/raw-socket.js';

const PER_ADDRESS = 5;
const IN_ALL = 12;

let server: TestServer;
beforeAll(async () => {
  server = await startServer({
    config: {
      websocket: {
        // The tests' own address is a proxy's, so that they can come from many.
        security: { max_unauthenticated: IN_ALL, max_unauthenticated_per_ip: PER_ADDRESS, trusted_proxies: ['127.0.0.1'] },
      },
    },
  });
});

async function openAll(count: number, localAddress: string): Promise<RawSocket[]> {
  const sockets: RawSocket[] = [];
  for (let i = 0; i < count; i++) sockets.push(await RawSocket.open(server, localAddress));
  return sockets;
}

const closedOf = (sockets: readonly RawSocket[]): number => sockets.filter(({ isClosed }) => isClosed).length;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('TCP connections that say nothing', () => {
  it('of one address are few: the oldest make room for who comes next, and others still get in', async () => {
    const idle = await openAll(PER_ADDRESS, '127.0.0.2');
    await pause(300); // they are no newcomers any more
    const more = await openAll(PER_ADDRESS - 1, '127.0.0.2');
    await eventually('the oldest to be gone', () => (closedOf(idle) === PER_ADDRESS - 1 ? true : undefined));
    expect(closedOf(more)).toBe(0);
    expect(idle.at(-1)?.isClosed).toBe(false);
    await server.client();
    for (const socket of [...idle, ...more]) socket.end();
  });

  it('are few in all, whatever addresses they come from', async () => {
    const idle: RawSocket[] = [];
    for (let address = 2; address < 8; address++) {
      idle.push(...(await openAll(4, `127.0.0.${address}`)));
      await pause(300);
    }
    expect(idle.length - closedOf(idle)).toBeLessThanOrEqual(IN_ALL + 4); // the last four are newcomers yet
    await server.client();
    for (const socket of idle) socket.end();
  });

  it('do not count while they ask for something, and who asks much is not cut off', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => server.rest('GET', '/api/v1/keys')));
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(40).fill(200));
  });
});

describe('TCP connections that are kept alive between two requests', () => {
  const request = (key: string, path: string): string => {
    const body = path === '/mcp' ? JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }) : '';
    const lines = [`${body === '' ? 'GET' : 'POST'} ${path} HTTP/1.1`, 'Host: localhost', `Authorization: Bearer ${key}`];
    if (body !== '') lines.push('Content-Type: application/json', 'Accept: application/json', `Content-Length: ${body.length}`);
    return `${lines.join('\r\n')}\r\n\r\n${body}`;
  };
  const ask = async (sockets: readonly RawSocket[], text: string): Promise<number> => {
    const answersOf = (received: string): number => received.split('HTTP/1.1 ').length - 1;
    const before = sockets.map((socket) => answersOf(socket.text));
    for (const socket of sockets) socket.write(text);
    await Promise.all(sockets.map((socket, i) => socket.until((received) => answersOf(received) > (before[i] ?? 0))));
    return sockets.filter((socket, i) => answersOf(socket.text) > (before[i] ?? 0)).length;
  };
  const openSlowly = async (text: string): Promise<RawSocket[]> => {
    const sockets: RawSocket[] = [];
    for (let i = 0; i < 4; i++) {
      const few = await openAll(PER_ADDRESS, '127.0.0.9');
      await ask(few, text);
      await pause(300); // they are no newcomers any more
      sockets.push(...few);
    }
    return sockets;
  };

  it.each(['/api/v1/keys', '/mcp'])('stay open where they have shown a credential, however many: %s', async (path) => {
    const text = request(server.adminKey, path);
    const sockets = await openSlowly(text);
    expect(await ask(sockets, text)).toBe(sockets.length);
    for (const socket of sockets) socket.end();
  });

  it.each(['/api/v1/keys', '/mcp'])('are few where what they showed was wrong: %s', async (path) => {
    const sockets = await openSlowly(request('mcpw_wrong', path));
    expect(sockets.length - closedOf(sockets)).toBeLessThanOrEqual(2 * PER_ADDRESS); // half of them newcomers
    for (const socket of sockets) socket.end();
  });
});

describe('WebSockets without a credential', () => {
  const from = (address: string): Promise<TestClient> => server.connect({ anonymous: true, headers: { 'x-forwarded-for': address } });
  const refusalOf = async (attempt: Promise<unknown>): Promise<HandshakeRefused> => {
    const refusal: unknown = await attempt.catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(HandshakeRefused);
    return refusal as HandshakeRefused;
  };

  it('of one address are few; the next is refused with 429, and who has a credential gets in', async () => {
    const strangers: TestClient[] = [];
    for (let i = 0; i < PER_ADDRESS; i++) strangers.push(await from('192.0.2.1'));
    const refusal = await refusalOf(from('192.0.2.1'));
    expect(refusal.status).toBe(429);
    expect(refusal.headers['retry-after']).toBeDefined();
    await server.client({ key: server.adminKey, headers: { 'x-forwarded-for': '192.0.2.1' } });
    // Who shows a credential makes room.
    expect((await strangers[0]?.request('initialize', { name: 'x', version: '1', token: server.adminKey }))?.error).toBeUndefined();
    strangers.push(await from('192.0.2.1'));
    await strangers[1]?.close();
    await eventually('room', () =>
      from('192.0.2.1').then(
        (client) => strangers.push(client) > 0,
        () => undefined,
      ),
    );
    for (const stranger of strangers) stranger.terminate();
  });

  it('are few in all: the next is refused with 503', async () => {
    const strangers: TestClient[] = [];
    for (let i = 0; i < IN_ALL; i++) {
      strangers.push(
        await eventually('room', () =>
          from(`192.0.2.${i}`).then(
            (client) => client,
            () => undefined,
          ),
        ),
      );
    }
    expect((await refusalOf(from('192.0.2.99'))).status).toBe(503);
    await server.client();
    for (const stranger of strangers) stranger.terminate();
  });
});

describe('a stranger', () => {
  const stranger = (): Promise<TestClient> =>
    eventually('room for a stranger', () =>
      server.connect({ anonymous: true }).then(
        (client) => client,
        () => undefined,
      ),
    );

  it('is cheap: what is larger than an initialize is not taken in', async () => {
    const large = await stranger();
    large.send(JSON.stringify({ id: 'x', type: 0, method: 'initialize', params: { name: 'x'.repeat(70_000), version: '1' } }));
    const { code, reason } = await within('close', large.closed);
    expect(code).toBe(1009);
    expect(reason).toMatch(/65536 bytes before a credential/);
    const friend = await stranger();
    await friend.initialize({ token: server.adminKey });
    expect((await friend.call('tool.execute', { name: 'echo', arguments: { text: 'x'.repeat(500_000) } })).status).toBe('completed');
  });

  it('may do nothing but initialize', async () => {
    const nobody = await stranger();
    for (const method of ['tool.list', 'tool.execute', 'context.list', 'event.subscribe', 'session.authenticate', 'tool.cancel', 'no.such'])
      expect((await nobody.request(method, {})).error?.code, method).toBe(4013);
    expect((await nobody.request('initialize', { name: 'x', version: '1' })).error?.code).toBe(4001);
    expect((await within('close', nobody.closed)).code).toBe(4401);
  });

  it('cannot become somebody twice: a second initialize while the first is being looked at is refused', async () => {
    const twice = await stranger();
    const hello = { name: 'x', version: '1', token: server.adminKey };
    const answers = await Promise.all([twice.request('initialize', hello), twice.request('initialize', hello)]);
    expect(answers.map(({ error }) => error?.code)).toEqual([undefined, 4000]);
  });
});

describe('a request head', () => {
  it('that is too long is refused with 431', async () => {
    const socket = await RawSocket.open(server);
    socket.write(`GET /ws HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`);
    await within('end', socket.closed);
    expect(socket.text).toMatch(/^HTTP\/1\.1 431/);
    const many = await RawSocket.open(server);
    many.write(`GET /ws HTTP/1.1\r\nHost: x\r\n${Array.from({ length: 4_000 }, (_, i) => `h${i}: x`).join('\r\n')}\r\n\r\n`);
    await within('end', many.closed);
    expect(many.text).toMatch(/^HTTP\/1\.1 431/);
  });

  it.each([
    ['without a key', { 'Sec-WebSocket-Key': '' }, 400],
    ['of another version', { 'Sec-WebSocket-Version': '7' }, 400],
  ])('%s is refused', async (_, headers, status) => {
    const socket = await RawSocket.open(server);
    socket.write(handshake({ Authorization: `Bearer ${server.adminKey}`, ...headers }));
    await within('end', socket.closed);
    expect(socket.text).toMatch(new RegExp(`^HTTP/1\\.1 ${status}`));
  });
});

it('who resets the connection in the moment in which the upgrade is refused does not end the server', async () => {
  const refused: readonly Readonly<Record<string, string>>[] = [
    { 'Sec-WebSocket-Protocol': 'mcp' },
    { Authorization: 'Bearer nonsense' },
    { Origin: 'https://evil.example' },
    { 'Sec-WebSocket-Key': 'none' },
  ];
  for (const [at, headers] of refused.entries()) {
    for (let i = 0; i < 10; i++) {
      const raw = await RawSocket.open(server, `127.0.0.${40 + at}`);
      raw.reset(handshake(headers));
      await raw.closed;
    }
  }
  await server.client();
});
