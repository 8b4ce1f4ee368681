// The server as a client in another language meets it, who has PROTOCOL.md and no code of ours (raw-client.ts): every layer of a
// frame, both ways, over the wire.
import { afterEach, beforeAll, describe, expect, it } from 'vitest';

import { startServer, type TestServer } from '../support/start-server.js';
import { FLAG, METHOD, RawClient, TYPE, type RawFrame } from './raw-client.js';

const LONG = 'a line that comes again and again. '.repeat(6_000); // 210,000 characters
const ECHOED = { text: 'zwölf ✓ 😀', big: 2 ** 53 - 1, small: -(2 ** 40), part: 0.5, yes: true, none: null, list: [1, -1, -200, 70_000] };

let server: TestServer;
const opened: RawClient[] = [];

beforeAll(async () => {
  server = await startServer({ config: { websocket: { rate_limit: { enabled: false } } } });
});
afterEach(() => {
  for (const client of opened.splice(0)) client.socket.terminate();
});

async function connect(): Promise<RawClient> {
  const client = await RawClient.connect(server.wsUrl, server.adminKey);
  opened.push(client);
  return client;
}

async function connected(params: object = {}, protection?: RawClient['protection']): Promise<RawClient> {
  const client = await connect();
  if (protection !== undefined) client.protection = protection;
  expect(await client.initialize(params, protection !== undefined)).toMatchObject({ type: TYPE.response });
  return client;
}

const echo = (client: RawClient, args: object, sending = {}): Promise<RawFrame> =>
  client.ask('tool.execute', { name: 'echo', arguments: args }, sending);
const echoed = ({ body }: RawFrame): unknown => body.result.structured;

describe('a client that was written from the page alone', () => {
  it('is upgraded to binary, and told who it is, what it may do and every method’s number', async () => {
    const client = await connect();
    expect(client.socket.protocol).toBe('mcpw.v1.binary');
    const answer = await client.initialize();
    expect(answer).toMatchObject({ type: TYPE.response, flags: 0, id: 1, method: METHOD['initialize'], batched: false });
    const { body } = answer;
    expect(body).toMatchObject({ version: '1', resumed: false, principal: { tenant: 'default' }, methods: METHOD });
    expect(body.limits).toMatchObject({ max_message_size: 1_048_576, max_batch: 100, max_in_flight: 64, compression_threshold: 1024 });
    expect([body.compression, body.security]).toEqual([undefined, undefined]);
  });

  it('is answered by its sequence id and method, with all that JSON has, and bytes as they are', async () => {
    const client = await connected();
    const answer = await echo(client, { ...ECHOED, bytes: Buffer.of(0, 255, 7) });
    expect(answer).toMatchObject({ type: TYPE.response, flags: 0, id: 2, method: METHOD['tool.execute'] });
    expect(echoed(answer)).toEqual({ ...ECHOED, bytes: Buffer.of(0, 255, 7) });
  });

  it('may send JSON text in a frame, and meta before the body', async () => {
    const client = await connected();
    expect(echoed(await echo(client, ECHOED, { json: true }))).toEqual(ECHOED);
    const meta = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', idempotency_key: 'raw-1' };
    const first = await client.ask('event.publish', { event: 'raw.meta', data: {} }, { meta });
    const again = await client.ask('event.publish', { event: 'raw.meta', data: {} }, { meta, json: true });
    expect([again.type, again.body.cursor]).toEqual([TYPE.response, first.body.cursor]);
  });

  it('is told by the catalog what was wrong, and stays', async () => {
    const client = await connected();
    expect(await client.ask('context.get', { context_id: 'nowhere' })).toMatchObject({
      type: TYPE.error,
      method: METHOD['context.get'],
      body: { code: 4009 },
    });
    expect(await client.ask('no such method')).toMatchObject({ type: TYPE.error, body: { code: 4004 } });
    const { id, bytes } = client.request('tool.list');
    bytes.writeUInt16BE(1, 18);
    client.send(bytes);
    expect(await client.answerTo(id)).toMatchObject({ type: TYPE.error, body: { code: 4000 } });
    client.send(Buffer.from('no frame at all, but bytes'));
    expect(await client.next(({ id: of }) => of === 0)).toMatchObject({ type: TYPE.error, method: 0, body: { code: 4000 } });
    expect((await client.ask('tool.list')).type).toBe(TYPE.response);
  });

  it('pings, and hears events with numbers of the server’s own', async () => {
    const client = await connected();
    const ping = client.ping();
    client.send(ping.bytes);
    expect(await client.answerTo(ping.id)).toMatchObject({
      type: TYPE.pong,
      method: METHOD['pong'],
      body: { timestamp: expect.any(String) },
    });
    const { body } = await client.ask('event.subscribe', { events: ['raw.heard'] });
    for (const n of [1, 2]) await client.ask('event.publish', { event: 'raw.heard', data: { n } });
    const heard = await client.next(({ type, body: event }) => type === TYPE.notification && event.data.n === 2);
    expect(heard).toMatchObject({ method: METHOD['event'], body: { subscription_id: body.subscription_id, event: 'raw.heard' } });
    const sequence = client.frames.filter(({ type }) => type === TYPE.notification).map(({ id }) => id);
    expect(sequence).toEqual(sequence.map((_, i) => i + 1));
  });
});

describe('a batch', () => {
  it.each([undefined, 'signed', 'encrypted'] as const)(
    'of frames that are %s is answered one by one, each for itself',
    async (protection) => {
      const client = await connected({ capabilities: { batch: true } }, protection);
      const members = [
        client.request('tool.execute', { name: 'echo', arguments: { n: 1 } }),
        client.request('context.get', { context_id: 'nowhere' }),
        client.ping(),
        client.request('tool.execute', { name: 'echo', arguments: { n: 4 } }, { json: true }),
      ];
      client.sendBatch(members);
      const answers = await Promise.all(members.map(({ id }) => client.answerTo(id)));
      expect(answers.map(({ type }) => type)).toEqual([TYPE.response, TYPE.error, TYPE.pong, TYPE.response]);
      expect([echoed(answers[0] as RawFrame), echoed(answers[3] as RawFrame)]).toEqual([{ n: 1 }, { n: 4 }]);
      const isProtected = protection === undefined ? 0 : FLAG[protection];
      expect(answers.map(({ flags }) => flags & (FLAG.signed | FLAG.encrypted))).toEqual(answers.map(() => isProtected));
    },
  );

  it('of answers comes to who says that it takes them', async () => {
    const client = await connected({ capabilities: { batch: true } });
    const members = Array.from({ length: 20 }, () => client.ping());
    client.sendBatch(members);
    const answers = await Promise.all(members.map(({ id }) => client.answerTo(id)));
    expect(answers.some(({ batched }) => batched)).toBe(true);
  });
});

describe.each(['gzip', 'zstd'])('%s, where it is agreed', (name) => {
  it.each([undefined, 'signed', 'encrypted'] as const)('makes payloads smaller both ways, %s', async (protection) => {
    const client = await connected({ compression: [name] }, protection);
    const before = client.frames.length;
    const request = client.request('tool.execute', { name: 'echo', arguments: { text: LONG } });
    expect([request.bytes.readUInt16BE(6) & FLAG.compressed, request.bytes.length < 5_000]).toEqual([FLAG.compressed, true]);
    client.send(request.bytes);
    const answer = await client.answerTo(request.id);
    expect(answer.flags).toBe(FLAG.compressed | (protection === undefined ? 0 : FLAG[protection]));
    expect(answer.size).toBeLessThan(5_000);
    expect(echoed(answer)).toEqual({ text: LONG });
    expect(client.frames.length - before).toBe(1);
  });

  it('leaves small payloads as they are, and is not needed for large ones', async () => {
    const client = await connected({ compression: [name] });
    expect((await echo(client, { text: 'short' })).flags).toBe(0);
    expect(echoed(await echo(client, { text: LONG }, { compress: false }))).toEqual({ text: LONG });
  });

  it('brings a context of many items', async () => {
    const client = await connected({ compression: [name] });
    const content = Array.from({ length: 300 }, (_, i) => ({ role: 'user', content: `item ${i}: ${'again and again. '.repeat(20)}` }));
    const created = await client.ask('context.create', { id: `large-${name}`, name: 'large', content });
    expect(created.type).toBe(TYPE.response);
    const { flags, size, body } = await client.ask('context.get', { context_id: `large-${name}`, limit: 300 });
    expect([flags, body.items.length, size < 60_000]).toEqual([FLAG.compressed, 300, true]);
    expect(body.items.map((item: { content: string }) => item.content)).toEqual(content.map((item) => item.content));
  });
});

it('the server chooses one compression of those that the client names, or none', async () => {
  const chosen = async (compression: string[]): Promise<unknown> => (await (await connect()).initialize({ compression })).body.compression;
  expect(await Promise.all([chosen(['gzip']), chosen(['zstd']), chosen(['br']), chosen([])])).toEqual([
    'gzip',
    'zstd',
    undefined,
    undefined,
  ]);
});

describe('with keys of the connection', () => {
  it.each(['signed', 'encrypted'] as const)('frames that are %s are answered so', async (protection) => {
    const client = await connected({}, protection);
    for (const n of [1, 2, 3]) {
      const answer = await echo(client, { n });
      expect([answer.flags, echoed(answer)]).toEqual([FLAG[protection], { n }]);
    }
  });

  it('the server signs until the client encrypts for the first time, and takes either at any time', async () => {
    const client = await connected({}, 'signed');
    expect((await echo(client, { n: 1 })).flags).toBe(FLAG.signed);
    client.protection = 'encrypted';
    expect((await echo(client, { n: 2 })).flags).toBe(FLAG.encrypted);
    client.protection = 'signed';
    expect((await echo(client, { n: 3 })).flags).toBe(FLAG.encrypted);
  });

  it.each(['signed', 'encrypted'] as const)(
    'one bit of a frame that is %s turned, wherever it is, is 4011, and the end',
    async (protection) => {
      for (const at of [15, 30, 40, -1]) {
        const client = await connected({}, protection);
        const { bytes } = client.request('tool.execute', { name: 'echo', arguments: { n: 1 } });
        const place = at < 0 ? bytes.length + at : at;
        bytes[place] = (bytes[place] as number) ^ 1;
        client.send(bytes);
        expect(await client.next(({ type }) => type === TYPE.error)).toMatchObject({ body: { code: 4011 } });
        expect((await client.closed).code).toBe(4401);
      }
    },
  );

  it.each(['signed', 'encrypted'] as const)('a frame that is %s and comes again is 4010, and runs once', async (protection) => {
    const client = await connected({}, protection);
    const { id, bytes } = client.request('event.publish', { event: `raw.${protection}`, data: {} });
    client.send(bytes);
    expect((await client.answerTo(id)).type).toBe(TYPE.response);
    client.send(bytes);
    expect(await client.next(({ type }) => type === TYPE.error)).toMatchObject({ id, body: { code: 4010 } });
    const { body } = await client.ask('event.subscribe', { events: [`raw.${protection}`], since: 'earliest' });
    await client.ask('event.publish', { event: `raw.${protection}`, data: { last: true } });
    await client.next(({ body: event }) => event.subscription_id === body.subscription_id && event.data?.last === true);
    expect(client.frames.filter(({ type }) => type === TYPE.notification)).toHaveLength(2);
  });

  it('a frame without is 4011, and the end', async () => {
    const client = await connected({}, 'signed');
    const plain = await connected();
    client.send(plain.request('tool.list').bytes);
    expect(await client.next(({ type }) => type === TYPE.error)).toMatchObject({ body: { code: 4011 } });
    expect((await client.closed).code).toBe(4401);
  });
});
