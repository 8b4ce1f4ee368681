// Messages and handshakes in pieces, a byte each, and floods of messages with nothing in them, do not hold the event loop.
import { beforeAll, describe, expect, it } from 'vitest';

import { within } from '../../support/deadline.js';
import type { TestServer } from '../../support/start-server.js';
import { text } from '../support/attack-messages.js';
import { expectNoHold, startWatchedServer } from '../support/event-loop.js';
import { handshake, OPCODE, RawSocket, webSocketFrame } from '../support/raw-socket.js';

let server: TestServer;
let bearer: string;
beforeAll(async () => {
  server = await startWatchedServer();
  bearer = `Bearer ${server.adminKey}`;
});

describe('pieces', () => {
  it('of one byte, as TCP brings them', async () => {
    await expectNoHold(server, async () => {
      const socket = await RawSocket.open(server);
      await socket.upgrade({ Authorization: bearer });
      const bytes = webSocketFrame(text('1', 'initialize', `{"name":"${'x'.repeat(3_000)}","version":"1"}`));
      for (const byte of bytes) {
        socket.write(Buffer.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
      await socket.until((received) => received.includes('4005'));
      socket.end();
    });
  });

  it.each([0, 1, 3])('of a message, of %i bytes each', async (size) => {
    const piece = Buffer.alloc(size, 'x');
    const pieces = Buffer.concat([
      webSocketFrame(piece, { fin: false }),
      ...new Array<Buffer>(100_000).fill(webSocketFrame(piece, { fin: false, opcode: OPCODE.CONTINUATION })),
    ]);
    await expectNoHold(server, async () => {
      const socket = await RawSocket.open(server);
      await socket.upgrade({ Authorization: bearer });
      socket.write(pieces);
      await within('close', socket.closed, 20_000);
      // 1008: in too many pieces.
      expect(socket.text).toContain('\x03\xf0');
    });
  });

  it('of one large frame, in many small packets', async () => {
    await expectNoHold(server, async () => {
      const socket = await RawSocket.open(server);
      await socket.upgrade({ Authorization: bearer });
      const bytes = webSocketFrame(text('1', 'initialize', `{"name":"${'x'.repeat(100_000)}","version":"1"}`));
      for (let at = 0; at < bytes.length; at += 64) {
        socket.write(bytes.subarray(at, at + 64));
        if (at % 6_400 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await socket.until((received) => received.includes('4005') || received.includes('\x03\xf0'));
      socket.end();
    });
  });

  it('of two hundred handshakes (slow-loris)', async () => {
    await expectNoHold(server, async () => {
      const sockets = await Promise.all(Array.from({ length: 200 }, () => RawSocket.open(server)));
      const head = handshake({ Authorization: bearer });
      for (let at = 0; at < 40; at++) {
        for (const socket of sockets) socket.write(head[at] ?? '');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      for (const socket of sockets) socket.end();
    });
  });

  it('a flood of empty messages, pings and pongs', async () => {
    await expectNoHold(server, async () => {
      const socket = await RawSocket.open(server);
      await socket.upgrade({ Authorization: bearer });
      socket.socket.pause();
      socket.write(Buffer.concat(new Array<Buffer>(30_000).fill(webSocketFrame('', { opcode: OPCODE.PING }))));
      socket.write(Buffer.concat(new Array<Buffer>(30_000).fill(webSocketFrame('', { opcode: OPCODE.PONG }))));
      socket.write(Buffer.concat(new Array<Buffer>(30_000).fill(webSocketFrame(''))));
      await server.client();
      socket.end();
    });
  });
});
