// PROTOCOL.md §2 and §7: envelopes, batches, and what a bad message is answered.
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { resolve } from 'node:path';

import { METHOD_NUMBERS } from '@mcpw/protocol';
import { beforeAll, describe, expect, it } from 'vitest';

import { frame } from '../support/binary-wire.js';
import { createKey } from '../support/keys.js';
import { BATCH, ENCODINGS, ERROR, REQUEST } from '../support/message.js';
import { sharedServer, startServer, type TestServer } from '../support/start-server.js';
import type { TestClient } from '../support/test-client.js';

const SLOW_SERVER = resolve(import.meta.dirname, '../support/fixtures/slow-server.js');

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ config: { websocket: { rate_limit: { enabled: false } } } });
});

const nested = (depth: number): string => `${'['.repeat(depth)}1${']'.repeat(depth)}`;
const echo = (id: string, args: string): string =>
  `{"id":"${id}","type":0,"method":"tool.execute","params":{"name":"echo","arguments":${args}}}`;

describe('a bad message is answered with its error and the connection stays', () => {
  let client: TestClient;
  beforeAll(async () => {
    client = await server.client();
  });

  const cases: [what: string, message: string, code: number, id: string][] = [
    ['not JSON', 'hello', 4000, ''],
    ['half of a JSON', '{"id":"1","type":0', 4000, ''],
    ['an array', '[]', 4000, ''],
    ['a null', 'null', 4000, ''],
    ['an empty message', '', 4000, ''],
    ['no id', '{"type":0,"method":"tool.list"}', 4000, ''],
    ['an empty id', '{"id":"","type":0,"method":"tool.list"}', 4000, ''],
    ['a number as id', '{"id":1,"type":0,"method":"tool.list"}', 4000, ''],
    ['an id of 129 characters', `{"id":"${'x'.repeat(129)}","type":0,"method":"tool.list"}`, 4000, ''],
    ['an unknown type', '{"id":"t1","type":7,"method":"tool.list"}', 4000, 't1'],
    ['a type that is text', '{"id":"t2","type":"0","method":"tool.list"}', 4000, 't2'],
    ['no type', '{"id":"t3","method":"tool.list"}', 4000, 't3'],
    ['no method', '{"id":"t4","type":0}', 4000, 't4'],
    ['a method that is a number', '{"id":"t5","type":0,"method":5}', 4000, 't5'],
    ['params that are an array', '{"id":"t6","type":0,"method":"tool.list","params":[]}', 4000, 't6'],
    ['an unknown method', '{"id":"t7","type":0,"method":"tool.nope"}', 4004, 't7'],
    ['the name of an object’s member as method', '{"id":"t8","type":0,"method":"constructor"}', 4004, 't8'],
    ['__proto__ as method', '{"id":"t9","type":0,"method":"__proto__"}', 4004, 't9'],
    ['unknown params', '{"id":"u1","type":0,"method":"tool.list","params":{"nope":1}}', 4005, 'u1'],
    ['__proto__ in params', '{"id":"u2","type":0,"method":"tool.list","params":{"__proto__":{"limit":1}}}', 4005, 'u2'],
    ['constructor in params', '{"id":"u3","type":0,"method":"tool.list","params":{"constructor":{"prototype":{"x":1}}}}', 4005, 'u3'],
    ['a wrong type in params', '{"id":"u4","type":0,"method":"tool.list","params":{"limit":"10"}}', 4005, 'u4'],
    ['a huge number in params', '{"id":"u5","type":0,"method":"tool.list","params":{"limit":1e308}}', 4005, 'u5'],
    ['nesting of 65', `{"id":"n1","type":0,"method":"tool.execute","params":{"name":"echo","arguments":{"a":${nested(64)}}}}`, 4000, 'n1'],
    ['nesting of 100,000', echo('n2', `{"a":${nested(100_000)}}`), 4000, 'n2'],
    ['more values than a message may have', echo('v1', `{"a":[${'1,'.repeat(70_000)}1]}`), 4015, 'v1'],
    ['meta that is text', '{"id":"m1","type":0,"method":"tool.list","meta":"x"}', 4000, 'm1'],
    ['a negative timeout', '{"id":"m2","type":0,"method":"tool.list","meta":{"timeout_ms":-1}}', 4000, 'm2'],
    [
      'an idempotency key of 129 characters',
      `{"id":"m3","type":0,"method":"tool.list","meta":{"idempotency_key":"${'k'.repeat(129)}"}}`,
      4000,
      'm3',
    ],
    [
      'a batch in a batch',
      '{"id":"b1","type":6,"params":{"messages":[{"id":"b2","type":6,"params":{"messages":[{"id":"x","type":4}]}}]}}',
      4000,
      'b2',
    ],
    ['an empty batch', '{"id":"b3","type":6,"params":{"messages":[]}}', 4000, 'b3'],
    [
      'a batch of 101',
      `{"id":"b4","type":6,"params":{"messages":[${Array.from({ length: 101 }, (_, i) => `{"id":"y${i}","type":4}`).join()}]}}`,
      4000,
      'b4',
    ],
    ['a second initialize', '{"id":"i1","type":0,"method":"initialize","params":{"name":"x","version":"1"}}', 4000, 'i1'],
    ['a ts of an hour ago', `{"id":"r1","type":0,"method":"tool.list","ts":${Date.now() - 3_600_000}}`, 4010, 'r1'],
    ['a nonce that is too short', '{"id":"r2","type":0,"method":"tool.list","nonce":"x"}', 4000, 'r2'],
  ];

  it.each(cases)('%s', async (_, message, code, id) => {
    const answer = client.answerTo(id);
    client.send(message);
    expect((await answer).error).toMatchObject({ code, message: expect.stringMatching(/\w/) });
    await expect(client.call('tool.execute', { name: 'echo', arguments: {} })).resolves.toMatchObject({ status: 'completed' });
  });

  it('an id that has come before: 4010, and nothing runs', async () => {
    const answer = client.answerTo('again');
    client.send('{"id":"again","type":0,"method":"context.create","params":{"id":"once","name":"x"}}');
    expect((await answer).error).toBeUndefined();
    const second = client.answerTo('again');
    client.send('{"id":"again","type":0,"method":"context.delete","params":{"context_id":"once"}}');
    expect((await second).error).toMatchObject({ code: 4010 });
    await expect(client.call('context.get', { context_id: 'once' })).resolves.toMatchObject({ version: 1 });
  });

  it('a nonce that has come before: 4010', async () => {
    const first = client.answerTo('nonce-1');
    client.send('{"id":"nonce-1","type":0,"method":"tool.list","nonce":"0123456789"}');
    expect((await first).error).toBeUndefined();
    const second = client.answerTo('nonce-2');
    client.send('{"id":"nonce-2","type":0,"method":"tool.list","nonce":"0123456789"}');
    expect((await second).error).toMatchObject({ code: 4010 });
  });

  it('keys named __proto__ and constructor come back as what they are, and change nothing', async () => {
    const answer = client.answerTo('proto');
    client.send(echo('proto', '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'));
    const { result } = await answer;
    expect(JSON.parse(result.result.content[0].text)).toEqual(
      JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
    );
    expect((await client.call('tool.execute', { name: 'echo', arguments: {} })).result.structured).toEqual({});
  });

  it('unknown members of the envelope are ignored', async () => {
    const answer = client.answerTo('extra');
    client.send('{"id":"extra","type":0,"method":"tool.list","jsonrpc":"2.0","unknown":{"a":1}}');
    expect((await answer).result.tools.length).toBeGreaterThan(0);
  });
});

describe('messages that the socket itself cannot take', () => {
  it('one byte over max_message_size: 1009', async () => {
    const small = await startServer({ config: { websocket: { max_message_size: 2048, security: { max_frame_size: 2048 } } } });
    const client = await small.client();
    const frame = (size: number): string => echo('big', `{"a":"${'x'.repeat(size - echo('big', '{"a":""}').length)}"}`);
    const fits = client.answerTo('big');
    client.send(frame(2048));
    expect((await fits).error).toBeUndefined();
    client.send(frame(2049));
    expect(await client.closed).toMatchObject({ code: 1009, reason: expect.stringContaining('2048') });
    await small.client();
  });

  it('a frame over max_frame_size: 1009, though its message would fit', async () => {
    const small = await startServer({ config: { websocket: { max_message_size: 8192, security: { max_frame_size: 1024 } } } });
    const fragmented = await small.client();
    const text = echo('parts', `{"a":"${'x'.repeat(3000)}"}`);
    const answer = fragmented.answerTo('parts');
    for (let at = 0; at < text.length; at += 1000) fragmented.socket.send(text.slice(at, at + 1000), { fin: at + 1000 >= text.length });
    expect((await answer).error).toBeUndefined();
    const whole = await small.client();
    whole.send(text);
    expect(await whole.closed).toMatchObject({ code: 1009, reason: expect.stringContaining('1024') });
  });

  it('a text message that is not UTF-8: 1007', async () => {
    const client = await server.client();
    client.send(Buffer.from([0x22, 0xff, 0xfe, 0x22]), { asText: true });
    expect(await client.closed).toMatchObject({ code: 1007, reason: expect.stringMatching(/\w/) });
  });
});

describe.each(ENCODINGS)('before initialize, in %s', (encoding) => {
  it('a request gets 4013', async () => {
    const client = await server.connect({ encoding });
    expect((await client.request('tool.list')).error).toMatchObject({ code: 4013 });
    expect((await client.request('tool.nope')).error).toMatchObject({ code: 4013 });
    await client.initialize();
    await client.call('tool.list');
  });

  it('initialize with wrong params gets 4005 and may be tried again', async () => {
    const client = await server.connect({ encoding });
    expect((await client.request('initialize', { name: '' })).error).toMatchObject({ code: 4005, data: { errors: expect.any(Array) } });
    await client.initialize();
  });
});

describe('numbers of frames from the server', () => {
  const headerOf = async (client: TestClient, message: Uint8Array): Promise<Buffer> => {
    const answer = once(client.socket, 'message') as Promise<[Buffer]>;
    client.send(message);
    return (await answer)[0].subarray(0, 24);
  };

  it.each([99, 0x1000, 14, 8])('an error about a method that is not there bears its number: %i', async (method) => {
    const client = await server.client({ encoding: 'binary' });
    const header = await headerOf(client, frame({ type: REQUEST, id: 40, method }));
    expect([header.readUInt8(5), header.readBigUInt64BE(8), header.readUInt16BE(16)]).toEqual([ERROR, 40n, method]);
  });

  it('an error about a frame that is refused for its header bears its number', async () => {
    const client = await server.client({ encoding: 'binary' });
    const header = await headerOf(client, frame({ type: REQUEST, id: 41, method: 77, flags: 0x4000 }));
    expect([header.readUInt8(5), header.readBigUInt64BE(8), header.readUInt16BE(16)]).toEqual([ERROR, 41n, 77]);
  });

  it('a batch has neither sequence id nor method', async () => {
    const client = await server.client({ encoding: 'binary' }, { capabilities: { batch: true } });
    const members = [42, 43].map((id) => frame({ type: REQUEST, id, method: METHOD_NUMBERS['tool.list'] }));
    const header = await headerOf(client, frame({ type: BATCH, id: 44, flags: 0x0004, payload: Buffer.concat(members) }));
    expect([header.readUInt8(5), header.readBigUInt64BE(8), header.readUInt16BE(16)]).toEqual([BATCH, 0n, 0]);
  });
});

describe('pings', () => {
  it('a ping is answered with a pong that bears its id and the time', async () => {
    const client = await server.client();
    const pong = client.answerTo('p1');
    client.send('{"id":"p1","type":4}');
    const { result, type } = await pong;
    expect(type).toBe(5);
    expect(Math.abs(Date.parse(result.timestamp) - Date.now())).toBeLessThan(5000);
    expect(result.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });
});

/** Requests that reach the server in one piece. */
function atOnce(client: TestClient, count: number): Promise<unknown>[] {
  const tcp = (client.socket as unknown as { _socket: Socket })._socket;
  tcp.cork();
  const answers = Array.from({ length: count }, (_, i) => client.call('tool.execute', { name: 'echo', arguments: { i } }));
  tcp.uncork();
  return answers;
}

describe.each(ENCODINGS)('batches in %s', (encoding) => {
  it('members are handled as if sent one by one, and one that fails does not touch the others', async () => {
    const client = await server.client({ encoding });
    const answers = await client.batch([
      ['context.create', { id: `batch-${encoding}`, name: 'x' }],
      ['tool.nope'],
      ['context.update', { context_id: `batch-${encoding}`, content: 'hello' }],
      ['tool.list', { limit: -1 }],
      ['context.get', { context_id: 'nothing' }],
    ]);
    expect(answers.map(({ error }) => error?.code)).toEqual([undefined, 4004, undefined, 4005, 4009]);
    expect(answers[2]?.result.version).toBe(2);
  });

  it('a member may be about what the one before it makes, also where it is long', async () => {
    const client = await server.client({ encoding });
    const id = `batch-long-${encoding}`;
    const answers = await client.batch([
      ['context.create', { id, name: 'x' }],
      ['context.update', { context_id: id, content: 'some words, and more of them. '.repeat(1_000) }],
    ]);
    expect(answers.map(({ error }) => error)).toEqual([undefined, undefined]);
    expect(answers[1]?.result).toMatchObject({ version: 2, item_count: 1 });
  });

  it('answers come in batches to who takes them, and singly to who does not', async () => {
    const taker = await server.client({ encoding }, { capabilities: { batch: true } });
    await Promise.all(atOnce(taker, 5));
    expect(taker.messages.filter(({ batched }) => batched).length).toBeGreaterThan(1);
    const single = await server.client({ encoding });
    await Promise.all(atOnce(single, 5));
    expect(single.messages.some(({ batched }) => batched)).toBe(false);
  });
});

const FOUR_AT_ONCE = { main: SLOW_SERVER, config: { websocket: { max_in_flight: 4, rate_limit: { enabled: false } } } };

describe.each(ENCODINGS)('concurrency in %s', (encoding) => {
  it('beyond max_in_flight the server stops reading, and loses nothing', async () => {
    const slow = await sharedServer(FOUR_AT_ONCE);
    const client = await slow.client({ encoding });
    const answers = Array.from({ length: 40 }, (_, i) => client.request('test.slow', { ms: 20, value: i }));
    const results = await Promise.all(answers);
    expect(results.map(({ result }) => result.value)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(Math.max(...results.map(({ result }) => result.at_once))).toBe(4);
  });
});

describe.each(ENCODINGS)('notifications in %s', (encoding) => {
  it('count among what is in flight, and what they run is aborted when the connection ends', async () => {
    const slow = await sharedServer(FOUR_AT_ONCE);
    const client = await slow.client({ encoding });
    for (let i = 0; i < 4; i++) client.notify('test.slow', { ms: 600, value: `first-${i}` });
    const begin = performance.now();
    await client.call('tool.list');
    expect(performance.now() - begin).toBeGreaterThan(400);
    for (let i = 0; i < 3; i++) client.notify('test.slow', { ms: 20_000, value: `last-${encoding}-${i}` });
    await client.call('tool.list');
    client.terminate();
    for (let i = 0; i < 3; i++) await slow.printed(new RegExp(`slow last-${encoding}-${i} aborted`));
  });
});

describe.each(ENCODINGS)('scopes in %s', (encoding) => {
  it('every method but the session’s own needs its scope: 4012 names it', async () => {
    const { key } = await createKey(server, { scopes: ['unrelated:scope'] });
    const client = await server.client({ key, encoding });
    const needs: Record<string, [string, object]> = {
      'tool.list': ['tools:read', {}],
      'tool.execute': ['tools:execute', { name: 'echo' }],
      'tool.register': ['tools:register', { tools: [] }],
      'tool.unregister': ['tools:register', { names: [] }],
      'context.create': ['contexts:write', { name: 'x' }],
      'context.get': ['contexts:read', { context_id: 'x' }],
      'context.update': ['contexts:write', { context_id: 'x' }],
      'context.list': ['contexts:read', {}],
      'context.delete': ['contexts:write', { context_id: 'x' }],
      'context.search': ['contexts:read', { query: 'x' }],
      'event.subscribe': ['events:read', { events: ['*'] }],
      'event.unsubscribe': ['events:read', {}],
      'event.publish': ['events:publish', { event: 'a.b', data: {} }],
      'session.ack': ['events:read', { cursors: {} }],
    };
    for (const [method, [scope, params]] of Object.entries(needs)) {
      expect((await client.request(method, params)).error, method).toMatchObject({ code: 4012, data: { scope } });
    }
  });
});
