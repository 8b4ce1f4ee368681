// The event loop is not anybody's to hold: whatever one peer sends, no other waits for more than 50 ms for it.
import { gzipSync, zstdCompressSync } from 'node:zlib';

import { encodeMsgpack } from '@mcpw/protocol';
import { beforeAll, describe, expect, it } from 'vitest';

import { McpHttp } from '../mcp/support/mcp-http.js';
import { McpSocket } from '../mcp/support/mcp-socket.js';
import { frame } from '../support/binary-wire.js';
import { within } from '../support/deadline.js';
import { createKey } from '../support/keys.js';
import { startServer, type TestServer } from '../support/start-server.js';
import type { TestClient } from '../support/test-client.js';
import { LONGEST_HOLD_MS, longestHold, WATCHED } from './support/event-loop.js';
import { handshake, OPCODE, RawSocket, webSocketFrame } from './support/raw-socket.js';
import { FLAGS } from './support/secured-client.js';

const MB = 1024 * 1024;
/** As much as one message may have, with room for what is around it. */
const ROOM = MB - 1_000;
const EXECUTE = 3;

let server: TestServer;
let secured: { bearer: string };
beforeAll(async () => {
  server = await startServer({
    nodeArgs: WATCHED,
    // No bucket is in the way of the attacker.
    config: { websocket: { rate_limit: { enabled: false }, security: { max_unauthenticated_per_ip: 1000, max_unauthenticated: 1000 } } },
  });
  secured = { bearer: `Bearer ${server.adminKey}` };
  // What every server has done before long.
  await ask(await server.client(), 'tool.execute', { name: 'echo', arguments: { text: 'x'.repeat(1000) } });
});

async function ask(client: TestClient, method: string, params: object): Promise<void> {
  await client.request(method, params);
}

const text = (id: string, method: string, params: string): string => `{"id":"${id}","type":0,"method":"${method}","params":${params}}`;
const echo = (args: string): string => `{"name":"echo","arguments":${args}}`;

/** Sends texts to a connection of its own; each is answered, or ends the connection. */
async function sendTexts(...messages: readonly (string | Buffer)[]): Promise<void> {
  const client = await server.client();
  client.socket.removeAllListeners('message');
  let answers = 0;
  const answered = new Promise<void>((resolve) => {
    client.socket.on('message', () => ++answers === messages.length && resolve());
    client.socket.on('close', () => resolve());
  });
  for (const message of messages) client.send(message, { asText: true });
  await within('answers', answered, 30_000);
  client.terminate();
}

async function sendFrames(initialize: Record<string, unknown>, ...frames: readonly Buffer[]): Promise<void> {
  const client = await server.client({ encoding: 'binary' }, initialize);
  client.socket.removeAllListeners('message');
  let answers = 0;
  const answered = new Promise<void>((resolve) => {
    client.socket.on('message', () => ++answers === frames.length && resolve());
    client.socket.on('close', () => resolve());
  });
  for (const one of frames) client.send(one);
  await within('answers', answered, 30_000);
  client.terminate();
}

const executeFrame = (id: number, payload: Uint8Array, flags = 0): Buffer => frame({ type: 0, id, method: EXECUTE, flags, payload });

/** Names that make an object of as many members as fit in a message. */
function members(count: number, name: (i: number) => string): string {
  const parts: string[] = [];
  let length = 0;
  for (let i = 0; i < count && length < ROOM; i++) {
    const part = `"${name(i)}":0`;
    parts.push(part);
    length += part.length + 1;
  }
  return `{${parts.join(',')}}`;
}

const fill = (piece: string): string => piece.repeat(Math.floor(ROOM / piece.length));

type Attack = readonly [name: string, attack: () => Promise<unknown>];

async function expectNoHold(attack: () => Promise<unknown>): Promise<void> {
  expect(await longestHold(server, attack)).toBeLessThanOrEqual(LONGEST_HOLD_MS);
  await server.client(); // and it still serves
}

describe('one text of a megabyte', () => {
  const cases: readonly Attack[] = [
    ['an object of as many members as fit', () => sendTexts(text('1', 'tool.execute', echo(members(MB, (i) => i.toString(36)))))],
    ['an object of 16,000 members', () => sendTexts(text('1', 'tool.execute', echo(members(16_000, (i) => `member_${i}`))))],
    [
      'a hash-flooding object: names that are numbers far apart',
      () => sendTexts(text('1', 'tool.execute', echo(members(16_000, (i) => String(i * 65_536))))),
    ],
    [
      'a hash-flooding object: names that older hashes map to one value',
      () =>
        sendTexts(
          text(
            '1',
            'tool.execute',
            echo(members(16_000, (i) => i.toString(2).padStart(14, '0').replaceAll('0', 'Aa').replaceAll('1', 'BB'))),
          ),
        ),
    ],
    ['the same name a hundred thousand times', () => sendTexts(text('1', 'tool.execute', echo(members(MB, () => 'a'))))],
    ['objects of one member, each with another name', () => sendTexts(text('1', 'tool.execute', echo(`{"a":[${objects().join(',')}]}`)))],
    ['half a million numbers', () => sendTexts(text('1', 'tool.execute', echo(`{"a":[${fill('0,')}0]}`)))],
    ['empty objects and lists', () => sendTexts(text('1', 'tool.execute', echo(`{"a":[${fill('{},[],')}0]}`)))],
    ['as deep as it goes', () => sendTexts(text('1', 'tool.execute', echo(`{"a":${'['.repeat(ROOM / 2)}${']'.repeat(ROOM / 2)}}`)))],
    ['brackets that are never closed', () => sendTexts('['.repeat(ROOM), `{"a":${'{"a":'.repeat(ROOM / 6)}`)],
    ['one number of a million digits', () => sendTexts(text('1', 'tool.execute', echo(`{"a":${'9'.repeat(ROOM - 100)}}`)))],
    ['a fraction of a million digits', () => sendTexts(text('1', 'tool.execute', echo(`{"a":0.${'3'.repeat(ROOM - 100)}e-300}`)))],
    ['escapes', () => sendTexts(text('1', 'tool.execute', echo(`{"a":"${fill('\\u0001')}"}`)))],
    ['quotes and backslashes without an end', () => sendTexts(`{"a":"${fill('\\\\')}`, `{"a":"${fill('\\"')}`, fill('"'))],
    ['half pairs of UTF-16', () => sendTexts(text('1', 'tool.execute', echo(`{"a":"${fill('\\ud800')}"}`)))],
    ['four-byte letters', () => sendTexts(text('1', 'tool.execute', echo(`{"a":"${'\u{1f600}'.repeat(ROOM / 4 - 100)}"}`)))],
    [
      'an id, a method and a name that long',
      () =>
        sendTexts(
          text('x'.repeat(ROOM), 'a', '{}'),
          text('1', 'x'.repeat(ROOM), '{}'),
          text('2', 'tool.execute', `{"name":"${'x'.repeat(ROOM)}"}`),
        ),
    ],
    [
      'unknown members of params',
      () =>
        sendTexts(
          text(
            '1',
            'tool.list',
            members(16_000, (i) => `odd_${i}`),
          ),
        ),
    ],
    ['a batch whose members are as large as can be', () => sendTexts(`{"id":"b","type":6,"params":{"messages":[${batchOfEchoes()}]}}`)],
    ['with an idempotency key', () => sendTexts(withKey(members(16_000, (i) => `member_${16_000 - i}`)))],
  ];
  it.each(cases)('a text holds up nobody: %s', (_, attack) => expectNoHold(attack));
});

function objects(): string[] {
  return Array.from({ length: 16_000 }, (_, i) => `{"n${i}":{}}`);
}

function batchOfEchoes(): string {
  return Array.from({ length: 100 }, (_, i) =>
    text(`m${i}`, 'tool.execute', echo(members(160, (j) => `m${i}_${j}_${'x'.repeat(40)}`))),
  ).join(',');
}

function withKey(args: string): string {
  return `{"id":"1","type":0,"method":"tool.execute","params":${echo(args)},"meta":{"idempotency_key":"${Math.random()}"}}`;
}

describe('one frame', () => {
  const wide = (count: number): Record<string, number> => Object.fromEntries(Array.from({ length: count }, (_, i) => [`m${i}`, i]));
  const cases: readonly Attack[] = [
    ['with a map of 16,000 members', () => sendFrames({}, executeFrame(2, encodeMsgpack({ name: 'echo', arguments: wide(16_000) })))],
    ['with a map of 90,000 members', () => sendFrames({}, executeFrame(2, encodeMsgpack({ name: 'echo', arguments: wide(90_000) })))],
    [
      'with a million values of a byte',
      () => sendFrames({}, executeFrame(2, encodeMsgpack({ name: 'echo', arguments: { a: new Array(ROOM - 100).fill(0) } }))),
    ],
    [
      'with a quarter of a million values',
      () => sendFrames({}, executeFrame(2, encodeMsgpack({ name: 'echo', arguments: { a: new Array(260_000).fill(0) } }))),
    ],
    ['with lists within lists', () => sendFrames({}, executeFrame(2, Buffer.alloc(ROOM, 0x91)))],
    [
      'with maps that claim four billion members',
      () => sendFrames({}, executeFrame(2, Buffer.from('df'.padEnd(10, 'f'), 'hex')), executeFrame(3, Buffer.from('ddffffffff00', 'hex'))),
    ],
    [
      'with empty maps',
      () => sendFrames({}, executeFrame(2, encodeMsgpack({ name: 'echo', arguments: { a: new Array(260_000).fill({}) } }))),
    ],
    [
      'with a batch of 43,000 empty frames',
      () =>
        sendFrames(
          {},
          frame({ type: 6, id: 2, flags: FLAGS.BATCH, payload: Buffer.concat(new Array<Buffer>(43_000).fill(frame({ type: 4, id: 3 }))) }),
        ),
    ],
    ['with JSON text', () => sendFrames({}, executeFrame(2, Buffer.from(echo(members(16_000, (i) => `member_${i}`))), FLAGS.JSON))],
  ];
  it.each(cases)('a frame holds up nobody: %s', (_, attack) => expectNoHold(attack));
});

describe.each([
  ['gzip', (data: Buffer) => gzipSync(data, { level: 9 })],
  ['zstd', (data: Buffer) => zstdCompressSync(data)],
] as const)('a bomb of %s', (algorithm, compress) => {
  let gigabyte: Buffer;
  let allowed: Buffer;
  beforeAll(() => {
    // A gigabyte of one byte, as members that each are a stream of its own where that is allowed.
    gigabyte = Buffer.concat(new Array<Buffer>(8).fill(compress(Buffer.alloc(128 * MB))));
    allowed = compress(Buffer.from(encodeMsgpack({ name: 'echo', arguments: { a: 'x'.repeat(ROOM - 100) } })));
  });

  it('is not inflated', async () => {
    await expectNoHold(() => sendFrames({ compression: [algorithm] }, executeFrame(2, gigabyte.subarray(0, ROOM), FLAGS.COMPRESSED)));
  });

  it('is refused with 4015', async () => {
    const client = await server.client({ encoding: 'binary' }, { compression: [algorithm] });
    const answer = client.answerTo(2);
    client.send(executeFrame(2, gigabyte.subarray(0, ROOM), FLAGS.COMPRESSED));
    expect((await answer).error?.code).toBe(4015);
  });

  it('in a hundred that each inflate to all that is allowed do not come at once', async () => {
    const members = Array.from({ length: 100 }, (_, i) => executeFrame(i + 2, allowed, FLAGS.COMPRESSED));
    await expectNoHold(async () => {
      const client = await server.client({ encoding: 'binary' }, { compression: [algorithm] });
      const last = client.answerTo(101);
      client.send(frame({ type: 6, id: 200, flags: FLAGS.BATCH, payload: Buffer.concat(members) }));
      await last;
      client.terminate();
    });
  });
});

describe('pieces', () => {
  it('of one byte, as TCP brings them', async () => {
    await expectNoHold(async () => {
      const socket = await RawSocket.open(server);
      await socket.upgrade({ Authorization: secured.bearer });
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
    await expectNoHold(async () => {
      const socket = await RawSocket.open(server);
      await socket.upgrade({ Authorization: secured.bearer });
      socket.write(pieces);
      await within('close', socket.closed, 20_000);
      // 1008: in too many pieces.
      expect(socket.text).toContain('\x03\xf0');
    });
  });

  it('of one large frame, in many small packets', async () => {
    await expectNoHold(async () => {
      const socket = await RawSocket.open(server);
      await socket.upgrade({ Authorization: secured.bearer });
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
    await expectNoHold(async () => {
      const sockets = await Promise.all(Array.from({ length: 200 }, () => RawSocket.open(server)));
      const head = handshake({ Authorization: secured.bearer });
      for (let at = 0; at < 40; at++) {
        for (const socket of sockets) socket.write(head[at] ?? '');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      for (const socket of sockets) socket.end();
    });
  });

  it('a flood of empty messages, pings and pongs', async () => {
    await expectNoHold(async () => {
      const socket = await RawSocket.open(server);
      await socket.upgrade({ Authorization: secured.bearer });
      socket.socket.pause();
      socket.write(Buffer.concat(new Array<Buffer>(30_000).fill(webSocketFrame('', { opcode: OPCODE.PING }))));
      socket.write(Buffer.concat(new Array<Buffer>(30_000).fill(webSocketFrame('', { opcode: OPCODE.PONG }))));
      socket.write(Buffer.concat(new Array<Buffer>(30_000).fill(webSocketFrame(''))));
      await server.client();
      socket.end();
    });
  });
});

describe('a tool of an attacker', () => {
  let number = 0;
  const tryTool = async (inputSchema: object, args: unknown): Promise<void> => {
    const agent = await server.client({}, { capabilities: { tools: true } });
    const name = `attack_${++number}`;
    const { error } = await agent.request('tool.register', { tools: [{ name, description: 'x', inputSchema }] });
    if (error === undefined) {
      const caller = await server.client();
      const call = caller.request('tool.execute', { name, arguments: args }).catch(() => undefined);
      await Promise.race([call, agent.nextRequest('tool.execute')]);
      caller.terminate();
    } else expect(error.code).toBe(4005);
    await agent.close();
  };
  const patterns = [
    '^(a+)+$',
    '^(a|a)*$',
    '^(a*)*b$',
    '(.*a){20}$',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    '(x+x+)+y',
    'a{0,1000}a{0,1000}$',
    '^(?=(a+))\\1b$',
  ];
  const matched = ['a'.repeat(50_000) + '!', 'x'.repeat(50_000), `${'a'.repeat(30)}!`];

  it.each(patterns)('with the pattern %s holds up nobody', async (pattern) => {
    await expectNoHold(async () => {
      for (const value of matched) await tryTool({ type: 'object', properties: { v: { type: 'string', pattern } } }, { v: value });
      await tryTool({ type: 'object', patternProperties: { [pattern]: { type: 'number' } } }, { [matched[0] ?? '']: 1 });
    });
  });

  const doubling = (depth: number): object =>
    Object.fromEntries(
      Array.from({ length: depth }, (_, i) => [
        `d${i}`,
        i === 0 ? { type: 'string' } : { allOf: [{ $ref: `#/$defs/d${i - 1}` }, { $ref: `#/$defs/d${i - 1}` }] },
      ]),
    );
  const nested = (depth: number): object =>
    depth === 0 ? { type: 'string' } : { anyOf: [nested(depth - 1), { properties: { a: nested(0) } }] };
  const schemas: readonly (readonly [string, object, unknown])[] = [
    ['references that double', { $defs: doubling(40), properties: { v: { $ref: '#/$defs/d39' } } }, { v: 'x' }],
    ['alternatives within alternatives', { properties: { v: nested(25) } }, { v: 5 }],
    ['a reference to itself', { $defs: { a: { $ref: '#/$defs/a' } }, properties: { v: { $ref: '#/$defs/a' } } }, { v: 1 }],
    [
      'a tree of itself, with a deep argument',
      { properties: { v: { anyOf: [{ $ref: '#' }, { $ref: '#' }, { type: 'string' }] } } },
      { v: deep(60) },
    ],
    [
      'ten thousand properties',
      { properties: Object.fromEntries(Array.from({ length: 4_000 }, (_, i) => [`p${i}`, { type: 'string', minLength: 1 }])) },
      wideArgs(4_000),
    ],
    ['items that are to be unique', { properties: { v: { uniqueItems: true } } }, { v: Array.from({ length: 40_000 }, (_, i) => ({ i })) }],
    [
      'a long list of allowed values',
      { properties: { v: { items: { enum: Array.from({ length: 5_000 }, (_, i) => ({ i })) } } } },
      { v: Array.from({ length: 5_000 }, () => ({ i: -1 })) },
    ],
    [
      'a list that is to contain something',
      { properties: { v: { contains: nested(20), minContains: 1e9 } } },
      { v: new Array(100_000).fill(0) },
    ],
  ];
  it.each(schemas)('with %s holds up nobody', async (_, schema, args) => {
    await expectNoHold(() => tryTool({ type: 'object', ...schema }, args));
  });

  it('with a schema that is too large is refused', async () => {
    const agent = await server.client({}, { capabilities: { tools: true } });
    const large = { type: 'object', properties: Object.fromEntries(Array.from({ length: 12_000 }, (_, i) => [`p${i}`, {}])) };
    const { error } = await agent.request('tool.register', { tools: [{ name: 'large', description: 'x', inputSchema: large }] });
    expect(error?.code).toBe(4005);
  });
});

function deep(levels: number): object {
  return levels === 0 ? {} : { v: deep(levels - 1) };
}

function wideArgs(count: number): object {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, 'x']));
}

describe('a question', () => {
  const cases: readonly Attack[] = [
    ['context.search for ten thousand words', async () => ask(await server.client(), 'context.search', { query: 'word '.repeat(10_000) })],
    [
      'context.search in the syntax of the index',
      async () => ask(await server.client(), 'context.search', { query: '"a* NEAR(" OR '.repeat(60) }),
    ],
    ['tool.list for a megabyte', async () => ask(await server.client(), 'tool.list', { query: fill('echo ') })],
    ['context.list for a prefix of wildcards', async () => ask(await server.client(), 'context.list', { name_prefix: '%_*?['.repeat(50) })],
    [
      'event.subscribe with a filter as wide as can be',
      async () =>
        ask(await server.client(), 'event.subscribe', {
          events: ['**'],
          filter: { $or: Array.from({ length: 60_000 }, (_, i) => ({ a: i })) },
        }),
    ],
    [
      'event.subscribe with a filter as deep as can be',
      async () => sendTexts(text('1', 'event.subscribe', `{"events":["**"],"filter":${'{"$not":'.repeat(60)}{}${'}'.repeat(60)}}`)),
    ],
    [
      'event.subscribe with ten thousand patterns',
      async () => ask(await server.client(), 'event.subscribe', { events: Array.from({ length: 10_000 }, (_, i) => `**.a${i}.**.b.**`) }),
    ],
    [
      'context.update with a patch of many names',
      async () => {
        const client = await server.client();
        const { id } = await client.call('context.create', { name: 'x' });
        await ask(client, 'context.update', { id, metadata: Object.fromEntries(Array.from({ length: 16_000 }, (_, i) => [`m${i}`, i])) });
      },
    ],
    [
      'context.create with a text that no tokenizer likes',
      async () => ask(await server.client(), 'context.create', { name: 'x', content: 'a'.repeat(ROOM - 1_000) }),
    ],
    [
      'context.create with ten thousand items',
      async () =>
        ask(await server.client(), 'context.create', {
          name: 'x',
          content: Array.from({ length: 10_000 }, () => ({ role: 'user', content: 'x' })),
        }),
    ],
  ];
  it.each(cases)('a question holds up nobody: %s', (_, attack) => expectNoHold(attack));

  it('patterns and events that fit each other in every way', async () => {
    const { key } = await createKey(server, { tenant: 'patterns' });
    const client = await server.client({ key });
    const events = Array.from({ length: 1_000 }, (_, i) => `**.a.**.a.**.a.**.b${i}`);
    for (let i = 0; i < 8; i++) await client.request('event.subscribe', { events });
    const event = new Array(60).fill('a').join('.');
    await expectNoHold(() => client.request('event.publish', { event: event.slice(0, 200), data: {} }));
  });

  it('filters and an event that fit each other in no way', async () => {
    const { key } = await createKey(server, { tenant: 'filters' });
    const client = await server.client({ key });
    const filter = { $or: Array.from({ length: 90 }, (_, i) => ({ 'a.b.c.d.e.f.g.h': { $in: [i, `${i}`, null, true] } })) };
    for (let i = 0; i < 60; i++) await client.request('event.subscribe', { events: ['x.y'], filter });
    const list = (depth: number): unknown =>
      depth === 0 ? 0 : Array.from({ length: 3 }, () => ({ ['abcdefgh'.at(-depth) ?? 'a']: list(depth - 1) }));
    await expectNoHold(() => client.request('event.publish', { event: 'x.y', data: { a: list(7) } }));
  });
});

describe('an HTTP request', () => {
  const cases: readonly Attack[] = [
    ['with a header that is one long word', () => handshakes({ Authorization: `Bearer${'x'.repeat(15_000)}` })],
    ['with a header of blanks', () => handshakes({ Authorization: `Bearer${' '.repeat(15_000)}x` })],
    [
      'with a list of subprotocols of commas',
      () => handshakes({ Authorization: secured.bearer, 'Sec-WebSocket-Protocol': 'a,'.repeat(7_000) + 'a' }),
    ],
    [
      'with a chain of proxies',
      () => handshakes({ Authorization: secured.bearer, 'X-Forwarded-For': '1.1.1.1,'.repeat(1_800) + '1.1.1.1' }),
    ],
    [
      'with cookies and an origin of nonsense',
      () => handshakes({ Authorization: secured.bearer, Cookie: '=;'.repeat(5_000), Origin: `http://${'a.'.repeat(2_000)}` }),
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
  it.each(cases)('a request holds up nobody: %s', (_, attack) => expectNoHold(attack));

  async function handshakes(headers: Readonly<Record<string, string>>): Promise<void> {
    const sockets = await Promise.all(Array.from({ length: 10 }, () => RawSocket.open(server)));
    for (const socket of sockets) socket.write(handshake(headers));
    await Promise.all(sockets.map((socket) => socket.until((received) => received.includes('\r\n\r\n'))));
    for (const socket of sockets) socket.end();
  }
});
