import { FrameWriter, METHOD_NUMBERS, readFrame, type KeyAgreement } from '@mcpw/protocol';
import { nodeKeyExchange } from '@mcpw/protocol/node';
import { webKeyExchange } from '@mcpw/protocol/web';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { BinaryCodec } from './binary-codec.js';
import type { Incoming } from './incoming.js';
import { JsonCodec } from './json-codec.js';
import type { MessageCodec } from './message-codec.js';
import { MethodNumbers } from './method-numbers.js';
import type { Channel } from './platform.js';
import { Protection } from './protection.js';
import { settled } from './testing/fake-clock.js';
import { FakeServer } from './testing/fake-server.js';
import { Transport } from './transport.js';

const MAX_BYTES = 1_000_000;
const methods = new MethodNumbers();
const json = new JsonCodec();
const binary = new BinaryCodec(methods);
const writer = new FrameWriter();

interface Link {
  readonly transport: Transport;
  readonly server: FakeServer;
  readonly messages: Incoming[];
  readonly closes: { code: number; reason: string }[];
}

async function open(take: (message: Incoming, link: () => Link) => void | Promise<void> = () => undefined): Promise<Link> {
  const server = new FakeServer();
  const messages: Incoming[] = [];
  const closes: { code: number; reason: string }[] = [];
  let count = 100;
  const transport = await Transport.open(
    server.platform,
    { url: 'ws://server/ws', protocols: [], headers: {} },
    methods,
    () => ++count,
    MAX_BYTES,
    {
      message: (message) => {
        messages.push(message);
        return take(message, () => link);
      },
      activity: () => undefined,
      closed: (code, reason) => closes.push({ code, reason }),
    },
    new AbortController().signal,
  );
  const link: Link = { transport, server, messages, closes };
  return link;
}

/** Both ends of a key agreement; the client's is Node's, at once, or that of browsers, with promises. */
async function channels(
  platform: 'node' | 'web',
): Promise<{ client: Channel; server: NonNullable<ReturnType<typeof nodeKeyExchange.channel>> }> {
  const [own, theirs] = [nodeKeyExchange.generateKeyPair(), nodeKeyExchange.generateKeyPair()];
  const shared = { credentialHash: new Uint8Array(32), clientNonce: new Uint8Array(16), serverNonce: new Uint8Array(16) };
  const agreement: KeyAgreement = { ...shared, privateKey: own.privateKey, peerPublicKey: theirs.publicKey };
  const client = platform === 'node' ? nodeKeyExchange.channel(agreement, 'client') : await webKeyExchange.channel(agreement, 'client');
  const server = nodeKeyExchange.channel({ ...shared, privateKey: theirs.privateKey, peerPublicKey: own.publicKey }, 'server');
  if (client === undefined || server === undefined) throw new Error('no keys');
  return { client, server };
}

describe('Transport', () => {
  it('tells messages, and the close after them', async () => {
    const { server, messages, closes } = await open();
    server.connection.say({ id: '1', type: 1, result: 1 });
    server.connection.events.closed(4503, 'draining');
    expect(messages).toEqual([{ type: 'response', id: '1', result: 1 }]);
    expect(closes).toEqual([{ code: 4503, reason: 'draining' }]);
  });

  it('tells the close only when the work on what came before it is done', async () => {
    let finish = (): void => undefined;
    const { server, messages, closes } = await open(() => new Promise<void>((resolve) => (finish = resolve)));
    server.connection.say({ id: '1', type: 1, result: 1 });
    server.connection.say({ id: '2', type: 1, result: 2 });
    server.connection.events.closed(1006, '');
    await settled();
    expect(messages).toHaveLength(1);
    finish();
    await settled();
    expect(messages).toHaveLength(2);
    expect(closes).toEqual([]);
    finish();
    await settled();
    expect(closes).toHaveLength(1);
  });

  it('reads frames and batches of frames, mixed with text', async () => {
    const { server, messages } = await open();
    server.connection.events.message(writer.batch(1, [writer.response(1, 3, 'a'), writer.response(2, 3, 'b')]));
    server.connection.say({ id: '3', type: 1, result: 'c' });
    server.connection.events.message(writer.response(4, 3, 'd'));
    expect(messages.map((message) => message.type === 'response' && message.result)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('tells of a frame that is too large as an error about its request', async () => {
    const { server, messages } = await open();
    server.connection.events.message(writer.response(9, 3, new Uint8Array(MAX_BYTES)));
    expect(messages).toMatchObject([{ type: 'error', id: 9, error: { code: 4015 } }]);
  });

  it('sends nothing after the end, and ends once', async () => {
    const { transport, server, closes } = await open();
    transport.terminate('dead');
    server.connection.events.closed(1000, '');
    transport.send([json.ping(1)], json);
    expect(closes).toEqual([{ code: 1006, reason: 'dead' }]);
    expect(server.connection.raw).toEqual([]);
  });

  describe.each(['node', 'web'] as const)('with the cryptography of %s', (kind) => {
    let ends: Awaited<ReturnType<typeof channels>>;

    beforeEach(async () => {
      ends = await channels(kind);
    });

    function protect({ transport, server }: Link, encrypts: boolean): void {
      transport.protect(
        new Protection({ thresholdBytes: 64, channel: ends.client, encrypts, maxMessageBytes: MAX_BYTES }, server.platform),
      );
    }

    it.each([
      ['signed text', json, false],
      ['signed frames', binary, false],
      ['encrypted frames', binary, true],
    ] as [string, MessageCodec, boolean][])('sends %s in order, single and in batches', async (_, codec, encrypts) => {
      const link = await open();
      protect(link, encrypts);
      for (let i = 1; i <= 5; i++)
        link.transport.send([codec.request(i, 'tool.list', { query: 'x'.repeat(i % 2 === 0 ? 2000 : 1) })], codec);
      link.transport.send([codec.request(6, 'tool.list', {}), codec.request(7, 'tool.list', {})], codec);
      await vi.waitFor(() => expect(link.server.connection.raw).toHaveLength(6));
      const ids = link.server.connection.raw.flatMap((message) => idsOf(message, ends.server));
      expect(ids).toEqual([1, 2, 3, 4, 5, 6, 7]);
    });

    it('opens what comes in order, from the message on at which protection began', async () => {
      const link = await open((message, link) => {
        if (message.type === 'response' && Number(message.id) === 1) protect(link(), true);
      });
      const { server, messages } = link;
      server.connection.say({ id: '1', type: 1, result: 'plain' });
      server.connection.events.message(ends.server.encryptFrame(writer.response(2, 3, 'encrypted')));
      server.connection.events.message(ends.server.signText('{"id":"3","type":1,"result":"signed","ts":1,"nonce":"nonce-01"}'));
      server.connection.events.message(
        writer.batch(1, [
          ends.server.encryptFrame(writer.response(4, 3, 'x'.repeat(5000))),
          ends.server.signFrame(writer.response(5, 3, 'y'), 1),
        ]),
      );
      await vi.waitFor(() => expect(messages).toHaveLength(5));
      expect(messages.map(({ id }) => Number(id))).toEqual([1, 2, 3, 4, 5]);
    });

    it.each([
      ['text that is not signed', () => '{"id":"3","type":1,"result":"forged"}'],
      ['text signed with other keys', () => `${'A'.repeat(43)}.{"id":"3","type":1,"result":"forged","ts":1,"nonce":"nonce-01"}`],
      ['text without a nonce', () => ends.server.signText('{"id":"3","type":1,"result":"x","ts":1}')],
      ['a frame that is neither signed nor encrypted', () => writer.response(3, 3, 'forged')],
      ['no frame at all', () => Uint8Array.of(1, 2, 3)],
    ])('ends the connection at %s', async (_, forge) => {
      const link = await open();
      protect(link, false);
      link.server.connection.events.message(forge());
      link.server.connection.events.message(ends.server.signFrame(writer.response(4, 3, 'after'), 1));
      await vi.waitFor(() => expect(link.closes).toMatchObject([{ code: 1006 }]));
      expect(link.messages).toEqual([]);
      expect(link.server.connection.isTerminated).toBe(true);
    });

    it.each([
      ['text', () => ends.server.signText('{"type":2,"method":"tool.changed","params":{},"ts":1,"nonce":"nonce-01"}')],
      ['a signed frame', () => ends.server.signFrame(writer.notification(1, METHOD_NUMBERS['tool.changed'], {}), 1)],
      ['an encrypted frame', () => ends.server.encryptFrame(writer.notification(1, METHOD_NUMBERS['tool.changed'], {}))],
    ])('ends the connection where %s comes a second time', async (_, make) => {
      const link = await open();
      protect(link, true);
      const message = make();
      // The bytes of a frame are opened in place.
      link.server.connection.events.message(typeof message === 'string' ? message : message.slice());
      link.server.connection.events.message(message);
      await vi.waitFor(() => expect(link.closes).toHaveLength(1));
      expect(link.messages).toHaveLength(1);
    });
  });
});

function idsOf(message: string | Uint8Array, server: Awaited<ReturnType<typeof channels>>['server']): number[] {
  if (typeof message === 'string') {
    const opened = server.openText(message);
    if (!opened.ok) throw new Error(opened.message);
    const envelope = JSON.parse(opened.json) as { id: string; ts: number; nonce: string; params: { messages?: { id: string }[] } };
    expect(envelope).toMatchObject({ ts: expect.any(Number), nonce: expect.stringMatching(/^[\w-]{16}$/) });
    return (envelope.params.messages ?? [envelope]).map(({ id }) => Number(id));
  }
  const frame = readFrame(message, MAX_BYTES);
  if (!frame.ok) throw new Error(frame.message);
  return (frame.members ?? [frame]).map((member) => {
    const opened = member.ok ? server.openFrame(member) : member;
    if (!opened.ok) throw new Error(opened.message);
    return opened.sequenceId;
  });
}
