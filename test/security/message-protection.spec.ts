// PROTOCOL.md §4, by somebody in the middle: who changes, cuts, makes up, sends back or sends elsewhere what was signed or encrypted.
import { randomUUID } from 'node:crypto';

import { beforeAll, describe, expect, it } from 'vitest';

import { binaryWire } from '../support/binary-wire.js';
import { eventually, within } from '../support/deadline.js';
import { createKey } from '../support/keys.js';
import { ENCODINGS } from '../support/message.js';
import { encryptFrame, offerKeys, signText } from '../support/session-keys.js';
import { sharedServer, startServer, type TestServer } from '../support/start-server.js';
import { FLAGS, SecuredClient } from './support/secured-client.js';

const MCP_INITIALIZE = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
const CREATE = { name: 'written by the attacker' };

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ config: { websocket: { rate_limit: { enabled: false } } } });
});

const created = async (): Promise<number> => {
  const client = await server.client();
  // Under whatever name: an attacker may have changed it.
  const { contexts } = await client.call('context.list');
  await client.close();
  return (contexts as unknown[]).length;
};

/** What the server answers, and that it ends the connection. */
async function refusedWith(secured: SecuredClient, binary = false): Promise<number | undefined> {
  const raw = await secured.next();
  const { code } = await within('close', secured.client.closed);
  expect(code).toBe(4401);
  if (binary) return binaryWire().read(secured.openFrame(raw.data), true)[0]?.error?.code;
  return secured.readText(raw.data).error?.code;
}

describe('a signed text', () => {
  const tampered: readonly (readonly [string, (text: string) => string])[] = [
    ['whose params were changed', (text) => text.replace(CREATE.name, 'written by the attackeR')],
    ['whose method was changed', (text) => text.replace('context.create', 'context.delete')],
    ['whose time was changed', (text) => text.replace(/"ts":\d/, '"ts":2')],
    ['whose signature was changed', (text) => (text.startsWith('A') ? 'B' : 'A') + text.slice(1)],
    ['whose signature is in other letters', (text) => text.slice(0, 43).toLowerCase() + text.slice(43)],
    ['that was cut at its end', (text) => text.slice(0, -1)],
    ['that was cut within the signature', (text) => text.slice(1)],
    ['that is a signature and nothing else', (text) => text.slice(0, 44)],
    ['with something added', (text) => `${text} `],
    ['with another separator', (text) => `${text.slice(0, 43)}:${text.slice(44)}`],
    ['with the signature twice', (text) => `${text.slice(0, 44)}${text}`],
    ['with an empty signature', (text) => `.${text.slice(44)}`],
    ['with a signature of 43 characters that no base64url has', (text) => `${'ü'.repeat(43)}${text.slice(43)}`],
    ['without a signature', (text) => text.slice(44)],
    ['that is not JSON any more, and not signed', () => 'nonsense'],
    ['that is empty', () => ''],
  ];
  it.each(tampered)('%s is refused with 4011, ends the connection with 4401, and runs nothing', async (_, tamper) => {
    const secured = await SecuredClient.open(server);
    secured.send(tamper(secured.text('context.create', CREATE)));
    expect(await refusedWith(secured)).toBe(4011);
    expect(await created()).toBe(0);
  });

  const MANY = { arguments: { list: Array.from({ length: 70_000 }, () => 0) } };

  it('of too many values is refused with 4015 by its id, so that nobody waits for its answer', async () => {
    const secured = await SecuredClient.open(server);
    secured.send(secured.text('tool.execute', { name: 'echo', ...MANY }, { id: 'large' }));
    expect(await secured.nextText()).toMatchObject({ id: 'large', type: 3, error: { code: 4015 } });
    expect(await secured.ask('tool.list')).toMatchObject({ type: 1 });
  });

  it('that is not signed is refused for that before its values are counted', async () => {
    const secured = await SecuredClient.open(server);
    secured.send(JSON.stringify({ id: '1', type: 1, result: MANY }));
    expect(await refusedWith(secured)).toBe(4011);
  });

  it.each(['ts', 'nonce'])('without %s is refused, though its signature fits', async (member) => {
    const secured = await SecuredClient.open(server);
    secured.send(secured.text('context.create', CREATE, { [member]: undefined }));
    expect(await refusedWith(secured)).toBe(4011);
    expect(await created()).toBe(0);
  });

  it.each([
    ['a request', { id: 'x', type: 0, method: 'context.create', params: CREATE }],
    ['a notification', { type: 2, method: 'event.publish', params: { event: 'x.y', data: {} } }],
    ['a response', { id: '1', type: 1, result: {} }],
    ['an error', { id: '1', type: 3, error: { code: 4000, message: 'x' } }],
    ['a ping', { id: 'x', type: 4 }],
    ['a pong', { id: 'x', type: 5 }],
    ['a batch', { id: 'x', type: 6, params: { messages: [{ id: 'y', type: 0, method: 'context.create', params: CREATE }] } }],
  ])('is what %s must be: without one the connection ends', async (_, envelope) => {
    const secured = await SecuredClient.open(server);
    secured.send(JSON.stringify(envelope));
    expect(await refusedWith(secured)).toBe(4011);
    expect(await created()).toBe(0);
  });
});

describe('a frame', () => {
  const wire = binaryWire();
  const request = (): Buffer => Buffer.from(wire.request(2, 'context.create', CREATE));

  it('signed, with any one byte changed, is refused and runs nothing', async () => {
    const first = await SecuredClient.open(server);
    const length = first.signedFrame(request()).length;
    await first.client.close();
    for (let at = 0; at < length; at++) {
      const secured = await SecuredClient.open(server);
      const tampered = secured.signedFrame(request());
      tampered[at] = (tampered[at] ?? 0) ^ 0x01;
      secured.send(tampered);
      const raw = await secured.next();
      const [answer] = wire.read(secured.openFrame(raw.data), true);
      expect([4000, 4011], `byte ${at}`).toContain(answer?.error?.code);
      secured.client.terminate();
    }
    expect(await created()).toBe(0);
  });

  it('encrypted, with any one byte changed, is refused and runs nothing', async () => {
    const first = await SecuredClient.open(server);
    const length = first.encryptedFrame(request()).length;
    await first.client.close();
    for (let at = 0; at < length; at++) {
      const secured = await SecuredClient.open(server);
      const tampered = secured.encryptedFrame(request());
      tampered[at] = (tampered[at] ?? 0) ^ 0x01;
      secured.send(tampered);
      const raw = await secured.next();
      const [answer] = wire.read(secured.openFrame(raw.data), true);
      expect([4000, 4010, 4011], `byte ${at}`).toContain(answer?.error?.code);
      secured.client.terminate();
    }
    expect(await created()).toBe(0);
  });

  it.each(['signed', 'encrypted'] as const)('%s and cut anywhere is refused and runs nothing', async (kind) => {
    const secured = await SecuredClient.open(server);
    const whole = kind === 'signed' ? secured.signedFrame(request()) : secured.encryptedFrame(request());
    await secured.client.close();
    for (const end of [0, 1, 23, 24, 25, 31, 40, 47, 63, 64, whole.length - 33, whole.length - 17, whole.length - 1]) {
      const other = await SecuredClient.open(server);
      const cut = Buffer.from((kind === 'signed' ? other.signedFrame(request()) : other.encryptedFrame(request())).subarray(0, end));
      // With a size that fits what is left, so that it is not refused for its size alone.
      if (cut.length >= 24) cut.writeUInt32BE(cut.length - 24, 20);
      other.send(cut);
      const [answer] = wire.read(other.openFrame((await other.next()).data), true);
      expect([4000, 4010, 4011], `${end} bytes`).toContain(answer?.error?.code);
      other.client.terminate();
    }
    expect(await created()).toBe(0);
  });

  it.each([
    ['neither signed nor encrypted', (frame: Buffer) => frame],
    [
      'that only says that it is signed',
      (frame: Buffer) => {
        const flagged = Buffer.concat([frame, Buffer.alloc(40)]);
        flagged.writeUInt16BE(frame.readUInt16BE(6) | FLAGS.SIGNED, 6);
        flagged.writeUInt32BE(flagged.length - 24, 20);
        return flagged;
      },
    ],
  ])('%s ends the connection with 4401, and runs nothing', async (_, make) => {
    const secured = await SecuredClient.open(server);
    secured.send(make(request()));
    expect(await refusedWith(secured, true)).toBe(4011);
    expect(await created()).toBe(0);
  });

  it('in a batch is opened for itself: one that is not protected runs nothing', async () => {
    const secured = await SecuredClient.open(server);
    secured.send(wire.batch(9, [request()]));
    expect(await refusedWith(secured, true)).toBe(4011);
    expect(await created()).toBe(0);
  });

  it('encrypted with a counter of 0, or one beyond 2^53, is refused', async () => {
    for (const counter of [0, Number.MAX_SAFE_INTEGER + 1]) {
      const secured = await SecuredClient.open(server);
      secured.send(secured.encryptedFrame(request(), counter));
      const [answer] = wire.read(secured.openFrame((await secured.next()).data), true);
      expect(answer?.error?.code).toBe(4010);
      secured.client.terminate();
    }
    expect(await created()).toBe(0);
  });

  it('encrypted with another key, at a counter far ahead, is refused as forged', async () => {
    const secured = await SecuredClient.open(server);
    secured.send(encryptFrame(request(), Buffer.alloc(32, 7), 1_000_000));
    expect(await refusedWith(secured, true)).toBe(4011);
    expect(await created()).toBe(0);
  });
});

describe('what was meant for somebody else', () => {
  const wire = binaryWire();

  it('the server’s own messages sent back to it are refused: each direction has keys of its own', async () => {
    const text = await SecuredClient.open(server);
    text.send(text.text('tool.list', { limit: 1 }));
    const answer = await text.next();
    text.send(answer.data.toString());
    expect(await refusedWith(text)).toBe(4011);

    for (const kind of ['signed', 'encrypted'] as const) {
      const frames = await SecuredClient.open(server);
      const ask = Buffer.from(wire.request(2, 'tool.list', { limit: 1 }));
      frames.send(kind === 'signed' ? frames.signedFrame(ask) : frames.encryptedFrame(ask));
      const { data } = await frames.next();
      frames.send(data);
      const [refusal] = wire.read(frames.openFrame((await frames.next()).data), true);
      expect([4010, 4011]).toContain(refusal?.error?.code);
      frames.client.terminate();
    }
  });

  it('a message of one connection is good on no other, though the key is the same', async () => {
    const [one, other] = [await SecuredClient.open(server), await SecuredClient.open(server)];
    other.send(one.text('context.create', CREATE));
    expect(await refusedWith(other)).toBe(4011);
    const another = await SecuredClient.open(server);
    another.send(one.encryptedFrame(Buffer.from(wire.request(2, 'context.create', CREATE))));
    expect(await refusedWith(another, true)).toBe(4011);
    expect(await created()).toBe(0);
  });

  it('nor on the connection that the session goes on with', async () => {
    const { key } = await createKey(server);
    const first = await SecuredClient.open(server, { key });
    const message = first.text('context.create', CREATE);
    const { session_id, resume_token } = first.session;
    first.client.terminate();
    const second = await SecuredClient.open(server, { key }, { resume: { session_id, resume_token } });
    expect(second.session.resumed).toBe(true);
    second.send(message);
    expect(await refusedWith(second)).toBe(4011);
    expect(await created()).toBe(0);
  });

  it('who knows both public keys and nonces but not the credential has other keys', async () => {
    const { key } = await createKey(server);
    const client = await server.connect({ key });
    const offer = offerKeys();
    const { security } = await client.initialize({ security: offer.security });
    const guessed = offer.keys(security, 'another credential');
    client.socket.removeAllListeners('message'); // what comes is signed, with keys that this one does not have
    client.send(
      signText(
        JSON.stringify({ id: 'x', type: 0, method: 'tool.list', params: {}, ts: Date.now(), nonce: randomUUID() }),
        guessed.macToServer,
      ),
    );
    expect((await within('close', client.closed)).code).toBe(4401);
  });
});

describe('the key agreement', () => {
  const POINTS = {
    'all zeros': Buffer.alloc(32),
    'the point of order 1': Buffer.from('0100000000000000000000000000000000000000000000000000000000000000', 'hex'),
    'a point of order 8': Buffer.from('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800', 'hex'),
    'p - 1': Buffer.from('ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', 'hex'),
    'p itself': Buffer.from('edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', 'hex'),
  };

  it.each(Object.entries(POINTS))('with %s as a public key, which would make a secret that all know, is refused', async (_, point) => {
    const client = await server.connect();
    const { nonce } = offerKeys().security;
    const answer = await client.request('initialize', {
      name: 'x',
      version: '1',
      security: { public_key: point.toString('base64url'), nonce },
    });
    expect(answer.error?.code).toBe(4005);
    await client.initialize(); // and nothing is broken by it
  });

  it.each([
    ['a key that is not base64url', { public_key: '!'.repeat(43) }],
    ['a key of 31 bytes', { public_key: 'A'.repeat(42) }],
    ['a nonce of 15 bytes', { nonce: 'A'.repeat(20) }],
    ['no nonce', { nonce: undefined }],
  ])('with %s is refused', async (_, broken) => {
    const client = await server.connect();
    const answer = await client.request('initialize', { name: 'x', version: '1', security: { ...offerKeys().security, ...broken } });
    expect(answer.error?.code).toBe(4005);
  });

  it('gives every connection another public key and nonce of the server’s, and other keys to the same offer', async () => {
    const offer = offerKeys();
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => (await (await server.connect()).initialize({ security: offer.security })).security),
    );
    expect(new Set(answers.map(({ public_key }) => public_key)).size).toBe(20);
    expect(new Set(answers.map(({ nonce }) => nonce)).size).toBe(20);
    expect(new Set(answers.map((answer) => offer.keys(answer, server.adminKey).macToServer.toString('hex'))).size).toBe(20);
  });
});

describe('a server that demands signatures', () => {
  const DEMANDING = { config: { websocket: { security: { hmac_signatures: true } } } };

  it('does nothing for who has agreed on no keys, whatever they send', async () => {
    const strict = await sharedServer(DEMANDING);
    const client = await strict.connect();
    expect((await client.request('initialize', { name: 'x', version: '1' })).error?.code).toBe(4011);
    expect((await client.request('context.create', CREATE)).error?.code).toBe(4013);
    const binary = await strict.connect({ encoding: 'binary' });
    expect((await binary.request('initialize', { name: 'x', version: '1' })).error?.code).toBe(4011);
    const secured = await SecuredClient.open(strict);
    expect((await secured.ask('context.list')).result.contexts).toEqual([]);
  });

  it('publishes nothing for them', async () => {
    const strict = await sharedServer(DEMANDING);
    const secured = await SecuredClient.open(strict);
    await secured.ask('event.subscribe', { events: ['**'] });
    for (const encoding of ENCODINGS) {
      const unsigned = await strict.connect({ encoding });
      unsigned.notify('event.publish', { event: 'from.unsigned', data: {} });
      await unsigned.request('initialize', { name: 'x', version: '1' });
      unsigned.notify('event.publish', { event: 'from.unsigned', data: {} });
      // What came before it was handled before it.
      expect((await unsigned.request('event.publish', { event: 'from.unsigned', data: {} })).error?.code).toBe(4013);
    }
    await secured.ask('event.publish', { event: 'from.signed', data: {} });
    const heard = await eventually('the last event', () => {
      const events = secured.received.map(({ data }) => secured.readText(data).params?.event as unknown);
      return events.includes('from.signed') ? events : undefined;
    });
    expect(heard).not.toContain('from.unsigned');
  });

  it('refuses MCP, which has no signatures, over HTTP and WebSocket, and says so when it starts', async () => {
    const strict = await sharedServer(DEMANDING);
    const refused = /demands signatures.*MCP has none/;
    await strict.printed(/MCP clients are refused.*hmac_signatures/);
    for (const method of ['POST', 'GET', 'DELETE', 'OPTIONS'] as const) {
      const answer = await fetch(`${strict.url}/mcp`, {
        method,
        headers: {
          Authorization: `Bearer ${strict.adminKey}`,
          'Content-Type': 'application/json',
          Accept: 'application/json, text/event-stream',
        },
        ...(method === 'POST' ? { body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: MCP_INITIALIZE }) } : {}),
      });
      expect(answer.status).toBe(403);
      expect(await answer.text()).toMatch(refused);
    }
    for (const subprotocols of [['mcp'], ['mcp', 'mcpw.v1.json']]) {
      await expect(strict.connect({ subprotocols })).rejects.toMatchObject({
        status: 403,
        body: { error: { code: 4011, message: expect.stringMatching(refused) } },
      });
    }
  });
});
