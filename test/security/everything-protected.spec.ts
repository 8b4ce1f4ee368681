// PROTOCOL.md §4: once there are keys every message of the server is signed or encrypted, whatever made it send one.
import { beforeAll, describe, expect, it } from 'vitest';

import { binaryWire } from '../support/binary-wire.js';
import { eventually } from '../support/deadline.js';
import type { Received } from '../support/message.js';
import { startServer, type TestServer } from '../support/start-server.js';
import { FLAGS, framesOf, SecuredClient, type TextMessage } from './support/secured-client.js';

const TOOL = { name: 'secured.tool', description: 'x', inputSchema: { type: 'object' } };

async function caseServer(): Promise<TestServer> {
  return startServer({
    config: { websocket: { max_in_flight: 8, drain_spread: '100ms', drain_timeout: '2s', rate_limit: { enabled: false } } },
  });
}

/** Text messages of a batch are in its params. */
const unpacked = (message: TextMessage): TextMessage[] => (message.type === 6 ? message.params.messages : [message]);

describe('in text', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await caseServer();
  });

  it('answers, errors of every kind, pongs, events, requests, progress, changes and the farewell are signed, each with a nonce of its own', async () => {
    const secured = await SecuredClient.open(server, {}, { capabilities: { batch: true, tools: true } });
    const plain = await server.client();
    const read = (): TextMessage[] => secured.received.flatMap(({ data }) => unpacked(secured.readText(data)));
    const seen = (what: string, wants: (message: TextMessage) => boolean): Promise<TextMessage> =>
      eventually(what, () => read().find(wants));
    const ask = async (id: string, envelope: object): Promise<TextMessage> => {
      secured.send(secured.signed({ id, type: 0, ...envelope }));
      return seen(`answer to ${id}`, (message) => message.id === id);
    };

    expect(await ask('response', { method: 'tool.list', params: {} })).toMatchObject({ type: 1 });
    const errors: [string, number, object][] = [
      ['invalid', 4005, { method: 'tool.list', params: { odd: 1 } }],
      ['unknown', 4004, { method: 'no.such', params: {} }],
      ['absent', 4009, { method: 'context.get', params: { context_id: 'none' } }],
      ['second', 4000, { method: 'initialize', params: { name: 'x', version: '1' } }],
      ['malformed', 4000, { method: 7 }],
      ['old', 4010, { method: 'tool.list', ts: Date.now() - 100_000 }],
    ];
    for (const [id, code, envelope] of errors) expect(await ask(id, envelope), id).toMatchObject({ type: 3, error: { code } });
    expect(await ask('typeless', { type: 77 })).toMatchObject({ type: 3, error: { code: 4000 } });
    expect(await ask('ping', { type: 4 })).toMatchObject({ type: 5 });
    secured.send(
      secured.signed({
        id: 'batch',
        type: 6,
        params: { messages: ['b1', 'b2', 'b3'].map((id) => ({ id, type: 0, method: 'tool.list', params: { limit: 1 } })) },
      }),
    );
    for (const id of ['b1', 'b2', 'b3']) await seen(id, (message) => message.id === id);

    await ask('subscribe', { method: 'event.subscribe', params: { events: ['**'] } });
    await plain.call('event.publish', { event: 'secured.event', data: { n: 1 } });
    await seen('event', (message) => message.method === 'event' && message.params.event === 'secured.event');
    await ask('register', { method: 'tool.register', params: { tools: [TOOL] } });
    await seen('tool.changed', (message) => message.method === 'tool.changed');
    const execution = plain.request('tool.execute', { name: TOOL.name, arguments: {} });
    const asked = await seen('request of the server', (message) => message.type === 0 && message.method === 'tool.execute');
    secured.send(secured.signed({ id: asked.id, type: 1, result: { status: 'completed', result: { content: [] } } }));
    expect((await execution).result).toMatchObject({ status: 'completed' });
    server.process.signal('SIGTERM');
    await seen('server.draining', (message) => message.method === 'server.draining');
    await secured.client.closed;

    const whole = secured.received.map(({ data }) => secured.readText(data));
    expect(secured.received.every(({ isBinary }) => !isBinary)).toBe(true);
    expect(new Set(whole.map(({ nonce }) => nonce)).size).toBe(whole.length);
    for (const { ts } of whole) expect(Math.abs((ts ?? 0) - Date.now())).toBeLessThan(60_000);
  });
});

describe.each(['signed', 'encrypted'] as const)('in frames, %s', (kind) => {
  const wire = binaryWire();
  let server: TestServer;
  beforeAll(async () => {
    server = await caseServer();
  });

  it('answers, errors, pongs, events, requests, batches and the farewell are, and no counter comes twice', async () => {
    const secured = await SecuredClient.open(server, { encoding: 'binary' }, { capabilities: { batch: true, tools: true } });
    const plain = await server.client();
    const protect = (frame: string | Uint8Array): Buffer =>
      kind === 'signed' ? secured.signedFrame(frame as Uint8Array) : secured.encryptedFrame(frame as Uint8Array);
    const frames = (): Buffer[] => secured.received.flatMap(({ data }) => framesOf(data));
    const read = (): Received[] => frames().flatMap((frame) => wire.read(secured.openFrame(frame), true));
    const seen = (what: string, wants: (message: Received) => boolean): Promise<Received> => eventually(what, () => read().find(wants));
    let id = 1;
    const ask = async (method: string, params: object = {}): Promise<Received> => {
      const own = ++id;
      secured.send(protect(wire.request(own, method, params)));
      return seen(`answer to ${method}`, (message) => message.id === own && (message.type === 1 || message.type === 3));
    };

    expect(await ask('tool.list')).toMatchObject({ type: 1 });
    expect(await ask('tool.list', { odd: 1 })).toMatchObject({ type: 3, error: { code: 4005 } });
    expect(await ask('no.such')).toMatchObject({ type: 3, error: { code: 4004 } });
    expect(await ask('context.get', { context_id: 'none' })).toMatchObject({ type: 3, error: { code: 4009 } });
    expect(await ask('initialize', { name: 'x', version: '1' })).toMatchObject({ type: 3, error: { code: 4000 } });
    const broken = protect(Buffer.from(wire.request(++id, 'tool.list', {})));
    broken.writeUInt8(9, 4); // a version that nobody speaks
    secured.send(broken);
    await seen('error about a broken header', ({ type, error }) => type === 3 && error?.code === 4000);
    const members = Array.from({ length: 5 }, () => protect(wire.request(++id, 'tool.list', { limit: 1 })));
    secured.send(wire.batch(++id, members));
    await seen('answers of a batch', (message) => message.id === id - 1);

    await ask('event.subscribe', { events: ['**'] });
    for (let n = 0; n < 20; n++) await plain.call('event.publish', { event: 'secured.event', data: { n } });
    await seen('events', ({ params }) => (params as { data?: { n: number } } | undefined)?.data?.n === 19);
    await ask('tool.register', { tools: [TOOL] });
    const execution = plain.request('tool.execute', { name: TOOL.name, arguments: {} });
    const asked = await seen('request of the server', ({ type, method }) => type === 0 && method === 'tool.execute');
    secured.send(protect(wire.response(asked.id ?? 0, { status: 'completed', result: { content: [] } })));
    expect((await execution).result).toMatchObject({ status: 'completed' });
    server.process.signal('SIGTERM');
    await seen('server.draining', ({ method }) => method === 'server.draining');
    await secured.client.closed;

    expect(secured.received.every(({ isBinary }) => isBinary)).toBe(true);
    const encrypted = frames().filter((frame) => (frame.readUInt16BE(6) & FLAGS.ENCRYPTED) !== 0);
    const counters = encrypted.map((frame) => frame.readBigUInt64BE(24));
    expect(counters).toEqual(counters.map((_, i) => BigInt(i + 1)));
    // From the first encrypted message on, all are answered encrypted.
    expect(encrypted.length).toBe(kind === 'signed' ? 0 : frames().length);
  });
});
