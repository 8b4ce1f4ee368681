// The guide's "Message Security": signatures, encryption and replay, with keys that the test derives by itself.
import { randomUUID } from 'node:crypto';

import { beforeAll, describe, expect, it } from 'vitest';

import { binaryWire } from '../support/binary-wire.js';
import { within } from '../support/deadline.js';
import { decryptFrame, encryptFrame, offerKeys, openText, signFrame, signText, type SessionKeys } from '../support/session-keys.js';
import { startServer, type TestServer } from '../support/start-server.js';
import type { TestClient } from '../support/test-client.js';

const HELLO = { name: 'signer', version: '1.0.0' };

interface Secured {
  readonly client: TestClient;
  readonly keys: SessionKeys;
  /** The next raw message from the server. */
  next(): Promise<{ data: Buffer; isBinary: boolean }>;
}

describe('message security', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ env: { MCPW_WEBSOCKET_SECURITY_HMAC_SIGNATURES: 'true' } });
  });

  /** Takes the raw messages over from the client's own reading. */
  async function secure(): Promise<Secured> {
    const client = await server.connect();
    const offer = offerKeys();
    const { security } = await client.initialize({ security: offer.security });
    client.socket.removeAllListeners('message');
    const received: { data: Buffer; isBinary: boolean }[] = [];
    let wake: () => void = () => undefined;
    client.socket.on('message', (data: Buffer, isBinary: boolean) => {
      received.push({ data, isBinary });
      wake();
    });
    const next = async () => {
      if (received.length === 0) await within('message', new Promise<void>((resolve) => (wake = resolve)));
      return received.shift() as { data: Buffer; isBinary: boolean };
    };
    return { client, keys: offer.keys(security, server.adminKey), next };
  }

  const envelope = (members: object = {}) =>
    JSON.stringify({
      id: randomUUID(),
      type: 0,
      method: 'tool.list',
      params: { limit: 1 },
      ts: Date.now(),
      nonce: randomUUID(),
      ...members,
    });

  async function readText({ keys, next }: Secured): Promise<{ id: string; type: number; result?: object; error?: { code: number } }> {
    const { data } = await next();
    const json = openText(data.toString(), keys.macToClient);
    if (json === undefined) throw new Error(`not signed with the connection's key: ${data.toString()}`);
    return JSON.parse(json);
  }

  describe('HMAC signatures', () => {
    it('are demanded by a server that is set so', async () => {
      const client = await server.connect();
      expect((await client.request('initialize', HELLO)).error?.code).toBe(4011);
    });

    it('a message signed with HMAC-SHA256 is handled, and its answer is signed as well', async () => {
      const secured = await secure();
      secured.client.send(signText(envelope({ id: 'signed' }), secured.keys.macToServer));
      expect(await readText(secured)).toMatchObject({ id: 'signed', type: 1, result: { tools: [expect.anything()] } });
    });

    it('each connection has keys of its own', async () => {
      const [one, other] = [await secure(), await secure()];
      expect(one.keys.macToServer.equals(other.keys.macToServer)).toBe(false);
      other.client.send(signText(envelope(), one.keys.macToServer));
      expect(await readText(other)).toMatchObject({ error: { code: 4011 } });
    });

    it.each([
      ['changed on its way', (text: string) => text.replace('"limit":1', '"limit":2')],
      ['not signed', (text: string) => text.slice(44)],
    ])('a message that was %s is refused, and the connection closed with 4401', async (_, tamper) => {
      const secured = await secure();
      secured.client.send(tamper(signText(envelope(), secured.keys.macToServer)));
      expect(await readText(secured)).toMatchObject({ error: { code: 4011 } });
      expect((await within('close', secured.client.closed)).code).toBe(4401);
    });

    it('a binary frame is signed in its trailer, and so is its answer', async () => {
      const { client, keys, next } = await secure();
      const wire = binaryWire();
      const nowMs = Date.now();
      client.send(signFrame(Buffer.from(wire.request(2, 'tool.list', { limit: 1 })), keys.macToServer, nowMs));
      const { data } = await next();
      const { length } = data;
      const unsigned = Buffer.concat([data.subarray(0, length - 40)]);
      unsigned.writeUInt16BE(data.readUInt16BE(6) & ~0x0008, 6);
      unsigned.writeUInt32BE(unsigned.length - 24, 20);
      const answeredMs = Number(data.readBigUInt64BE(length - 40));
      expect(signFrame(unsigned, keys.macToClient, answeredMs).equals(data)).toBe(true);
      expect(Math.abs(answeredMs - nowMs)).toBeLessThan(60_000);
      expect(wire.read(unsigned, true)).toMatchObject([{ type: 1, id: 2, result: { tools: [expect.anything()] } }]);
    });
  });

  describe('encryption', () => {
    it('a frame encrypted with AES-256-GCM is handled, and its answer is encrypted as well', async () => {
      const { client, keys, next } = await secure();
      const wire = binaryWire();
      client.send(encryptFrame(Buffer.from(wire.request(2, 'tool.list', { limit: 1 })), keys.encToServer, 1));
      const { data } = await next();
      expect(data.readUInt16BE(6) & 0x0002).toBe(0x0002);
      expect(data.includes('echo')).toBe(false);
      expect(wire.read(decryptFrame(data, keys.encToClient), true)).toMatchObject([
        { type: 1, id: 2, result: { tools: [expect.anything()] } },
      ]);
    });

    it('a counter that does not rise is a replay', async () => {
      const { client, keys, next } = await secure();
      const wire = binaryWire();
      const ask = (id: number, counter: number) =>
        client.send(encryptFrame(Buffer.from(wire.request(id, 'tool.list', { limit: 1 })), keys.encToServer, counter));
      ask(2, 1);
      await next();
      ask(3, 1);
      expect(wire.read(decryptFrame((await next()).data, keys.encToClient), true)).toMatchObject([{ error: { code: 4010 } }]);
    });
  });

  describe('anti-replay protection', () => {
    it('a signed message that comes again is refused by its id, and nothing runs', async () => {
      const secured = await secure();
      const message = signText(envelope({ method: 'context.create', params: { name: 'once' } }), secured.keys.macToServer);
      secured.client.send(message);
      expect(await readText(secured)).toMatchObject({ type: 1 });
      secured.client.send(message);
      expect(await readText(secured)).toMatchObject({ error: { code: 4010 } });
      secured.client.send(signText(envelope({ method: 'context.list', params: { name_prefix: 'once' } }), secured.keys.macToServer));
      expect(await readText(secured)).toMatchObject({ result: { contexts: [expect.anything()] } });
    });

    it('a nonce that comes again is refused, though the id is new', async () => {
      const secured = await secure();
      const nonce = randomUUID();
      secured.client.send(signText(envelope({ nonce }), secured.keys.macToServer));
      expect(await readText(secured)).toMatchObject({ type: 1 });
      secured.client.send(signText(envelope({ nonce }), secured.keys.macToServer));
      expect(await readText(secured)).toMatchObject({ error: { code: 4010 } });
    });

    it.each([-61_000, 61_000])('a timestamp %i ms from the server’s clock is refused', async (offMs) => {
      const secured = await secure();
      secured.client.send(signText(envelope({ ts: Date.now() + offMs }), secured.keys.macToServer));
      expect(await readText(secured)).toMatchObject({ error: { code: 4010 } });
    });

    it('a sequence id that was seen is refused, within a window that takes them out of order', async () => {
      const { client, keys, next } = await secure();
      const wire = binaryWire();
      const ask = async (id: number) => {
        client.send(signFrame(Buffer.from(wire.request(id, 'tool.list', { limit: 1 })), keys.macToServer, Date.now()));
        const { data } = await next();
        return data[5];
      };
      expect([await ask(10), await ask(9), await ask(10), await ask(9), await ask(11)]).toEqual([1, 1, 3, 3, 1]);
    });
  });
});
