// How long a stranger may take: all that a server waits for has an end, and all of it is waited for at once here.
import { beforeAll, describe, expect, it } from 'vitest';

import { within } from '../support/deadline.js';
import { startServer, type TestServer } from '../support/start-server.js';
import { handshake, RawSocket } from './support/raw-socket.js';

let server: TestServer;
beforeAll(async () => {
  // A setting that gives clients an hour gives it to those who have shown a credential.
  server = await startServer({ config: { websocket: { initialize_timeout: '1h' } } });
});

/** Milliseconds until it was over. */
async function duration(over: Promise<unknown>, atMostMs: number): Promise<number> {
  const begun = performance.now();
  await within('end', over, atMostMs);
  return performance.now() - begun;
}

describe.concurrent('a stranger', () => {
  it('who says nothing has ten seconds', async () => {
    const socket = await RawSocket.open(server);
    expect(await duration(socket.closed, 25_000)).toBeGreaterThan(5_000);
  });

  it('who sends the head of a handshake a byte at a time has ten seconds (slow-loris)', async () => {
    const socket = await RawSocket.open(server);
    const head = handshake({ Authorization: `Bearer ${server.adminKey}` });
    let sent = 0;
    const timer = setInterval(() => socket.write(head[sent++] ?? ''), 100);
    const ms = await duration(socket.closed, 25_000);
    clearInterval(timer);
    expect(ms).toBeGreaterThan(5_000);
    expect(socket.text).toMatch(/^HTTP\/1\.1 408/);
    expect(sent).toBeLessThan(head.length);
  });

  it('who sends the body of a request a byte at a time has thirty seconds (slow POST)', async () => {
    const socket = await RawSocket.open(server);
    socket.write(
      `POST /api/v1/keys HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.adminKey}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`,
    );
    const timer = setInterval(() => socket.write(' '), 200);
    await duration(socket.closed, 50_000);
    clearInterval(timer);
    expect(socket.text).toMatch(/^HTTP\/1\.1 408/);
  }, 60_000);

  it('with a WebSocket and without a credential has five seconds', async () => {
    const stranger = await server.connect({ anonymous: true });
    expect(await duration(stranger.closed, 12_000)).toBeGreaterThan(3_000);
    expect((await stranger.closed).code).toBe(4408);
  });

  it('who keeps talking has no longer', async () => {
    const stranger = await server.connect({ anonymous: true });
    const timer = setInterval(() => stranger.sendJson({ id: `${Math.random()}`, type: 4 }), 200);
    expect((await within('close', stranger.closed, 12_000)).code).toBe(4408);
    clearInterval(timer);
  });

  it('who sends a WebSocket message a byte at a time has no longer', async () => {
    const socket = await RawSocket.open(server);
    await socket.upgrade();
    const head = Buffer.from([0x81, 0xfe, 0xff, 0x00, 0, 0, 0, 0]);
    socket.write(head);
    const timer = setInterval(() => socket.write('{'), 20);
    // Who does not answer the close has eight seconds more.
    await duration(socket.closed, 25_000);
    clearInterval(timer);
    // A close frame (RFC 6455 §5.5.1) with the code 4408.
    expect(socket.text).toContain('\x11\x38');
  });

  it('is outlasted by who has shown a credential, and need not hurry', async () => {
    const client = await server.connect();
    await new Promise((resolve) => setTimeout(resolve, 7_000));
    await client.initialize();
    expect(client.isOpen).toBe(true);
  });
});
